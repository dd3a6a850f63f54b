"""Reader of messages: the model's weights on the encoder's vectors, or on n-grams alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from bot.arrays import Floats
from bot.reading import ACTS, SAID, ReadAs, Reading, Said, clothes
from bot.reading.model import ASKED, NONE, ReadingModel, probability, shipped_model
from bot.reading.picks import is_number
from bot.reading.regression import Rows, fit, softmax
from bot.reading.text_columns import NOUN, PLACE, call_columns, columns
from bot.text.folding import clean, unshouted

CERTAIN = 0.4  # least probability of an act
ASKS, BEYOND_ASKING = 0.7, 0.95  # what asks must be an act more surely: 'merci mais et le salaire ?'
_ENCODED_WORDS = 80  # of the end of a text that are encoded
_IMPOSSIBLE = np.float32(-30)  # logit of `pick` where there is nothing to choose from
_PENALTY, _STEPS = 1.0, 60  # of corrections: L2 penalty on moving the weights, chosen on `nadine`; most steps
_COURTESY = ("ack", "agree", "greet", "leave", "thanks")

Encode = Callable[[str], Floats]
"""The numbers that a text is read from, `(n_read,)`: its vector and the mean of an inner layer, each of length 1."""


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
        row, heads = _row(plain, vector), self._model.heads(vector)
        asking = (heads.asks, heads.inquires) if said == "nothing" else (heads.asks_on, heads.inquires_on)
        asks, inquires = (probability(weights, row) for weights in asking)
        weights = heads.acts_asked if said in ASKED else heads.acts
        logits = row @ weights[: -len(SAID)] + weights[SAID.index(said) - len(SAID)]
        if said != "offer":
            logits[0, ACTS.index("pick")] = _IMPOSSIBLE
        found = softmax(logits)[0]
        best = int(np.argmax(found))
        certainty = float(found[best])
        if best == NONE or certainty < CERTAIN or (asks >= ASKS and certainty < BEYOND_ASKING):
            return Reading(text, None, float(found[NONE]), asks, inquires)
        return Reading(text, ACTS[best], certainty, asks, inquires)

    def corrected(self, examples: Sequence[tuple[str, ReadAs]]) -> Reader:
        """Return a reader fitted to messages that were misread, with their right readings.

        The shipped weights move no further than needed, the same way whatever the bot had said before.
        """
        known = [(_plain(text), what) for text, what in examples if _plain(text)]
        if not known:
            return self
        vectors = np.array([self._vector(text) for text, _ in known], np.float32) if self._encode else None
        found, count, heads = columns([text for text, _ in known], vectors), len(known), self._model.heads(vectors)
        acts = [ACTS.index(what) if what in ACTS else NONE for _, what in known]
        asks = [int(what == "question") for _, what in known]
        moved: dict[str, Floats] = {}
        moves = (("acts", acts, len(SAID)), ("acts_asked", acts, len(SAID)), ("asks", asks, 1), ("asks_on", asks, 1))
        for name, classes, shifts in moves:
            rows = Rows(
                columns=found,
                texts=np.repeat(np.arange(count), shifts),
                shifts=np.tile(np.eye(shifts, dtype=np.float32), (count, 1)),
                classes=np.repeat(classes, shifts),
                weights=np.ones(count * shifts, np.float32),
            )
            moved[name] = fit(rows, getattr(heads, name), _PENALTY / count, _STEPS)
        fitted, model = replace(heads, **moved), self._model
        corrected = replace(model, semantic=fitted) if self._encode else replace(model, lexical=fitted)
        return Reader(corrected, self._encode)

    def asks(self, text: str, vector: Floats | None = None) -> float:
        """Return the probability that a clean text asks; without a `vector`, on n-grams alone."""
        vector = vector if self._encode else None
        return probability(self._model.heads(vector).asks, _row(text, vector))

    def inquires(self, text: str) -> float:
        """Return the probability that a clean sentence asks anything of anybody, on n-grams alone."""
        return probability(self._model.lexical.inquires, _row(text, None))

    def calls(self, around: str) -> float:
        """Return the probability that the bot's name, for which `PLACE` stands in a text, calls the bot."""
        vector = self._vector(around.replace(PLACE, NOUN))
        return probability(self._model.heads(vector).calls, call_columns(around, vector)[None])

    def undress(self, text: str) -> str:
        """Return a clean text without greetings, courtesy and the like: see `clothes.undress`."""
        return clothes.undress(text, self._model.clothes)

    def clauses(self, text: str) -> list[str]:
        """Split a clean sentence into its questions."""
        return clothes.clauses(text, self._model.joints)

    def _vector(self, text: str) -> Floats | None:
        words = text.split()
        return self._encode(" ".join(words[-_ENCODED_WORDS:])) if self._encode and words else None


def is_courtesy(text: str) -> bool:
    """Whether a text is only thanks, a greeting or an assent, or has nothing but emojis or blanks; on n-grams alone."""
    return not any(map(str.isalnum, clean(text))) or Reader(shipped_model(), None).read(text, "answer").act in _COURTESY


def _plain(text: str) -> str:
    return unshouted(clean(text).strip())


def _row(text: str, vector: Floats | None) -> Floats:
    return columns([text], None if vector is None else vector[None])
