"""Changes of the answers that were made from a chat or the desk, for their history and to take them back."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from .database import Component, from_row, query
from .knowledge_edit import KnowledgeEdit
from .tables import edits

EDITS = timedelta(days=90)


class KnowledgeEdits(Component):
    @query
    def of_entry(self, connection: Connection, entry: str) -> list[KnowledgeEdit]:
        """The latest first."""
        rows = connection.execute(select(edits).where(edits.c.entry == entry).order_by(edits.c.id.desc()))
        return [from_row(KnowledgeEdit, row) for row in rows]

    def add(self, connection: Connection, edit: KnowledgeEdit) -> None:
        values = {name: getattr(edit, name) for name in ("entry", "made", "author", "file", "before", "after")}
        connection.execute(edits.insert().values(values))


def erase_old_edits(connection: Connection, now: datetime) -> None:
    connection.execute(delete(edits).where(edits.c.made < now - EDITS))
