"""Finds the bot's name in a text and cuts it off where it calls the bot. Whether a bare name calls is learned."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from bot.reading.model import shipped_model
from bot.reading.text_columns import PLACE
from bot.text.accents import bare

CALLS = 0.5  # least probability at which a name calls
MENTIONED = 0.4  # the same if the network reports a mention
_MOST = 3  # names of a text that are examined
_NEAR = 60  # characters at each end of a text, where a bare name may call
_SET_OFF = re.compile(r"\s*[,:](?!\w)")  # behind a name at the very start
_COMPLEMENT = re.compile(r"\s+(?:d[eu]s?\s|d['’]|of\s)", re.IGNORECASE)  # 'concierge de tiers-lieu': a noun
_ASKING = frozenset("?!…")
_SIGNS = re.compile(r"\A(?:[,:\s]|[!?.;…–—-]+(?=\s|\Z))+")  # behind a name; not the prefix of a command
_READ = 160  # characters on each side of a name that the model sees


def cut_call(text: str, names: Sequence[str], is_mentioned: bool) -> tuple[str, bool]:
    """Return the text without the names that call the bot, and whether there was one.

    `@name` calls anywhere. The bare name, a word of the field, calls near either end of the text where the model says
    so; if the network reports a mention (`is_mentioned`), the model's threshold is lower.
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
    """Whether the name is set off at the very end of a question: 'Où …, concierge ?'"""
    before, behind = text[:start].rstrip(), text[end:].strip()
    if not before.endswith(",") or any(map(str.isalnum, behind)):
        return False
    return not _ASKING.isdisjoint(behind) or shipped_model().inquiry_probability(before) >= CALLS


def _occurrences(text: str, names: tuple[str, ...]) -> Iterator[re.Match[str]]:
    found = list(_pattern(names).finditer(_same_length(text)))
    return iter(found if len(found) <= _MOST else [*found[: _MOST - 1], found[-1]])


@cache
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    """Return the pattern of a name as a word of its own, for text from `_same_length`."""
    folded = sorted({_same_length(name).lstrip("@") for name in names}, key=len, reverse=True)
    return re.compile(rf"(?<![\w@./:-])(?P<sign>@?)(?:{'|'.join(map(re.escape, folded))})(?![\w-]|[.:]\w)")


def _without(text: str, start: int, end: int) -> str:
    """Return the text without that part and the punctuation that sets it off."""
    before, after = text[:start].rstrip(), text[end:].lstrip()
    if not before:
        return _SIGNS.sub("", after)
    if not any(map(str.isalnum, after)):
        return before.rstrip(" ,") + (text[end:].rstrip() if "?" in after else "")
    return f"{before.rstrip(',')} {after.lstrip(' ,:')}".strip()


def _same_length(text: str) -> str:
    """Fold the text for comparison, character by character: positions stay the same."""
    return "".join(c.lower() if c.isascii() else bare(c.lower())[:1] or c for c in text.replace("’", "'"))
