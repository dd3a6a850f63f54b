"""Lines that a parser takes and the reader does not, as they were meant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from bot.yamltext.lines import item, parts, quote, start, width
from bot.yamltext.slips import BULLETS, ODD

_ADDRESS = r"(?:https?://|mailto:)[^\s)\]>\"'”»]+"
_MARKDOWN = re.compile(rf"!?\[([^\]]*)\]\(({_ADDRESS})[^)]*\)")
_BARE = re.compile(rf"(.*?)[\s:(<–\"'-]*({_ADDRESS}).*")
_MONTHS = re.findall(r"\w+", "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre")


def has_address(text: str) -> bool:
    return re.search(_ADDRESS, text) is not None


def renamed(line: str, key: str, name: str) -> str:
    return re.sub(rf"{re.escape(key)}(?=[\"']?\s*:)", name, line, count=1)


def one_text(lines: Sequence[str], number: int, value: object) -> str:
    """The line as one text in quotes, with the lines that go on with it; empty where it is no simple line."""
    line = lines[number - 1]
    whole = item(line)
    if isinstance(value, list):
        nested = re.fullmatch(r"( *- )(?:- +)+(.*)", line)
        return f"{nested[1]}{quote(nested[2])}" if nested else parts(line).quoted if parts(line).value else ""
    if whole is None:
        return quote(" ".join(f"{key} : {text}" for key, text in value.items())) if isinstance(value, dict) else ""
    text = " ".join([whole.value, *_deeper(lines, number) * (isinstance(value, dict) and len(value) == 1)])
    return whole.with_value(quote(re.sub(r"^\? +", "", text)))


def listed(lines: Sequence[str], number: int, value: object, links: bool) -> str:
    """A key whose one text or mapping should be a list: the key, and below it the items."""
    line = lines[number - 1]
    before = parts(line).before
    if isinstance(value, dict):
        return "\n".join([line, *_dashed(lines, number, links)])
    if not isinstance(value, str) or not before.rstrip().endswith(":"):
        return ""
    margin = " " * (start(line) + 2)
    found = [link(f"{margin}- {one}") if links else f"{margin}- {quote(one)}" for one in _items(value)]
    return "\n".join([before.rstrip(), *found])


def _items(value: str) -> list[str]:
    """One text that holds several: a line each, or short ones between commas."""
    cut = "\n" if "\n" in value.strip() else rf"\s[-{BULLETS}]\s" if re.match(rf"[-{BULLETS}]\s", value) else r"[,;]\s"
    whole = "?" in value and cut == r"[,;]\s"
    found = [value] if whole else re.split(cut, value)
    return [one for part in found if (one := part.strip().lstrip(f"-{BULLETS}{ODD} ").strip())]


def _dashed(lines: Sequence[str], number: int, links: bool) -> list[str]:
    block = _block(lines, number)
    margin = min((width(line) for line in block), default=0)
    if links:
        return [" " * margin + ("  " if n else "- ") + line[margin:] for n, line in enumerate(block)]
    return [" " * margin + "- " + quote(line.strip()) for line in block]


def link(line: str) -> str:
    """`- [Title](https://…)`, `- Title : https://…` or `- https://…` as title and address."""
    whole = item(line) or parts(line)
    found = _MARKDOWN.search(whole.value) or _BARE.fullmatch(whole.value)
    if not found:
        return ""
    title, url = found[1].strip(" \"'«»“”[]\u00a0:"), found[2]
    title = title or re.sub(r"^\w+:(//)?(www\.)?|/.*$", "", url)
    begin = whole.before if item(line) else " " * width(line) + "- "
    return f"{begin}title: {quote(title)}\n{' ' * len(begin)}url: {quote(url)}"


def dated(line: str) -> str:
    """A day as people write it, as YYYY-MM-DD; empty where it cannot be told."""
    whole = parts(line)
    day = _day(whole.value.strip("\"'"))
    return whole.with_value(day.isoformat()) if day else ""


def _day(text: str) -> date | None:
    plain = text.casefold().replace("é", "e").replace("û", "u").replace("1er", "1")
    for number, month in enumerate(_MONTHS, 1):
        plain = re.sub(rf"\s*{month}\s*", f"/{number}/", plain)
    figures = [int(figure) for figure in re.findall(r"\d+", plain)]
    if len(figures) < 3:
        return None
    year, month_, day = figures[:3] if figures[0] > 31 else figures[2::-1]
    try:
        return date(year + 2000 if year < 100 else year, month_, day)
    except ValueError:
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


def _deeper(lines: Sequence[str], number: int) -> list[str]:
    return [line.strip() for line in _block(lines, number)]
