"""A text as numbers: hashed n-grams of characters and of words and, with an encoder, what the text is read from."""

import re
import unicodedata
import zlib
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from bot.arrays import Floats

HASHES = 4096  # columns for each kind of n-grams; twice as many gain nothing
WIDTH = 2 * HASHES
_LONGEST_GRAM = 5  # characters
_READ = 300  # characters at each end of a text; the n-grams are meant for short messages
_VECTOR_SCALE = np.float32(2.5)  # of a vector of length 1; chosen on held-out voices
_GRAM_SCALE = np.float32(4)  # length of the counts of n-grams, beside that of the vector
PLACE = "§"
"""Stands for the bot's name, whatever it is: it is a word of the field."""
NOUN = "Concierge"  # in its place where the text is encoded
_NEAR = 12  # characters on each side of a name
_TOKEN = re.compile(r"\w+|[^\w\s]")  # a word or a sign
_BEFORE_SIGN = re.compile(r" (?=[,.;:!?])")  # whether somebody types one there is a habit


def columns(texts: Sequence[str], vectors: Floats | None) -> Floats:
    """Return `(n_texts, WIDTH)`, or `(n_texts, n_read + WIDTH)` with an encoder.

    `vectors`: `(n_texts, n_read)`, from `reading_vector` of the encoder's results; None without an encoder.
    """
    rows = []
    for folded in map(_folded, texts):
        words = _TOKEN.findall(folded)
        pairs = [f"{one} {other}" for one, other in pairwise(("^", *words, "$"))]
        rows.append(np.concatenate([_characters(folded), _counted([*words, *pairs])]))
    grams = np.stack(rows) if rows else np.zeros((0, WIDTH), np.float32)
    return grams if vectors is None else np.concatenate([vectors * _VECTOR_SCALE, grams], axis=1)


def call_columns(text: str, vector: Floats | None) -> Floats:
    """Return the columns of the surroundings of `PLACE` and of the words of the whole text.

    `(WIDTH,)`, or `(n_read + WIDTH,)` with the `vector` of the text with `NOUN` there.
    """
    folded = _folded(text)
    said, here = _TOKEN.findall(folded), folded.find(PLACE)
    place = said.index(PLACE) if PLACE in said else 0
    near = _characters(folded[max(0, here - _NEAR) : max(0, here) + _NEAR])
    left3, left2, left, _, right, right2, right3 = ["^", "^", "^", *said, "$", "$", "$", "$"][place : place + 7]
    behind, asks = len(said) - 1 - place, "?" in said
    features = [
        *(f"-3:{left3}", f"-2:{left2}", f"-1:{left}", f"1:{right}", f"2:{right2}", f"3:{right3}"),
        *(f"-2:{left2} {left}", f"2:{right} {right2}", f"3:{right} {right2} {right3}", f"0:{left} {right}"),
        *(f"before {min(place, 4)}", f"behind {min(behind, 4)}", f"{asks}", f"long {min(len(said) // 3, 5)}"),
        f"{min(place, 2)} {min(behind, 2)} {asks}",
        *(f"word {word}" for word in said),
    ]
    grams = np.concatenate([near, _counted(features)])
    return grams if vector is None else np.concatenate([vector * _VECTOR_SCALE, grams])


def _characters(text: str) -> Floats:
    """Return the scaled counts of n-grams of characters, `(HASHES,)`."""
    codes = np.frombuffer(f" {text} ".encode("utf-32-le", "replace"), np.uint32)
    counts, hashes = np.zeros(HASHES, np.float32), np.zeros(len(codes), np.uint32)
    for length in range(1, min(_LONGEST_GRAM, len(codes)) + 1):
        hashes = hashes[: len(codes) - length + 1] * np.uint32(0x01000193) + codes[length - 1 :]
        mixed = hashes + np.uint32(length)  # spread evenly by the finaliser of MurmurHash3
        mixed = (mixed ^ (mixed >> np.uint32(16))) * np.uint32(0x85EBCA6B)
        mixed = (mixed ^ (mixed >> np.uint32(13))) * np.uint32(0xC2B2AE35)
        mixed = (mixed ^ (mixed >> np.uint32(16))) % np.uint32(HASHES)
        counts += np.bincount(mixed.astype(np.int64), minlength=HASHES)
    return _scaled(counts)


def _counted(features: Iterable[str]) -> Floats:
    """Return the scaled counts of words or other features, `(HASHES,)`."""
    hashes = [zlib.crc32(feature.encode(errors="replace")) % HASHES for feature in features]
    return _scaled(np.bincount(hashes, minlength=HASHES).astype(np.float32))


def _scaled(counts: Floats) -> Floats:
    """Return the logarithms of counts, scaled to length `_GRAM_SCALE`."""
    weights: Floats = np.log1p(counts).astype(np.float32)
    return weights * np.float32(_GRAM_SCALE / max(float(np.linalg.norm(weights)), 1e-6))


def _folded(text: str) -> str:
    """Fold a text: lower case, no accents; three or more of a letter count as two ('ouiiii'). Signs and emojis stay;
    a blank before a sign goes."""
    text = text if len(text) <= 2 * _READ else f"{text[:_READ]} {text[-_READ:]}"
    text = unicodedata.normalize("NFKD", text.lower().replace("’", "'"))[: 4 * _READ]
    plain = "".join(char for char in text if not unicodedata.combining(char))
    kept: list[str] = []
    for char in _BEFORE_SIGN.sub("", " ".join(plain.split())):
        if kept[-2:] != [char, char]:
            kept.append(char)
    return "".join(kept)
