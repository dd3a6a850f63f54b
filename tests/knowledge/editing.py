"""What the tests of edits share: an entry to add, and what a folder holds."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from bot.knowledge.entry_input import draft
from bot.knowledge.library import Library
from bot.knowledge.models import Entry
from bot.locale import wording

FR = wording("fr")
TODAY = date(2026, 11, 24)
NEW = draft({"id": "neuve", "title": "Une : neuve # 3", "questions": ["Quoi de @neuf ?"], "answer": "Ceci.\n\nCela."})


def another(id: str) -> Entry:
    return NEW.model_copy(update={"id": id})


def known(folder: Path) -> dict[str, Entry]:
    return dict(Library(folder).load(TODAY).knowledge.entries)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
