"""Results of the weekly check of the links in the answers, and when the next one is due."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from .database import fetch_all, get_value, insert_into, put_row, query, set_value, transaction
from .outbox import PostingComponent
from .tables import links
from .values import Post

NEXT = "links: next look"  # in `memory`
APART = timedelta(days=3)  # least time between the first and last failed check of an address that counts as dead


@dataclass(frozen=True, slots=True)
class LinkState:
    """State of an address in the answers. Failed checks (`dead_…`) count since it last worked."""

    url: str
    state: str  # at the last check: right, moved, dead or unsure
    detail: str  # a status, or what went wrong
    checked: datetime
    moved_to: str | None = None  # permanently
    right_last: datetime | None = None
    dead_since: datetime | None = None
    dead_last: datetime | None = None
    dead_times: int = 0

    @property
    def is_dead(self) -> bool:
        if self.dead_since is None or self.dead_last is None:
            return False
        return self.dead_times > 1 and self.dead_last - self.dead_since >= APART


class LinkChecks(PostingComponent):
    @query
    def states(self, connection: Connection) -> dict[str, LinkState]:
        """Return the latest state of each address."""
        return {state.url: state for state in fetch_all(connection, LinkState, select(links).order_by(links.c.url))}

    @query
    def next_check(self, connection: Connection) -> datetime | None:
        value = get_value(connection, NEXT)
        return datetime.fromisoformat(value) if value else None

    @transaction
    def schedule(self, connection: Connection, next_check: datetime) -> None:
        set_value(connection, NEXT, next_check.isoformat())

    @transaction
    def note_manual(self, connection: Connection, states: Iterable[LinkState]) -> None:
        """Store results of a manual check: state, detail and time only. The weekly check alone judges them."""
        for state in states:
            row = asdict(state)
            key = {"url": row.pop("url")}
            change = {name: row.pop(name) for name in ("state", "detail", "checked")}
            put_row(connection, links, key, change, **row)

    @transaction
    def note_check(
        self,
        connection: Connection,
        states: Iterable[LinkState],
        next_check: datetime,
        note: Post | None,
        now: datetime,
    ) -> None:
        """Replace all results by those of a weekly check. `note` is posted if it names its channel."""
        connection.execute(delete(links))
        rows = [asdict(state) for state in states]
        if rows:
            connection.execute(insert_into(connection, links).on_conflict_do_nothing(), rows)
        set_value(connection, NEXT, next_check.isoformat())
        if note and note.channel:
            self._outbox.add(connection, note.channel, f"links {now.isoformat()}", [note], now)
