"""The addresses in the answers: what the weekly look at them found, and when the next one is due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, delete, select

from .database import get_value, insert_into, put_row, reading, set_value, writing
from .outbox import Outbox
from .tables import links
from .values import LinkState, Post

NEXT = "links: next look"


class LinkChecks(Outbox):
    @reading
    def standings(self, connection: Connection) -> dict[str, LinkState]:
        """By address."""
        rows = connection.execute(select(links).order_by(links.c.url)).mappings()
        return {row["url"]: LinkState(**row) for row in rows}

    @reading
    def next_look(self, connection: Connection) -> datetime | None:
        value = get_value(connection, NEXT)
        return datetime.fromisoformat(value) if value else None

    @writing
    def look_at(self, connection: Connection, when: datetime) -> None:
        """The next look is due then."""
        set_value(connection, NEXT, when.isoformat())

    @writing
    def note_found(self, connection: Connection, found: Iterable[LinkState]) -> None:
        """What was found by hand: state, detail and moment. What follows from them is left to the weekly look."""
        for standing in found:
            row = asdict(standing)
            key, change = (
                {name: row.pop(name) for name in names} for names in (("url",), ("state", "detail", "checked"))
            )
            put_row(connection, links, key, change, **row)

    @writing
    def looked(
        self, connection: Connection, found: Iterable[LinkState], then: datetime, note: Post | None, now: datetime
    ) -> None:
        """What a look found, in the place of what was known; the next one is due `then`. `note` names its channel."""
        connection.execute(delete(links))
        rows = [asdict(standing) for standing in found]
        if rows:
            connection.execute(insert_into(connection, links).on_conflict_do_nothing(), rows)
        set_value(connection, NEXT, then.isoformat())
        if note and note.channel:
            self._put(connection, note.channel, f"links {now.isoformat()}", [note], now)
