"""Normalisation of text as people type it: folding, sentences, tokens and stems.

There are two forms: *clean* text still reads as a sentence (for the encoder and the question model); *words* are
folded, stemmed and free of stop words (for counting).
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from bot.text.accents import LIGATURES, bare
from bot.text.languages import CAPITALS, INCLUSIVE, STEMS, STOP_WORDS
from bot.text.shorthands import APART, expand_folded

# Most texts have no sign of inclusive spelling, and skip seven patterns.
_INCLUSIVE_SIGN = re.compile(r"\w[·•‧⋅∙.(/]\w|-e-s|-t?rice|-euse|ices?\b|\bun·?e\b")
# A degree; not in a line of capitals.
_CAPITALS = re.compile(r"(?<![A-Z]{3} )\b(?:" + "|".join(CAPITALS) + r")\b(?![ '’-][A-Z]{3})")
LONGEST = 6000  # characters of a text that are read; a post asks its question within them
_URL = re.compile(r"(?:https?://|www\.|mailto:)\S+")
_SHOUTED = 3  # words of a text all in capitals: fewer may be an acronym
_KEPT = 400  # characters of a text whose folded form is cached: 1 MB at most
_BLANK = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_INVISIBLE = frozenset(("Cf", "Co", "Cn", "Cs"))  # format, private use, unassigned, surrogate
_WORD = re.compile(r"[a-z0-9]{1,64}")  # longer ones are addresses or keys, and are cut
_SENTENCE = re.compile(r"(?<=[.!?…])[»\"')\]]*+\s++|(?<!\s)\s*[\r\n\u2028\u2029]+\s*+|(?<=[?!])(?=\w)")
_TABLE = str.maketrans(dict.fromkeys("’‘ʼ´`", "'")) | LIGATURES


def clean(text: str) -> str:
    """Return the text without links and invisible characters (zero width, direction marks, controls), in NFKC.

    Line ends stay.
    """
    text = unicodedata.normalize("NFKC", text[:LONGEST].translate(_TABLE))[:LONGEST]  # NFKC turns ﷺ into 18 characters
    text = _CONTROL.sub(" ", text)
    if not text.replace("\n", " ").isprintable():  # rare
        text = "".join(c for c in text if c.isalnum() or unicodedata.category(c) not in _INVISIBLE)
    return _URL.sub(" ", text)


def unshouted(text: str) -> str:
    """Return a text in lower case if all of it is in capitals."""
    return text.lower() if text.isupper() and len(text.split()) >= _SHOUTED else text


def fold(text: str) -> str:
    """Fold a text: lower case, no accents or inclusive endings, hyphens and apostrophes as blanks, on one line.

    Abbreviations are expanded: those typed on a phone, and degrees whose letters are a stop word.
    """
    return (_folded if len(text) <= _KEPT else _folded.__wrapped__)(text)


@lru_cache(maxsize=256)  # the sentences of one message, which each step of a search folds again
def _folded(text: str) -> str:
    text = _CAPITALS.sub(lambda match: CAPITALS[match[0]], text).lower().translate(_TABLE)
    if _INCLUSIVE_SIGN.search(text):
        for pattern, instead in INCLUSIVE:
            text = pattern.sub(instead, text)
    return expand_folded(" ".join(bare(text).translate(APART).split()))


@dataclass(frozen=True, slots=True)
class PreparedText:
    """A text of the knowledge: clean, as a line of tokens, and as stems."""

    plain: str
    line: str
    words: tuple[str, ...]


@lru_cache(maxsize=8192)  # all texts of about 500 entries, from one build of the index to the next
def prepared(text: str) -> PreparedText:
    plain = clean(text)
    folded = fold(plain)
    return PreparedText(plain, " ".join(tokens(folded)), tuple(words(folded)))


def tokens(folded: str) -> list[str]:
    """Return all words of a folded text."""
    return _WORD.findall(folded)


def words(folded: str) -> list[str]:
    """Return the stems of a folded text, without stop words and single letters."""
    return [stem(token) for token in tokens(folded) if token not in STOP_WORDS and (len(token) > 1 or token.isdigit())]


def is_bare(text: str) -> bool:
    """Whether a text is nothing but stop words, numbers or signs; never one in an alphabet that is not read."""
    folded = fold(text)
    has_code = any(any(map(str.isalpha, token)) and not token.isalpha() for token in tokens(folded))  # 'RS5142'
    is_read = bool(tokens(folded)) or not any(map(str.isalpha, text))
    return is_read and not has_code and not [word for word in words(folded) if not word.isdigit()]


@lru_cache(maxsize=8_192)  # as many words as 1,000 entries have; 3 MB at most, as tokens are cut
def stem(word: str) -> str:
    """Return the light stem of a word, without plural, gender and verb endings of French and English."""
    if len(word) < 5 or any(c.isdigit() for c in word):
        return word[:-1] if len(word) == 4 and word[-1] in "sx" else word
    for ending, instead, shortest in STEMS:
        if word.endswith(ending) and len(word) - len(ending) >= shortest:
            word = word[: len(word) - len(ending)] + instead
            break
    return word[:-1] if len(word) > 4 and word[-1] == word[-2] else word


def sentences(text: str) -> list[str]:
    """Split a clean text at full stops, question marks and line ends."""
    pieces = []
    for piece in _SENTENCE.split(text):
        piece = _BLANK.sub(" ", piece).strip(" \t-–—*•,;:")
        if any(c.isalnum() for c in piece):
            pieces.append(piece)
    return pieces
