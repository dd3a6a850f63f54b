"""Learn where another question begins in a sentence: 'où trouver une fiche de poste et quelle assurance prendre ?'.

Part of `learn_reading.py`.

usage: python -m training.learn_joints     shares of joined questions that are split, and of single ones that are not
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from bot.arrays import Floats
from bot.reading.clothes import WIDTH, clauses, word_columns
from bot.reading.regression import minimum
from training.learn_clothes import SETS, summed

JOINTS = {
    "fr": (" et ", ", et ", " et aussi ", " ; ", " puis "),
    "en": (" and ", ", and ", " and also ", "; ", " then "),
}
PAIRS, SINGLE = 4000, 4000  # joined pairs of questions of one field; single questions
WRITTEN = Path(__file__).parent / "joints.jsonl"
"""Questions with 'et' in them, most of them single: 'entre l'un et l'autre'."""
OFTEN = 4  # times that each of these is learned
SHORT = 16  # words of a question that is joined
PENALTY, STEPS = 3e-5, 60
HELD_BACK = 6  # one set in so many is held out for the report


@dataclass(frozen=True, slots=True)
class Joined:
    first: str
    second: str = ""  # with what joins it

    @property
    def text(self) -> str:
        return self.first + self.second


def learned() -> Floats:
    """Return the weight of each feature for another question beginning at a word, `(WIDTH,)`. Seeded."""
    return _fitted([*_examples(_sets(), random.Random(3)), *OFTEN * _written()])  # noqa: S311


def _sets() -> Sequence[Path]:
    return sorted(SETS.iterdir())


def _written() -> list[Joined]:
    lines = [json.loads(line) for line in WRITTEN.read_text("utf-8").splitlines()]
    return [Joined(line["text"], line.get("second", "")) for line in lines]


def _examples(folders: Sequence[Path], chance: random.Random) -> Iterator[Joined]:
    fields = [_questions(folder) for folder in folders]
    for _ in range(PAIRS):
        lang, _, short = chance.choice(fields)
        first, second = chance.sample(short, 2)
        second = second[0].lower() + second[1:] if chance.random() < 0.9 else second
        yield Joined(first.rstrip(" .?!"), chance.choice(JOINTS[lang]) + second.rstrip(chance.choice(("", " .?!"))))
    for number in range(SINGLE):
        lang, asked, _ = chance.choice(fields)
        with_joint = [text for text in asked if JOINTS[lang][0] in text]  # 'bénévole et salarié' is one question
        yield Joined(chance.choice(with_joint if number % 2 else asked))


def _questions(folder: Path) -> tuple[str, Sequence[str], Sequence[str]]:
    """Return the language, all questions, and the short ones."""
    knowledge = (folder / "knowledge.yaml").read_text("utf-8")
    lines = (folder / "questions.jsonl").read_text("utf-8").splitlines()
    phrasings = [q for e in yaml.load(knowledge, Loader=yaml.CSafeLoader)["entries"] for q in e.get("questions") or ()]
    asked = [*phrasings, *(json.loads(line)["text"] for line in lines)]
    return (
        "en" if knowledge.count(" the ") > knowledge.count(" le ") else "fr",
        asked,
        [q for q in asked if len(q.split()) <= SHORT],
    )


def _fitted(messages: Sequence[Joined]) -> Floats:
    found = [word_columns(message.text) for message in messages]
    columns = np.concatenate([one.columns for one in found])
    begins = np.concatenate(
        [_begins(message, [start for start, _ in one.spans]) for message, one in zip(messages, found, strict=True)]
    )

    def loss(weights: Floats) -> tuple[float, Floats]:
        logits = weights[columns].sum(axis=1)
        errors = (1 / (1 + np.exp(-logits)) - begins).astype(np.float32)
        value = float(np.logaddexp(0, logits).sum() - logits @ begins) / len(found)
        return value + PENALTY / 2 * float(weights @ weights), summed(columns, errors) / len(found) + PENALTY * weights

    return minimum(loss, np.zeros(WIDTH, np.float32), STEPS)


def _begins(message: Joined, starts: Sequence[int]) -> Floats:
    """Return 1 for the word that begins the second question, else 0."""
    later = np.array(starts) >= len(message.first)
    return (later & (np.cumsum(later) == 1)).astype(np.float32)


def main() -> None:
    folders = _sets()
    kept, held = [f for n, f in enumerate(folders) if n % HELD_BACK], folders[::HELD_BACK]
    written = _written()
    learned_from = OFTEN * [one for n, one in enumerate(written) if n % HELD_BACK]
    weights = _fitted([*_examples(kept, random.Random(3)), *learned_from])  # noqa: S311
    for name, some in (("sets", _examples(held, random.Random(4))), ("written", written[::HELD_BACK])):  # noqa: S311
        right: dict[bool, list[bool]] = {True: [], False: []}
        for one in some:
            parts = clauses(one.text, weights)
            right[bool(one.second)].append(len(parts) == 1 + bool(one.second) and len(parts[0]) <= len(one.first))
        print(f"{name}: joined {np.mean(right[True]):.3f}, single {np.mean(right[False]):.3f}")


if __name__ == "__main__":
    main()
