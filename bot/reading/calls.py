"""Where the bot's name stands in a text, and what is left when it goes. Whether it calls there is learned."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from bot.reading.model import shipped_model
from bot.reading.text_columns import PLACE
from bot.text.accents import bare

CALLS = 0.5  # probability from which on a name calls
MENTIONED = 0.4  # the same where the network says that the bot is mentioned
_MOST = 3  # names in a text that are looked at
_NEAR = 60  # characters at each end of a text, where a name may call without a sign of its own
_SET_OFF = re.compile(r"\s*[,:](?!\w)")  # behind a name at the very start
_COMPLEMENT = re.compile(r"\s+(?:d[eu]s?\s|d['’]|of\s)", re.IGNORECASE)  # 'concierge de tiers-lieu': a noun
_ASKING = frozenset("?!…")
_SIGNS = re.compile(r"\A(?:[,:\s]|[!?.;…–—-]+(?=\s|\Z))+")  # behind a name; not the prefix of a command
_READ = 160  # characters around a name by which it is judged


def cut_call(text: str, names: Sequence[str], is_mentioned: bool) -> tuple[str, bool]:
    """The text without the names that call, and whether there was one.

    `@name` calls anywhere; the bare name, which is a word of the field, near either end of the text where that was
    learned from others like it; where the network says that the bot `is_mentioned`, nearly always.
    """
    limit, called = MENTIONED if is_mentioned else CALLS, False
    for _ in range(_MOST):
        calls = (match for match in _occurrences(text, tuple(names)) if _calls(text, match, limit))
        if (match := next(calls, None)) is None:
            break
        text, called = _without(text, *match.span()), True
    return text, called


def _calls(text: str, match: re.Match[str], limit: float) -> bool:
    if match["sign"]:
        return True
    start, end = match.span()
    if (not text[:start].strip() and _SET_OFF.match(text, end)) or _is_last_after_comma(text, start, end):
        return True
    if _COMPLEMENT.match(text, end) or min(start, len(text) - end) > _NEAR:
        return False
    around = f"{text[max(0, start - _READ) : start]}{PLACE}{text[end : end + _READ]}"
    return shipped_model().call_probability(around) >= limit


def _is_last_after_comma(text: str, start: int, end: int) -> bool:
    """Whether it is set off at the very end of what asks: 'Où …, concierge ?'"""
    before, behind = text[:start].rstrip(), text[end:].strip()
    if not before.endswith(",") or any(map(str.isalnum, behind)):
        return False
    return not _ASKING.isdisjoint(behind) or shipped_model().inquiry_probability(before) >= CALLS


def _occurrences(text: str, names: tuple[str, ...]) -> Iterator[re.Match[str]]:
    found = list(_pattern(names).finditer(_same_length(text)))
    return iter(found if len(found) <= _MOST else [*found[: _MOST - 1], found[-1]])


@cache
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    """Of a name as a word of its own, on text from `_same_length`."""
    folded = sorted({_same_length(name).lstrip("@") for name in names}, key=len, reverse=True)
    return re.compile(rf"(?<![\w@./:-])(?P<sign>@?)(?:{'|'.join(map(re.escape, folded))})(?![\w-]|[.:]\w)")


def _without(text: str, start: int, end: int) -> str:
    """The text without what stands there, and without the signs that set it off."""
    before, after = text[:start].rstrip(), text[end:].lstrip()
    if not before:
        return _SIGNS.sub("", after)
    if not any(map(str.isalnum, after)):
        return before.rstrip(" ,") + (text[end:].rstrip() if "?" in after else "")
    return f"{before.rstrip(',')} {after.lstrip(' ,:')}".strip()


def _same_length(text: str) -> str:
    """Folded for comparison, character by character: positions stay the same."""
    return "".join(c.lower() if c.isascii() else bare(c.lower())[:1] or c for c in text.replace("’", "'"))
