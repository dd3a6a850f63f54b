"""Lines that a parser takes and the reader does not, as they were meant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from bot.knowledge.yaml.key_names import bare
from bot.knowledge.yaml.lines import is_field, item, parts, quote, start, unsmart, width
from bot.knowledge.yaml.slips import BULLETS, ODD, flow_list, surely_mended

_ADDRESS = r"(?:https?://|mailto:)[^\s)\]>\"'”»]++"
_MARKDOWN = re.compile(rf"!?\[([^\]]*+)(?:\]\(({_ADDRESS})[^)\[]*+\))?")
_BARE = re.compile(rf"(?<![\s:(<–\"'-])[\s:(<–\"'-]*+({_ADDRESS})")
_MONTHS = re.findall(r"\w+", "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre")


def has_address(text: str) -> bool:
    return re.search(_ADDRESS, text) is not None


def renamed(line: str, key: str, name: str) -> str:
    return re.sub(rf"{re.escape(key)}(?=[\"']?\s*:)", name, line, count=1)


def one_text(lines: Sequence[str], number: int, value: object) -> str:
    """The line as one text in quotes, with the lines that go on with it; empty where it is no simple line."""
    line = lines[number - 1]
    if line.rstrip().endswith(":") and not line.lstrip().startswith("- "):
        return "\n".join([f"{line.rstrip()} |", *_block(lines, number)])
    if isinstance(value, list):
        return _unnested(line)
    whole = item(line)
    if whole is None:
        return _unflowed(line)
    alone = isinstance(value, dict) and len(value) == 1
    text = " ".join([whole.value, *(line.strip() for line in _block(lines, number) if alone)])
    return whole.with_value(quote(unsmart(text) or text))


def _unflowed(line: str) -> str:
    whole = parts(line)
    return whole.with_value(flow_list(whole.value)) if whole.value.startswith("[") else ""


def _unnested(line: str) -> str:
    nested = re.fullmatch(r"( *+- )(?:- ++)+(?!- )(.*)", line)
    if nested:
        return f"{nested[1]}{quote(nested[2])}"
    return parts(line).quoted if parts(line).value else ""


def listed(lines: Sequence[str], number: int, value: object, names: Sequence[str]) -> str:
    """A key whose one text or mapping should be a list: the key, and below it the items.

    `names` are the keys of such an item, if it has keys; empty where nothing sensible can be made of it.
    """
    line = lines[number - 1]
    links = {"title", "url"} <= set(names)
    if isinstance(value, dict):
        fits = not names or not value.keys().isdisjoint(names)
        return "\n".join([line, *_dashed(lines, number, bool(names))]) if fits else ""
    if not isinstance(value, str) or (names and not links):
        return ""
    if parts(line).value.startswith("["):
        return parts(line).with_value(f"[{flow_list(parts(line).value)}]")
    if (whole := item(line)) and not is_field(whole.value):
        return whole.with_value(flow_list(value))
    below = line.rstrip().endswith(":")
    head = line.rstrip() if below else parts(line).before.rstrip()
    texts = [text for one in _block(lines, number) for text in _items(one)] if below else _items(value)
    margin = " " * (start(line) + 2)
    found = [_link(f"{margin}- ", one) if links else f"{margin}- {_quoted(one)}" for one in texts]
    return "\n".join([head, *found]) if head.endswith(":") and all(found) else ""


def _quoted(text: str) -> str:
    return text if re.fullmatch(r"\"[^\"\\]*\"|'[^']*'", text) else quote(text)


def _items(value: str) -> list[str]:
    """One text that holds several: a line each, or short ones between commas."""
    value = value.strip().strip(ODD)
    if "\n" in value:
        found = value.split("\n")
    elif re.match(rf"[-{BULLETS}]\s", value):
        found = re.split(rf"[\s{ODD}][-{BULLETS}]\s", value)
    else:
        found = [value] if "?" in value else re.split(r"[,;]\s", value)
    return [one for part in found if (one := part.strip().lstrip(f"-{BULLETS}{ODD} ").strip("[] "))]


def fields(lines: Sequence[str], number: int) -> str:
    """`id = a` or `id:a` in a line and those below it: as keys with a colon; empty where they do not look so."""
    first, mended = surely_mended(lines[number - 1])
    block = _block(lines, number)
    below = [line if line.lstrip().startswith("- ") else surely_mended(line)[1] for line in block]
    return "\n".join([mended, *below]) if first else ""


def kebab(line: str) -> str:
    whole = parts(line)
    return whole.with_value(re.sub(r"[^a-z0-9]+", "-", bare(whole.value).casefold()).strip("-"))


def schemed(line: str) -> str:
    """`www.example.org` with https:// before it; empty for another scheme."""
    whole = parts(line)
    address = whole.value.strip("\"'")
    return whole.with_value(quote(f"https://{address}")) if re.match(r"[\w-]+(\.[\w-]+)+(/|$)", address) else ""


def _dashed(lines: Sequence[str], number: int, links: bool) -> list[str]:
    block = _block(lines, number)
    margin = min((width(line) for line in block), default=0)
    if links:
        return [" " * margin + ("  " if n else "- ") + line[margin:] for n, line in enumerate(block)]
    return [" " * margin + "- " + quote(line.strip()) for line in block]


def link(line: str) -> str:
    """`- [Title](https://…)`, `- Title : https://…` or `- https://…` as title and address.

    Of a line with its key, `links: [https://…, https://…]`, all items.
    """
    whole = item(line)
    if whole:
        return _link(whole.before, whole.value)
    key, margin = parts(line), " " * (start(line) + 2)
    found = [_link(f"{margin}- ", one) for one in _items(key.value) if has_address(one)]
    return "\n".join([key.before.rstrip(), *found])


def _link(begin: str, text: str) -> str:
    title, url = _linked(text)
    if not url:
        return ""
    title = title.strip(" \"'«»“”[]\u00a0:") or re.sub(r"(?s)^\w+:(//)?(www\.)?|/.*", "", url)
    return f"{begin}title: {quote(title)}\n{' ' * len(begin)}url: {quote(url)}"


def _linked(text: str) -> tuple[str, str]:
    """What stands before an address, and the address; nothing where there is none."""
    marked = next((found for found in _MARKDOWN.finditer(text) if found[2]), None)
    if marked:
        return marked[1], marked[2]
    bare_one = _BARE.search(text)
    return (text[: bare_one.start()], bare_one[1]) if bare_one else ("", "")


def dated(line: str) -> str:
    """A day as people write it, as YYYY-MM-DD; empty where it cannot be told."""
    whole = parts(line)
    day = _day(whole.value.strip("\"'"))
    return whole.with_value(day.isoformat()) if day else ""


def _day(text: str) -> date | None:
    plain = bare(text).casefold().replace("1er", "1")
    for number, month in enumerate(_MONTHS, 1):
        plain = plain.replace(month, f"/{number}/")
    figures = re.findall(r"\d+", plain)
    if len(figures) < 3:
        return None
    try:
        numbers = [int(figure) for figure in figures[:3]]
        year, month_, day = numbers if numbers[0] > 31 else numbers[::-1]
        return date(year + 2000 if year < 100 else year, month_, day)
    except (ValueError, OverflowError):
        return None


def _block(lines: Sequence[str], number: int) -> list[str]:
    """The lines that stand deeper than this one, right after it."""
    own = width(lines[number - 1])
    found = []
    for line in lines[number:]:
        if line.strip() and width(line) <= own:
            break
        found.append(line)
    return [line for line in found if line.strip()]
