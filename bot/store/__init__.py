"""What must survive a restart: journal, outbox, question queue and what the bot said. SQLite or PostgreSQL.

One transaction each: a batch of events with the position after it (`receive`), and all that follows from one event
(`finish`). Nobody's user id stays in it, and no message's text once it is dealt with.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, update

from bot.messages import Event

from .database import get_value, reading, set_value, writing
from .digest_posts import DigestPosts, Published
from .journal import Journal, hasten, hasten_all, settle
from .link_checks import LinkChecks
from .outbox import change_unsent
from .post_queries import PostQueries
from .retention import Retention
from .stats import Feedback, QueueDepths, Stats
from .tables import outbox, unsent
from .values import (
    DISLIKED,
    LIKED,
    Damaged,
    Draft,
    DraftKind,
    DraftState,
    LinkState,
    OutboxRow,
    Outcome,
    Post,
    Purpose,
    Question,
    QuestionClosure,
    QuestionOccurrence,
    QueuedQuestion,
    SentPost,
    StoreError,
    StoreLocked,
    Unfit,
)

__all__ = [
    "DISLIKED",
    "LIKED",
    "Damaged",
    "Draft",
    "DraftKind",
    "DraftState",
    "LinkState",
    "OutboxRow",
    "Outcome",
    "Post",
    "Published",
    "Purpose",
    "Question",
    "QuestionClosure",
    "QuestionOccurrence",
    "QueueDepths",
    "QueuedQuestion",
    "SentPost",
    "Store",
    "StoreError",
    "StoreLocked",
    "Unfit",
]


class Store(Journal, PostQueries, Stats, Feedback, Retention, LinkChecks, DigestPosts):
    """`await Store.open(url)`, and `close` it in the end. Also the Memory of the channels."""

    @writing
    def finish(self, connection: Connection, event: Event, outcome: Outcome, now: datetime) -> None:
        """Apply what became of an event, all of it at once. For an event that is already done: nothing. Nor where it
        shows words that were withdrawn while it was made: the event stays, and is heard again."""
        if self._is_withdrawn(connection, outcome):
            return
        if not settle(connection, event, outcome, now):
            return
        if outcome.draft_decision and not self._settle(connection, *outcome.draft_decision):
            return
        self._remember(connection, event.channel, outcome, now)
        if outcome.retry_room:
            hasten(connection, event.channel, outcome.retry_room)
        self._withdraw(connection, outcome.withdraw, now)
        self._put(connection, event.channel, event.id, outcome.posts, now, event.sent)

    @writing
    def give_up(self, connection: Connection, id: int, reason: str, ask: Question | None = None) -> None:
        """Never send this row; its question goes into the queue instead. `reason`: a short English phrase."""
        closed = {"closed": self._clock(), "reason": reason, "outgoing": None}
        if change_unsent(connection, id, closed) and ask:
            self._ask(connection, ask, self._clock())

    @writing
    def bring_up(self, connection: Connection) -> None:
        """Look now at everything that was put off: when the clock was set back, its time may never come."""
        hasten_all(connection)
        connection.execute(update(outbox).where(unsent).values(not_before=None))

    @reading
    def recall(self, connection: Connection, name: str) -> str | None:
        return get_value(connection, name)

    @writing
    def remember(self, connection: Connection, name: str, value: str | None) -> None:
        """None forgets it."""
        set_value(connection, name, value)
