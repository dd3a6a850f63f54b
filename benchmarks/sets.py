"""Labelled questions: the five sets beside the project, where they are, and our own about the shipped knowledge."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.growth import ROOT, shipped, today
from bot.knowledge.library import Library
from bot.knowledge.models import Knowledge
from bot.quality.evaluation import Labelled

FOLDER = ROOT.parent / "shared" / "eval"
SHIPPED = "shipped"
OWN = ROOT / "training" / "learning" / SHIPPED
SETS = {  # language
    "tierslieux": "fr",
    "covidfaq-fr": "fr",
    "clinc150-5shot": "en",
    "clinc150-50shot": "en",
    "banking77-10shot": "en",
    SHIPPED: "fr",
}


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
    return LabelledSet(name, SETS[name], knowledge, _questions(FOLDER / name))


def _own() -> LabelledSet:
    """The knowledge that the bot comes with, asked in words written for this project."""
    return LabelledSet(SHIPPED, SETS[SHIPPED], shipped(), _questions(OWN))


def _questions(folder: Path) -> list[Labelled]:
    lines = (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [Labelled.read(json.loads(line)) for line in lines if line.strip()]
