"""Labelled questions: the five sets beside the project, where they are, and one made of the shipped knowledge."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.growth import ROOT, shipped, today
from bot.knowledge.library import Library
from bot.knowledge.models import Entry, Knowledge
from bot.quality.evaluation import Labelled

FOLDER = ROOT.parent / "shared" / "eval"
LEFT_OUT = Path(__file__).parent / "left_out"  # tables of the confidence, each learned without the set it is named for
SHIPPED = "shipped"
SETS = {  # language
    "tierslieux": "fr",
    "covidfaq-fr": "fr",
    "clinc150-5shot": "en",
    "clinc150-50shot": "en",
    "banking77-10shot": "en",
    SHIPPED: "fr",
}
_LEFT_OUT_EVERY = 5  # one entry in so many of the shipped ones is left out as a whole: nothing answers its questions


@dataclass(frozen=True, slots=True)
class LabelledSet:
    name: str
    language: str
    knowledge: Knowledge
    questions: list[Labelled]


def there(name: str) -> bool:
    return name == SHIPPED or (FOLDER / name / "questions.jsonl").exists()


def read(name: str, most: int = 0) -> LabelledSet:
    """With at most `most` of its questions, drawn with a seed; 0: all."""
    found = _own() if name == SHIPPED else _beside(name)
    if not most or most >= len(found.questions):
        return found
    return replace(found, questions=random.Random(5).sample(found.questions, most))


def _beside(name: str) -> LabelledSet:
    knowledge = Library(FOLDER / name / "knowledge").load(today()).knowledge
    lines = (FOLDER / name / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [Labelled.read(json.loads(line)) for line in lines if line.strip()]
    return LabelledSet(name, SETS[name], knowledge, questions)


def _own() -> LabelledSet:
    """Of each shipped entry the last phrasing is taken out and asked; entries left out have no answer."""
    entries, questions = {}, []
    for number, entry in enumerate(shipped().entries.values()):
        *kept, asked = entry.questions
        known = number % _LEFT_OUT_EVERY > 0 and bool(kept)
        questions.append(Labelled(asked, frozenset({entry.id} if known else ())))
        if known:
            entries[entry.id] = _with(entry, kept)
    return LabelledSet(SHIPPED, "fr", Knowledge(entries, shipped().synonyms), questions)


def _with(entry: Entry, questions: list[str]) -> Entry:
    return entry.model_copy(update={"questions": tuple(questions)})
