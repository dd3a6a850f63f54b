"""The store: what survives a restart, in SQLite or PostgreSQL.

A batch of events and the position after it is one transaction (`journal.receive`), and so is all that follows from
one event (`finish`). User ids are stored as salted hashes only; a message's text is erased once it is dealt with.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Self

from sqlalchemy import Connection

from bot.messages import Event

from .candidates import KnowledgeCandidates
from .database import Database, KeyValue
from .desk_sessions import DeskSession, DeskSessions
from .digest_posts import DigestPosts, Published
from .edits import KnowledgeEdits
from .journal import Journal, retry_events
from .knowledge_edit import KnowledgeEdit
from .link_checks import LinkChecks
from .outbox import Outbox, close_rows, retry_posts
from .outcome import apply_outcome, finish_event
from .post_queries import PostQueries
from .queue import QuestionQueue
from .retention import Retention
from .stats import Feedback, QueueDepths, Stats
from .store_errors import Damaged, StoreError, StoreLocked, Unfit
from .tables import outbox
from .values import (
    DISLIKED,
    LIKED,
    Draft,
    DraftKind,
    LinkState,
    OutboxRow,
    Outcome,
    PhrasingCandidate,
    PhrasingList,
    Post,
    Purpose,
    Question,
    QuestionClosure,
    QuestionOccurrence,
    QuestionReopening,
    QueuedQuestion,
    ReplyCandidate,
    SentPost,
)

log = logging.getLogger(__name__)


class Store:
    """`await Store.open(url)`, and `close` it at the end. What spans several of its parts is a method of its own."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.memory = KeyValue(database)
        self.outbox = Outbox(database)
        self.journal = Journal(database, self.outbox)
        self.queue = QuestionQueue(database, self.outbox)
        self.candidates = KnowledgeCandidates(database)
        self.posts = PostQueries(database)
        self.feedback = Feedback(database)
        self.retention = Retention(database, self.queue)
        self.digests = DigestPosts(database, self.outbox)
        self.links = LinkChecks(database, self.outbox)
        self.stats = Stats(database)
        self.edits = KnowledgeEdits(database)
        self.sessions = DeskSessions(database)

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        lock: bool = True,
        on_locked: Callable[[str], None] | None = log.warning,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> Self:
        """Create or upgrade the tables, once no other process uses them. Raises StoreError.

        `on_locked` gets one sentence when another process has the store; None: raise StoreLocked instead.
        Without `lock` (a command beside a running bot) only outdated tables need the store alone.
        """
        return cls(await Database.open(url, lock, on_locked, clock))

    async def close(self) -> None:
        await self.database.close()

    def hash(self, user: str) -> str:
        """What the tables hold instead of a user id."""
        return self.database.hash(user)

    async def finish(self, event: Event, outcome: Outcome, now: datetime) -> None:
        """Mark the event as done and apply its outcome: all of it, once. If the outcome shows words that were withdrawn
        meanwhile, nothing happens and the event stays due."""
        await self.database.write(lambda connection: finish_event(connection, self, event, outcome, now))

    async def apply(self, channel: str, key: str, outcome: Outcome, now: datetime) -> bool:
        """Apply an outcome that no journalled event led to. False: nothing happened, since words that it shows were
        withdrawn meanwhile, or its draft is settled. `key`: as for `outbox.post`; the same one posts nothing twice."""
        return await self.database.write(lambda connection: apply_outcome(connection, self, channel, key, outcome, now))

    async def give_up(self, id: int, reason: str, question: Question | None = None) -> None:
        """Never send this row; queue its question instead. `reason`: a short English phrase."""

        def work(connection: Connection) -> None:
            now = self.database.clock()
            if close_rows(connection, reason, now, outbox.c.id == id) and question:
                self.queue.add(connection, question, now)

        await self.database.write(work)

    async def retry_all(self) -> None:
        """Bring up now all that was put off: after the clock was set back, its time may never come."""

        def work(connection: Connection) -> None:
            retry_events(connection)
            retry_posts(connection)

        await self.database.write(work)
