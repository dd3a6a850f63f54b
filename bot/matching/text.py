"""Text as people type it, made comparable: folded, split into sentences and into words.

Two forms are kept apart: the *clean* form still reads as a sentence (for the encoder and the question model), the
*words* are folded, stemmed and free of stop words (for counting).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from bot.matching.languages import CAPITALS, INCLUSIVE, SHORTHANDS, STEMS, STOP_WORDS

_APART = str.maketrans({"-": " ", "'": " "})
_INCLUSIVE_SIGN = re.compile(  # spares nearly all texts seven patterns
    r"\w[·•‧⋅∙.(/]\w|-e-s|-t?rice|-euse|ices?\b|\bun·?e\b"
)
_SHORT = re.compile(r"\b(?:" + "|".join(sorted(SHORTHANDS, key=len, reverse=True)) + r")\b")
_CAPITALS = re.compile(
    r"(?<![A-Z]{3} )\b(?:" + "|".join(CAPITALS) + r")\b(?![ '’-][A-Z]{3})"
)  # not in a line of capitals
LONGEST = 6000  # characters that are looked at; a post says what it asks within them
_URL = re.compile(r"(?:https?://|www\.|mailto:)\S+")
_BLANK = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_INVISIBLE = frozenset(("Cf", "Co", "Cn", "Cs"))  # zero width, direction marks, private, unassigned, halves
_WORD = re.compile(r"[a-z0-9]{1,64}")  # no word of a language is longer; an address or a key is cut into several
_SENTENCE = re.compile(r"(?<=[.!?…])[»\"')\]]*+\s++|(?<!\s)\s*[\r\n\u2028\u2029]+\s*+|(?<=[?!])(?=\w)")
_TABLE = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'", "œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE"})


def clean(text: str) -> str:
    """The text without links and invisible characters (zero width, direction marks, controls); lines are kept."""
    text = unicodedata.normalize("NFKC", text[:LONGEST].translate(_TABLE))[:LONGEST]  # ﷺ alone becomes 18 signs
    text = _CONTROL.sub(" ", text)
    if not text.replace("\n", " ").isprintable():  # as nearly all are
        text = "".join(c for c in text if c.isalnum() or unicodedata.category(c) not in _INVISIBLE)
    return _URL.sub(" ", text)


def fold(text: str) -> str:
    """Lower case without accents, inclusive endings folded, hyphens and apostrophes as blanks, on one line.

    Degrees whose letters read like a stop word are written in full.
    """
    text = _CAPITALS.sub(lambda match: CAPITALS[match[0]], text).lower().translate(_TABLE)
    if _INCLUSIVE_SIGN.search(text):
        for pattern, instead in INCLUSIVE:
            text = pattern.sub(instead, text)
    text = _BLANK.sub(" ", bare(text).translate(_APART)).strip()
    return _SHORT.sub(lambda match: SHORTHANDS[match[0]], text)


def bare(text: str) -> str:
    """Without accents."""
    if text.isascii():
        return text
    return text.translate(_BARE)


class _Bare(dict[int, str]):
    """What is left of each sign without its accents; looked up once."""

    def __missing__(self, code: int) -> str:
        plain = "".join(c for c in unicodedata.normalize("NFD", chr(code)) if unicodedata.category(c) != "Mn")
        if len(self) < _MOST_SIGNS:
            self[code] = plain
        return plain


_MOST_SIGNS = 5_000  # that are kept, whatever people write
_BARE = _Bare()


def tokens(folded: str) -> list[str]:
    """All words of a folded text, as they stand."""
    return _WORD.findall(folded)


def words(folded: str) -> list[str]:
    """The words that carry meaning, stemmed lightly (plural, gender, verb endings of French and English)."""
    return [stem(token) for token in tokens(folded) if token not in STOP_WORDS and (len(token) > 1 or token.isdigit())]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    if len(word) < 5 or any(c.isdigit() for c in word):
        return word[:-1] if len(word) == 4 and word[-1] in "sx" else word
    for ending, instead, shortest in STEMS:
        if word.endswith(ending) and len(word) - len(ending) >= shortest:
            word = word[: len(word) - len(ending)] + instead
            break
    return word[:-1] if len(word) > 4 and word[-1] == word[-2] else word


def sentences(text: str) -> list[str]:
    """A clean text cut at full stops, question marks and line ends; a greeting before a sentence is cut off."""
    found = []
    for piece in _SENTENCE.split(text):
        piece = _BLANK.sub(" ", piece or "").strip(" \t-–—*•,;:")
        if any(c.isalnum() for c in piece):
            found.append(piece)
    return found
