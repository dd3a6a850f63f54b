"""Learn the clothes of questions from messages in `training/clothes`. Part of `learn_reading.py`.

usage: python -m training.learn_clothes     figures of each voice, learned from the others, and of the judge, from all
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from bot.arrays import Floats, Numbers
from bot.reading.clothes import WIDTH, undress, word_columns
from bot.reading.regression import minimum, softmax

HERE = Path(__file__).parent
SETS = HERE / "sets"
VOICES = ("forum", "oral", "phone", "polite")
JUDGE = "mixed"  # never learned from, and nothing is chosen on it
OTHERS = 6000  # questions of `training/sets`, many of them stories; a share BARE of them stays bare
TIMES = 8  # weight of a message of the voices
BARE, WORN, LOWER, MARKED = 0.3, 0.7, 0.5, 0.6  # shares: bare; with clothes at an end; in lower case; with its mark
ENDS = ("front", "back")
PENALTY, STEPS = 3e-4, 60  # all of these were chosen on each voice in turn, learned from the others


@dataclass(frozen=True, slots=True)
class Dressed:
    front: str
    core: str
    back: str
    lang: str = ""

    @property
    def text(self) -> str:
        return self.front + self.core + self.back


def read(voice: str) -> Sequence[Dressed]:
    lines = (HERE / "clothes" / f"{voice}.jsonl").read_text(encoding="utf-8").splitlines()
    return [Dressed(**json.loads(line)) for line in lines]


def learned(voices: Sequence[str] = VOICES) -> Floats:
    """Return the weights of features for a word being clothes before or after the question, `(WIDTH, 2)`. Seeded."""
    messages = [message for voice in voices for message in read(voice)]
    return _fitted([*messages * TIMES, *_others(messages, random.Random(5))])  # noqa: S311


def _others(messages: Sequence[Dressed], chance: random.Random) -> Iterator[Dressed]:
    """Yield questions and stories, some bare, the others in clothes of the messages."""
    alone = {front[0] for message in messages if len(front := message.front.lower().strip(" ,!.\n").split()) == 1}
    cores = [core for core in _cores() if core.lower().split()[0].strip(" ,!.") not in alone]  # 'Bonjour, …' is dressed
    for core in chance.sample(cores, OTHERS):
        is_bare = chance.random() < BARE
        front, back = (
            "" if is_bare or chance.random() > WORN else getattr(chance.choice(messages), end) for end in ENDS
        )
        said = core[0].lower() + core[1:] if front and chance.random() < LOWER else core
        yield Dressed(front, said if chance.random() < MARKED else said.rstrip(" ?."), back)


def _cores() -> Sequence[str]:
    lines = [line for file in sorted(SETS.glob("*/questions.jsonl")) for line in file.read_text("utf-8").splitlines()]
    entries = [entry for file in sorted(SETS.glob("*/knowledge.yaml")) for entry in _entries(file)]
    return [
        *(json.loads(line)["text"] for line in lines),
        *(text for one in entries for text in one.get("questions") or ()),
    ]


def _fitted(messages: Sequence[Dressed]) -> Floats:
    """Fit weights that make the two cuts of each message the likeliest of all places.

    For either end this is a logistic regression over the places, on the sums of the weights of the words before (after)
    a place.
    """
    found = [word_columns(message.text) for message in messages]
    sizes = np.array([len(one.spans) for one in found])
    columns = np.concatenate([one.columns for one in found])
    rows = np.repeat(np.arange(len(found)), sizes)
    places = np.arange(len(columns)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    ends = (places, sizes[rows] - 1 - places)  # from the front, from behind
    cuts = [_cuts(message, [start for start, _ in one.spans]) for message, one in zip(messages, found, strict=True)]

    def loss(weights: Floats) -> tuple[float, Floats]:
        table = weights.reshape(WIDTH, 2)
        logits, errors, total = table[columns].sum(axis=1), np.zeros((len(columns), 2), np.float32), 0.0
        for end, counted in enumerate(ends):
            one, errors[:, end] = _end_loss(logits[:, end], rows, counted, sizes, np.array([cut[end] for cut in cuts]))
            total += one
        gradient = np.stack([summed(columns, errors[:, end]) for end in range(2)], axis=1) / len(found)
        return total / len(found) + PENALTY / 2 * float(np.square(table).sum()), (gradient + PENALTY * table).ravel()

    return minimum(loss, np.zeros(2 * WIDTH, np.float32), STEPS).reshape(WIDTH, 2)


def _cuts(message: Dressed, starts: Sequence[int]) -> tuple[int, int]:
    """Count the words of a message that are clothes, before and after the question."""
    first, last = len(message.front), len(message.front) + len(message.core)
    return sum(start < first for start in starts), sum(start >= last for start in starts)


def _end_loss(logits: Floats, rows: Numbers, places: Numbers, sizes: Numbers, cuts: Numbers) -> tuple[float, Floats]:
    """Return the negative log-likelihood of the cuts at one end, and its gradient.

    `logits`, `rows`, `places`: the logit of each word, its message and its place from that end; `sizes`, `cuts`: of
    each message.
    """
    table = np.zeros((len(sizes), sizes.max()), np.float32)
    table[rows, places] = logits
    sums = np.cumsum(table, axis=1) - table
    sums[np.arange(sizes.max()) >= sizes[:, None]] = -np.inf
    likely = softmax(sums)
    is_worn = 1 - np.cumsum(likely, axis=1)  # that a cut lies behind the word
    errors = is_worn - (np.arange(sizes.max()) < cuts[:, None])
    return float(-np.log(likely[np.arange(len(sizes)), cuts] + 1e-12).sum()), errors[rows, places].astype(np.float32)


def summed(columns: Numbers, values: Floats) -> Floats:
    """Sum the values of the words that have each column, `(WIDTH,)`."""
    repeated = np.repeat(values, columns.shape[1])
    return np.bincount(columns.ravel(), repeated, minlength=WIDTH).astype(np.float32)


def _entries(file: Path) -> Sequence[dict[str, Sequence[str]]]:
    entries: Sequence[dict[str, Sequence[str]]] = yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader)["entries"]
    return entries


def report(messages: Sequence[Dressed], weights: Floats) -> str:
    """Return shares: messages cut exactly, bare ones left as they are, words of cores lost, words of clothes left."""
    exact, bare, lost, stays = [], [], [], []
    for message in messages:
        rest, spans = undress(message.text, weights), word_columns(message.text).spans
        first = message.text.index(rest)
        front, back = _cuts(message, [start for start, _ in spans])
        inside = [front <= place < len(spans) - back for place in range(len(spans))]
        left = [first <= start < first + len(rest) for start, _ in spans]
        exact.append(inside == left)
        bare += [inside == left] if all(inside) else []
        lost += [not stayed for stayed, is_core in zip(left, inside, strict=True) if is_core]
        stays += [stayed for stayed, is_core in zip(left, inside, strict=True) if not is_core]
    return " | ".join(f"{np.mean(share):.3f}" for share in (exact, bare, lost, stays))


def main() -> None:
    print("exact | bare ones as they are | words of a core lost | words of clothes left")
    for voice in VOICES:
        print(f"{voice:8} {report(read(voice), learned([other for other in VOICES if other != voice]))}")
    print(f"{JUDGE:8} {report(read(JUDGE), learned())}")


if __name__ == "__main__":
    main()
