"""Reader of messages: the model's weights on the encoder's vectors, or on n-grams alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from bot.arrays import Floats
from bot.reading import ACTS, ReadAs, Reading, Said
from bot.reading.clothes import clauses, undress
from bot.reading.corrections import corrected
from bot.reading.model import NONE, ReadingModel
from bot.reading.picks import is_number
from bot.text.folding import clean

CERTAIN = 0.4  # least probability of an act
ASKS, BEYOND_ASKING = 0.7, 0.95  # what asks must be an act more surely: 'merci mais et le salaire ?'
SHOUTED = 3  # words of a text in capitals that are shouted: fewer may be an acronym
_ENCODED_WORDS = 80  # of the end of a text that are encoded

Encode = Callable[[str], Floats]
"""The vector of a text, of length 1."""


class Reader:
    """Reads messages. Safe to call from several threads at once."""

    def __init__(self, model: ReadingModel, encode: Encode | None) -> None:
        """`encode`: of the encoder that the model was learned with; None to do without it."""
        self._model, self._encode = model, encode

    def read(self, text: str, said: Said = "nothing") -> Reading:
        """Read a message. `text`: without the call. `said`: the bot's last words to its author."""
        plain = _plain(text)
        if not plain:
            return Reading(text, "greet", 1.0, 0.0)  # a bare call
        if is_number(plain):
            return Reading(text, "pick" if plain.strip("0 .!") else "refuse", 1.0, 0.0)  # 0: none of them
        vector = self._vector(plain)
        found, asks, inquires = self._model.probabilities(plain, vector, said, can_pick=said == "offer")
        best = int(np.argmax(found))
        certainty = float(found[best])
        if best == NONE or certainty < CERTAIN or (asks >= ASKS and certainty < BEYOND_ASKING):
            return Reading(text, None, float(found[NONE]), asks, inquires)
        return Reading(text, ACTS[best], certainty, asks, inquires)

    def corrected(self, examples: Sequence[tuple[str, ReadAs]]) -> Reader:
        """Return a reader that has also learned from messages that were misread, with their right readings."""
        plain = [(_plain(text), what) for text, what in examples if _plain(text)]
        if not plain:
            return self
        vectors = [self._vector(text) for text, _ in plain]
        known = np.array(vectors, np.float32) if self._encode else None
        return Reader(corrected(self._model, plain, known), self._encode)

    def asks(self, text: str, vector: Floats | None = None) -> float:
        """Return the probability that a clean text asks; without a `vector`, on n-grams alone."""
        return self._model.asks_probability(text, vector if self._encode else None)

    def inquires(self, text: str) -> float:
        """Return the probability that a clean sentence asks anything of anybody, on n-grams alone."""
        return self._model.inquiry_probability(text)

    def undress(self, text: str) -> str:
        """Return a clean text without greetings, courtesy and the like: see `clothes.undress`."""
        return undress(text, self._model.clothes)

    def clauses(self, text: str) -> list[str]:
        """Split a clean sentence into its questions."""
        return clauses(text, self._model.joints)

    def _vector(self, text: str) -> Floats | None:
        words = text.split()
        return self._encode(" ".join(words[-_ENCODED_WORDS:])) if self._encode and words else None


def _plain(text: str) -> str:
    """Clean a text; in lower case if it is shouted."""
    plain = clean(text).strip()
    return plain.lower() if plain.isupper() and len(plain.split()) >= SHOUTED else plain
