"""Tokenizers: text in, the pieces of its words and their numbers out.

Unigram models (Kudo 2018, arXiv:1804.10959), such as E5, BGE-M3 and CamemBERT, are tokenized here: for the 250,000
pieces of E5 the library `tokenizers` takes 285 MB of memory, a trie 3. The tests compare with that library, and it
handles any other model if it is installed.
"""

import hashlib
import json
import re
import unicodedata
from array import array
from collections.abc import Mapping
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from marisa_trie import Trie  # type: ignore[import-not-found]  # it has no types
from numpy.typing import NDArray
from pydantic_core import from_json

Token = tuple[str, int]
"""A piece of the text and its number in the vocabulary."""

PREPARED = "tokenizer.npz"
"""File beside `tokenizer.json` with the same content, quicker to read."""

Arrays = Mapping[str, NDArray[Any]]
"""Arrays of a Unigram model. `trie`: the pieces, in bytes; `numbers`, `(n,)`: of the pieces by their number in the
trie; `scores`, `(n,)`: the natural logarithm of each piece's probability; `unknown`: number of the unknown piece;
`marks`."""

_SPACES = ("\u2581", "\u0120", " ")  # first character of a word's first piece, by kind of model
_UNKNOWN_PENALTY = 10.0  # below the least likely piece, for a character in no piece
_LONGEST_WORD = 64  # characters; longer ones are cut into parts, which bounds the time
_CACHED, _CACHED_LENGTH = 2_000, 24  # words and their length: 8 MB at most, as each character may be a token
_BLANKS = str.maketrans("\ufffd\u2581", "  ")  # as in the models' own normalisation
# Control characters but white space, zero-width characters, lone surrogates.
_REMOVED = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u200b-\u200f\ufeff\ud800-\udfff]")


class Tokenizer(Protocol):
    """Cuts text into tokens. Safe to call from several threads at once."""

    marks: tuple[int, int, int]
    """Numbers of the marks of beginning, end and padding."""

    def tokens(self, text: str, most: int | None = None) -> list[Token]:
        """Return the tokens of a text, at most the `most` first ones."""

    def log_probability(self, word: str) -> float:
        """Return the natural logarithm of the word's probability; 0 if the model has none."""

    @staticmethod
    def begins_word(piece: str) -> bool:
        return piece.startswith(_SPACES)


class UnigramTokenizer(Tokenizer):
    """Tokenizer of a Unigram model."""

    def __init__(self, arrays: Arrays) -> None:
        self.marks = tuple(arrays["marks"].tolist())
        self._trie = Trie().frombytes(arrays["trie"].tobytes())
        self._numbers = array("i", arrays["numbers"].tobytes())  # by the trie's own number
        scores = arrays["scores"]
        self._scores, self._unknown = array("f", scores.tobytes()), int(arrays["unknown"])
        self._unknown_score = float(scores.min()) - _UNKNOWN_PENALTY
        self._cached = lru_cache(maxsize=_CACHED)(self._cut)

    def tokens(self, text: str, most: int | None = None) -> list[Token]:
        text = unicodedata.normalize("NFKC", _REMOVED.sub("", text).translate(_BLANKS))
        words = (_SPACES[0] + word for word in text.split())
        parts = (word[at : at + _LONGEST_WORD] for word in words for at in range(0, len(word), _LONGEST_WORD))
        cut = (self._cached(part) if len(part) <= _CACHED_LENGTH else self._cut(part) for part in parts)
        return list(islice(chain.from_iterable(cut), most))

    def log_probability(self, word: str) -> float:
        numbers = (number for _, number in self.tokens(word))
        return sum(self._scores[number] if number != self._unknown else self._unknown_score for number in numbers)

    def _cut(self, word: str) -> tuple[Token, ...]:
        """Return the most likely way to cut a word into pieces, by dynamic programming (Viterbi)."""
        best = [(0.0, 0, self._unknown)] + [(float("-inf"), 0, self._unknown)] * len(word)
        for start in range(len(word)):
            score = best[start][0]
            for piece, place in self._trie.iter_prefixes_with_ids(word[start:]):
                number, end = self._numbers[place], start + len(piece)
                if score + self._scores[number] > best[end][0]:
                    best[end] = (score + self._scores[number], start, number)
            if score + self._unknown_score > best[start + 1][0]:
                best[start + 1] = (score + self._unknown_score, start, self._unknown)
        cut: list[Token] = []  # from the last piece to the first; adjacent unknown characters are one token
        end = len(word)
        while end:
            _, start, number = best[end]
            behind = cut.pop()[0] if cut and number == cut[-1][1] == self._unknown else ""
            cut.append((word[start:end] + behind, number))
            end = start
        return tuple(reversed(cut))


