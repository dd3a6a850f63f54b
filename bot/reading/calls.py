"""Finds the bot's name in a text and cuts it off where it calls the bot. Whether a bare name calls is learned."""

import re
from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz.distance import OSA

from bot.reading.clothes import at_most_twice
from bot.reading.model import shipped_model
from bot.reading.read import Reader
from bot.reading.text_columns import PLACE
from bot.text.accents import bare

CALLS = 0.5  # least probability at which a name calls
MENTIONED = 0.4  # the same if the network reports a mention
MAY_CALL = 0.2  # from here on it may call: what is answered unasked is read without it
_MOST = 3  # names of a text that are examined
_NEAR = 60  # characters at each end of a text, where a bare name may call
_SET_OFF = re.compile(r"\s*[,:](?!\w)")  # behind a name at the very start
_COMPLEMENT = re.compile(r"\s+(?:des?\s|d['’]|of\s)", re.IGNORECASE)  # 'concierge de tiers-lieu': a noun
_ASKING = frozenset("?!…")
_SIGNS = re.compile(r"\A(?:[,:\s]|[!?.;…–—-]+(?=\s|\Z))+")  # behind a name; not the prefix of a command
_WORD = re.compile(r"(?<![\w@./:-])[^\W\d_]+(?![\w-]|[.:]\w)")
_LONG, _FIRST = 6, 3  # letters of a name that may be mistyped; words at the beginning that may be it
_READ = 160  # characters on each side of a name that the model sees


def cut_call(text: str, names: Sequence[str], limit: float = CALLS, reader: Reader | None = None) -> tuple[str, bool]:
    """Return the text without the names that call the bot, and whether there was one.

    `@name` calls anywhere. The bare name, a word of the field, calls near either end of the text where the model says
    so with a probability of `limit`; there it may have a typo. Without a `reader`, n-grams alone say it.
    """
    reader, called = reader or Reader(shipped_model(), None), False
    first, last = (_WORD.findall(_same_length(end)) for end in (text[:_NEAR], text[-_NEAR:]))
    folded = [name for name in map(_same_length, names) if len(name) >= _LONG]
    words = {word: at_most_twice(word) for word in (*first[:_FIRST], *last[-1:])}
    # long names that are drawn out or have one typo, at either end; no plurals
    near = ((word, name) for word, said in words.items() for name in folded if OSA.distance(said, name) == 1)
    pattern = _pattern((*names, *(word for word, name in near if word != f"{name}s")))
    for _ in range(_MOST):
        found = list(pattern.finditer(_same_length(text)))
        examined = found if len(found) <= _MOST else [*found[: _MOST - 1], found[-1]]
        match = next((match for match in examined if _calls(text, match, limit, reader)), None)
        if match is None:
            break
        text, called = _without(text, *match.span()), True
    return text, called


def _calls(text: str, match: re.Match[str], limit: float, reader: Reader) -> bool:
    start, end = match.span()
    before, behind = text[:start], text[end:]
    if match["sign"] or (not before.strip() and _SET_OFF.match(behind)):
        return True
    is_last = before.rstrip().endswith(",") and not any(map(str.isalnum, behind))  # 'Où …, concierge ?'
    if is_last and (not _ASKING.isdisjoint(behind) or reader.inquires(before.rstrip()) >= CALLS):
        return True
    if _COMPLEMENT.match(behind) or min(start, len(behind)) > _NEAR:
        return False
    return reader.calls(f"{before[-_READ:]}{PLACE}{behind[:_READ]}") >= limit


@lru_cache(64)
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
