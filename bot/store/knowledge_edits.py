"""Moderators' changes of the answers, from a chat or the desk, kept for their history and to undo them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from .database import Component, fetch_all, query, transaction
from .tables import edits


@dataclass(frozen=True, slots=True)
class KnowledgeEdit:
    """A change of an entry in the files. `author` is the moderator's name, `file` the file's name.

    `before` and `after` are the fields as JSON, None where there is no entry. `id` is 0 until it is stored.
    """

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
        """Return the changes of an entry, latest first."""
        latest_first = select(edits).where(edits.c.entry == entry).order_by(edits.c.id.desc())
        return fetch_all(connection, KnowledgeEdit, latest_first)

    @transaction
    def record(self, connection: Connection, edit: KnowledgeEdit) -> None:
        self.add(connection, edit)

    def add(self, connection: Connection, edit: KnowledgeEdit) -> None:
        row = {name: value for name, value in asdict(edit).items() if name != "id"}
        connection.execute(edits.insert().values(row))
