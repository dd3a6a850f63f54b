"""What the tests of edits share: a file, an entry to add, and what a folder holds."""

from datetime import date
from pathlib import Path

from bot.knowledge.entry_input import draft
from bot.knowledge.library import Library
from bot.knowledge.models import Entry
from bot.locale import wording

FR = wording("fr")
TODAY = date(2026, 11, 24)
FILE = """\
# Nos formations
theme: "Formations"
entries:
  # la première
  - id: facilitateur
    title: "Se former : où ?"
    questions:
      - "Où se former ?"  # souvent posée
      # encore une
      - quelle formation pour devenir concierge
    keywords: [RS5142, 'Coopérative']
    answer: |
      Une coopérative **forme**.

      Et elle certifie.
    links:
      - title: "La formation"
        url: "https://formation.example/"
  - id: fiche
    title: Fiche de poste
    questions: ["Où est la fiche ?"]
    answer: "Ici."
# fin
"""
NEW = draft({"id": "neuve", "title": "Une : neuve # 3", "questions": ["Quoi de @neuf ?"], "answer": "Ceci.\n\nCela."})


def another(id: str) -> Entry:
    return NEW.model_copy(update={"id": id})


def known(folder: Path) -> dict[str, Entry]:
    return dict(Library(folder).load(TODAY).knowledge.entries)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
