"""Readers' opinions of an answer, left on its page: yes, no, or words. Nothing else of a visitor is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, and_, delete, func, select, update

from .database import Component, fetch_all, query, transaction
from .tables import reader_notes

MOST_NOTES = 1_000  # with words, until moderators put some away


@dataclass(frozen=True, slots=True)
class ReaderNote:
    """`value`: 1 for yes, -1 for no, 0 for words alone. `day`: its start in UTC; the same note counts `times` on it."""

    id: int
    entry: str
    value: int
    words: str
    day: datetime
    times: int


class ReaderNotes(Component):
    @transaction
    def add(self, connection: Connection, entry: str, value: int, words: str, now: datetime) -> bool:
        """Returns False, and stores nothing, if too many notes with words wait for moderators."""
        day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        row = {"entry": entry, "value": value, "words": words, "day": day}
        is_same = and_(*(reader_notes.c[name] == held for name, held in row.items()))
        if connection.execute(update(reader_notes).where(is_same).values(times=reader_notes.c.times + 1)).rowcount:
            return True
        waiting = select(func.count()).select_from(reader_notes).where(reader_notes.c.words != "")
        if words and (connection.scalar(waiting) or 0) >= MOST_NOTES:
            return False
        connection.execute(reader_notes.insert().values(row | {"times": 1}))
        return True

    @query
    def all(self, connection: Connection) -> list[ReaderNote]:
        """Return the notes, latest first."""
        return fetch_all(connection, ReaderNote, select(reader_notes).order_by(reader_notes.c.id.desc()))

    @transaction
    def erase(self, connection: Connection, id: int) -> None:
        connection.execute(delete(reader_notes).where(reader_notes.c.id == id))
