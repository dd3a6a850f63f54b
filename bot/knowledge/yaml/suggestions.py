"""Corrections of valid YAML that does not fit the model: the line as meant, the nearest key for a misspelt one."""

import re
from collections.abc import Iterable
from datetime import date

from rapidfuzz import fuzz, process

from bot.knowledge.yaml.lines import is_field, parse_item, parse_line, quote, strip_smart_quotes, text_column
from bot.knowledge.yaml.slips import BULLETS, ODD, quote_list
from bot.text.accents import bare, plain_words, slug
from bot.text.word_lists import lines

_ADDRESS = r"(?:https?://|mailto:)[^\s)\]>\"'”»]++"
_MARKDOWN = re.compile(rf"!?\[([^\]]*+)(?:\]\(({_ADDRESS})[^)\[]*+\))?")
_MONTHS = "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre".split()
_BARE = re.compile(rf"(?<![\s:(<–\"'-])[\s:(<–\"'-]*+({_ADDRESS})")


def has_address(text: str) -> bool:
    return re.search(_ADDRESS, text) is not None


def as_text(line: str) -> str:
    """Quote an item of a list, or the items of a list in brackets; empty if the line is neither."""
    if item := parse_item(line):
        dash = re.sub(r"(?<=- )(?:- ++)+", "", item.before)
        return dash + quote(strip_smart_quotes(item.value) or item.value) + item.comment
    parsed = parse_line(line)
    return parsed.with_value(quote_list(parsed.value)) if parsed.value.startswith("[") else ""


def as_one_text(line: str) -> str:
    """Return a key with the list in brackets beside it as one text; else empty."""
    key = parse_line(line)
    items = re.fullmatch(r"\[([^\[\]{}\"']+)\]", key.value)
    return key.with_value(quote(items[1].strip())) if items else ""


def as_list(line: str, value: object, *, are_links: bool) -> str:
    """Return a key whose text should be a list, with its items below; empty if they cannot be guessed."""
    if not isinstance(value, str):
        return ""
    if (item := parse_item(line)) and not is_field(item.value):
        return item.with_value(quote_list(value))
    head, margin = parse_line(f"{line} ").before.rstrip(), " " * (text_column(line) + 2) + "- "
    items = [_link(margin, text) if are_links else margin + quote(text) for text in _items(value)]
    return "\n".join([head, *items]) if head.endswith(":") and all(items) else ""


def _items(value: str) -> list[str]:
    """Split a text into items: by lines, or short texts by commas."""
    items = [value] if "?" in value else re.split(r"[,;]\s", value)
    if "\n" in value:
        items = value.split("\n")
    return [text for item in items if (text := item.strip().lstrip(f"-{BULLETS}{ODD} ").strip("[] "))]


def as_id(line: str) -> str:
    parsed = parse_line(line)
    return parsed.with_value(slug(parsed.value))


def add_scheme(line: str) -> str:
    """Put https:// before `www.example.org`; empty for another scheme."""
    parsed = parse_line(line)
    address = parsed.value.strip("\"'")
    return parsed.with_value(quote(f"https://{address}")) if re.match(r"[\w-]+(\.[\w-]+)+(/|$)", address) else ""


def as_link(line: str) -> str:
    """Return `- [Title](https://…)`, `- Title : https://…` or `- https://…` as title and address.

    For a line with its key, `links: [https://…, https://…]`, returns all items.
    """
    if parsed := parse_item(line):
        return _link(parsed.before, parsed.value)
    key, margin = parse_line(line), " " * (text_column(line) + 2)
    links = [_link(f"{margin}- ", text) for text in _items(key.value) if has_address(text)]
    return "\n".join([key.before.rstrip(), *links])


def _link(begin: str, text: str) -> str:
    """Return title and address of a link, the title being the text before the address; empty without an address."""
    if markdown := next((match for match in _MARKDOWN.finditer(text) if match[2]), None):
        title, url = markdown.groups()
    elif plain := _BARE.search(text):
        title, url = text[: plain.start()], plain[1]
    else:
        return ""
    title = title.strip(" \"'«»“”[]\u00a0:") or re.sub(r"(?s)^\w+:(//)?(www\.)?|/.*", "", url)
    return f"{begin}title: {quote(title)}\n{' ' * len(begin)}url: {quote(url)}"


def as_date(line: str) -> str:
    """Return `24/11/2026` or `24 novembre 2026` as YYYY-MM-DD; empty if it is no day."""
    parsed = parse_line(line)
    plain = bare(parsed.value).casefold()
    for number, month in enumerate(_MONTHS, 1):
        plain = plain.replace(month, f"/{number}/")
    try:
        numbers = [int(figure) for figure in re.findall(r"\d+", plain)]
        year, month_, day = numbers if numbers[0] > 31 else numbers[::-1]
        return parsed.with_value(date(year + 2000 if year < 100 else year, month_, day).isoformat())
    except (IndexError, ValueError, OverflowError):
        return ""


_SIMILAR = 65  # per cent; below it, a guess helps nobody
_FRENCH = [line.split(": ") for line in lines("french_keys")]  # a key, and what is written in its place


def closest(key: str, names: Iterable[str], similar: int = _SIMILAR) -> str | None:
    """Return the name that `key` translates or nearly spells, or None. `similar`: the least similarity, in per cent."""
    known, folded = list(names), plain_words(key)
    for name, french in _FRENCH:
        if name in known and folded in french.split(", "):
            return name
    match = process.extractOne(folded, known, scorer=fuzz.ratio, processor=plain_words, score_cutoff=similar)
    return match[0] if match else None