class _AnyTokenizer(Tokenizer):
    """Tokenizer of any other kind, by the library `tokenizers`."""

    def __init__(self, file: Path, marks: tuple[int, int, int]) -> None:
        from tokenizers import Tokenizer as Library

        self.marks = marks
        try:
            self._library = Library.from_file(str(file))
        except Exception as error:  # its errors have no class of their own
            raise ValueError(f"{error}") from error

    def tokens(self, text: str, most: int | None = None) -> list[Token]:
        text = _REMOVED.sub("", text)
        encoded = self._library.encode(text, add_special_tokens=False)
        before = [text[max(0, start - 1) : start + 1] for start, _ in encoded.offsets]  # some offsets include the blank
        starts = [len(two) < 2 or any(map(str.isspace, two)) for two in before]
        pieces = (
            _SPACES[0] * begins + text[a:b].strip() for begins, (a, b) in zip(starts, encoded.offsets, strict=True)
        )
        return list(zip(pieces, encoded.ids, strict=True))[:most]

    def log_probability(self, word: str) -> float:
        return 0.0


def read_tokenizer(file: Path) -> Tokenizer:
    """Read `tokenizer.json`, or what was prepared from it.

    Raises OSError, and ValueError, KeyError or TypeError for an unusable file.
    """
    content, prepared = file.read_bytes(), file.with_name(PREPARED)
    if prepared.is_file():
        try:
            with prepared.open("rb") as opened, np.load(opened, allow_pickle=False) as arrays:
                if np.array_equal(arrays["made_from"], _digest(content)):  # else from another `tokenizer.json`
                    return UnigramTokenizer(arrays)
        except Exception as error:  # errors of numpy, zipfile, zlib and the trie have no common class
            raise ValueError(f"{prepared.name}: {error}") from error
    raw = from_json(content, cache_strings="none")  # takes half the time of `json`
    if raw["model"]["type"] == "Unigram":
        return UnigramTokenizer(_unigram(raw))
    try:
        return _AnyTokenizer(file, _marks(raw))
    except ImportError as error:
        needed = "needs an extra: pip install 'concierge-tiers-lieux[encoders]'"
        raise ValueError(f"{file.name}: a model of the kind {raw['model']['type']} {needed}") from error


def write_tokenizer(file: Path, raw: Mapping[str, Any]) -> None:
    """Write `tokenizer.json` of a Unigram model, and beside it `PREPARED`, read in a twentieth of the time."""
    content = json.dumps(raw, ensure_ascii=False, separators=(",", ":")).encode()
    file.write_bytes(content)
    arrays = {"made_from": _digest(content), **_unigram(raw)}
    np.savez(file.with_name(PREPARED), **arrays)  # type: ignore[arg-type]


def _digest(content: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(hashlib.sha256(content).digest(), np.uint8)


def _unigram(raw: Mapping[str, Any]) -> Arrays:
    vocabulary = raw["model"]["vocab"]
    trie = Trie(piece for piece, _ in vocabulary)
    numbers = np.zeros(len(trie), np.int32)
    for number, (piece, _) in enumerate(vocabulary):
        numbers[trie[piece]] = number
    return {
        "trie": np.frombuffer(trie.tobytes(), np.uint8),
        "numbers": numbers,
        "scores": np.array([score for _, score in vocabulary], np.float32),
        "unknown": np.array(raw["model"]["unk_id"]),
        "marks": np.array(_marks(raw)),
    }


def _marks(raw: Mapping[str, Any]) -> tuple[int, int, int]:
    """Return the marks that the file's own template puts around a text."""
    rule = raw["post_processor"]
    if rule["type"] == "TemplateProcessing":
        names = [part["SpecialToken"]["id"] for part in rule["single"] if "SpecialToken" in part]
        begin, end = (rule["special_tokens"][name]["ids"][0] for name in (names[0], names[-1]))
    else:
        begin, end = rule["cls"][1], rule["sep"][1]
    padding = (raw.get("padding") or {}).get("pad_id", 1 if raw["model"]["type"] == "Unigram" else 0)
    return begin, end, padding
