"""Knowledge in a folder, and the program run there as its console script does."""

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import Run

KNOWLEDGE = """
theme: Formations
entries:
  - id: formation-facilitateur
    title: Se former au métier de facilitateur
    questions:
      - "Où trouver une formation de facilitateur de tiers-lieu ?"
      - "quelle formation pour devenir facilitateur"
    answer: La Coopérative forme et certifie.
    links:
      - {title: Piloter un tiers-lieu, url: "https://example.org/piloter"}
  - id: fiche-poste
    title: Une fiche de poste
    questions: ["avez-vous une fiche de poste de concierge ?"]
    links:
      - {title: La fiche, url: "https://example.org/fiche"}
  - id: service-civique
    title: Le service civique
    questions: ["peut-on accueillir un service civique ?"]
    answer: Oui, après un agrément.
  - id: adhesion
    title: Adhérer au réseau
    questions: ["combien coûte l’adhésion ?"]
    answer: Elle est gratuite.
  - id: assurance
    title: Assurer un lieu
    questions: ["quelle assurance faut-il ?"]
    answer: Une responsabilité civile.
  - id: horaires
    title: Les horaires
    questions: ["quand est-ce ouvert ?"]
    answer: Tous les jours.
"""
ASKED = "où trouver une formation de facilitateur de tiers-lieu ?"
WORDS_ALONE = "matching: {encoder: false}\n"  # half a second faster, and enough for what is asked here
ANSWERS = "answers: {confident: 0, overheard: 0}\n"
ALWAYS_ANSWERS = WORDS_ALONE + ANSWERS
NEVER_ANSWERS = WORDS_ALONE + "answers: {confident: 1, overheard: 1}\n"
FORUM = "discourse: {url: https://forum.example.org, username: concierge}\n"


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Concierge = Callable[..., Ran]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with some knowledge in it."""
    (tmp_path / "knowledge").mkdir()
    (tmp_path / "knowledge" / "formations.yaml").write_text(KNOWLEDGE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def concierge(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Concierge:
    """Run the program there as the console script does; `settings`: beside a forum."""

    def concierge(*arguments: str, stdin: bytes | str = b"", settings: str = "") -> Ran:
        given = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given), encoding="ascii"))
        return Ran(*run(*arguments, settings=settings and FORUM + settings))

    return concierge
