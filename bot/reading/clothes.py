"""The clothes of a question, the words around it that ask nothing: greetings, courtesy, appeals, excuses, a signature.

Each word has a learned logit of being clothes; both ends of a text are cut where their sums are highest.
"""

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise

import numpy as np

from bot.arrays import Floats, Numbers
from bot.text.accents import bare
from bot.text.folding import fold, words

WIDTH = 1 << 14  # columns that word features are hashed to
_DOUBT = 0.7  # logit that a cut must exceed: losing a word costs more than keeping one
_ENDS = 40  # words at each end of a text that are examined
_NEAR = 8  # words from an end, beyond which all places are the same feature
_NEXT = 3  # the same for places combined with the word
_MANY = 24  # words, beyond which all lengths are the same feature
_WORD = re.compile(r"\w+")
_AGAIN = re.compile(r"(.)\1{2,}")
_ENDING = re.compile(r"\s?[?!.…»)\]]+")  # signs that belong to the sentence before them
_OUTSIDE = " \t\r\n\u00a0\u202f,;:-–—"
_STOPS = frozenset("?!.…\n")
_KNOWN_SIGNS = frozenset("\n!\"'(),-./:;?@…«»–—’")


@dataclass(frozen=True, slots=True)
class WordColumns:
    """The words of a text: their spans, and the columns of their features, `(n_words, n_features)`."""

    spans: Sequence[tuple[int, int]]
    columns: Numbers


def undress(text: str, weights: Floats) -> str:
    """Return a text without its clothes, or unchanged if nothing meaningful would be left.

    `weights`: `(WIDTH, 2)`, of being clothes before and after the question.
    """
    found = word_columns(text)
    if len(found.spans) < 2:
        return text
    first, last = kept(weights[found.columns].sum(axis=1))
    start = found.spans[first][0] if first else 0
    end = found.spans[last][1] if last + 1 < len(found.spans) else len(text)
    sign = _ENDING.match(text, end)
    rest = text[start : sign.end() if sign else end].strip(_OUTSIDE)
    return rest if words(fold(rest)) else text


def clauses(text: str, weights: Floats) -> list[str]:
    """Split a sentence into its questions. `weights`: `(WIDTH,)`, of a new question beginning at a word."""
    found = word_columns(text)
    logits = weights[found.columns].sum(axis=1)
    places = [start for (start, _), logit in zip(found.spans, logits, strict=True) if logit > 0]
    parts = (text[start:end].strip(_OUTSIDE) for start, end in pairwise((0, *places, len(text))))
    return [part for part in parts if part]


def kept(logits: Floats) -> tuple[int, int]:
    """Return the first and the last word to keep: those with the highest sums of logits before and after them.

    `logits`: `(n_words, 2)`. At least one word is kept, and so is the middle of a long text.
    """
    n, most = len(logits), min(len(logits), _ENDS) - 1
    front = np.concatenate([[_DOUBT], np.cumsum(logits[:most, 0])])
    back = np.concatenate([[_DOUBT], np.cumsum(logits[::-1, 1][:most])])
    sums = np.add.outer(front, back)
    sums[np.add.outer(np.arange(most + 1), np.arange(most + 1)) >= n] = -np.inf
    first, behind = divmod(int(np.argmax(sums)), most + 1)
    return first, n - 1 - behind


def at_most_twice(word: str) -> str:
    """Return a word with no letter more than twice in a row: 'merciiii' becomes 'mercii'."""
    return _AGAIN.sub(r"\1\1", word)


def word_columns(text: str) -> WordColumns:
    """Return the words of a text with their columns; of a long text, the words at its ends only."""
    spans = [match.span() for match in _WORD.finditer(text)]
    places = [place for place in range(len(spans)) if min(place, len(spans) - 1 - place) < _ENDS]
    rows = [
        [zlib.crc32(feature.encode(errors="replace")) % WIDTH for feature in features]
        for features in _features(text, spans, places)
    ]
    numbers = np.array(rows, np.int64).reshape(len(rows), -1 if rows else 0)
    return WordColumns([spans[place] for place in places], numbers)


def _features(text: str, spans: Sequence[tuple[int, int]], places: Sequence[int]) -> Iterator[list[str]]:
    """Yield the features of the words at `places`."""
    n, length = len(spans), min(len(spans), _MANY)
    typed = [text[start:end] for start, end in spans]
    said = ["^^", "^", *(at_most_twice(bare(word.lower())) for word in typed), "$", "$$"]
    edges = [0, *chain.from_iterable(spans), len(text)]
    gaps = [_signs(text[start:end]) for start, end in zip(edges[::2], edges[1::2], strict=True)]
    signs = ["^", *gaps[1:-1], f"{gaps[-1]}$"]
    stops = list(accumulate(not _STOPS.isdisjoint(sign) for sign in signs))
    asked = list(accumulate("?" in sign for sign in signs))
    for at in places:
        left2, left, word, right, right2 = said[at : at + 5]
        first, last = min(at, _NEXT), min(n - 1 - at, _NEXT)
        before, behind = min(at, _NEAR), min(n - 1 - at, _NEAR)
        opens, closes = signs[at], signs[at + 1]
        sentence = f"{min(stops[at], 2)} {min(stops[-2] - stops[at], 2)}"
        asks = f"{asked[at] > 0} {asked[-1] > asked[at]}"
        capital = f"{typed[at][:1].isupper()} {typed[at][1:2].isupper()} {_STOPS.isdisjoint(opens)}"
        yield [
            *(f"0{word}", f"1{left}", f"2{right}", f"3{left2}", f"4{right2}", f"5{left} {word}", f"6{word} {right}"),
            *(f"7{left} {word} {right}", f"8{word[:3]}", f"9{word[-3:]}", f"a{word[:4]}", f"b{left[:3]}"),
            *(f"c{right[:3]}", f"d{before}", f"e{behind}", f"f{first} {word}", f"g{last} {word}"),
            *(f"h{opens}", f"i{closes}", f"j{opens} {word}", f"k{word} {closes}", f"l{left} {opens}"),
            *(
                f"m{closes} {right}",
                f"n{sentence}",
                f"o{sentence} {word}",
                f"p{asks}",
                f"q{asks} {word}",
                f"r{capital}",
            ),
            *(f"s{length // 3}", f"t{length // 6} {before}", f"u{length // 6} {behind}"),
        ]


def _signs(gap: str) -> str:
    """Return the kinds of signs between two words; those beyond punctuation are one kind."""
    kinds = {char if char in _KNOWN_SIGNS else "*" for char in gap if char == "\n" or not char.isspace()}
    return "".join(sorted(kinds))
