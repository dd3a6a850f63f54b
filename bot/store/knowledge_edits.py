"""Moderators' changes of the answers, from a chat or the desk, for their history and to take them back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from .database import Component, from_row, query, transaction
from .tables import edits


@dataclass(frozen=True, slots=True)
class KnowledgeEdit:
    """A change of an entry that is in the files. `author`: the moderator's name; `file`: its name; `before`, `after`:
    the fields as JSON, None where there is no entry. `id`: 0 while it is not stored."""

    entry: str
    made: datetime
    author: str
    file: str
    before: str | None
    after: str | None
    id: int = 0


class KnowledgeEdits(Component):
    @query
    def of_entry(self, connection: Connection, entry: str) -> list[KnowledgeEdit]:
        """The latest first."""
        rows = connection.execute(select(edits).where(edits.c.entry == entry).order_by(edits.c.id.desc()))
        return [from_row(KnowledgeEdit, row) for row in rows]

    @transaction
    def record(self, connection: Connection, edit: KnowledgeEdit) -> None:
        self.add(connection, edit)

    def add(self, connection: Connection, edit: KnowledgeEdit) -> None:
        row = {name: value for name, value in asdict(edit).items() if name != "id"}
        connection.execute(edits.insert().values(row))
