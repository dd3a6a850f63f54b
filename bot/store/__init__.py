"""The store: data that survives a restart, in SQLite or PostgreSQL.

A batch of events and the position after it is one transaction (`journal.receive`), and so is all that follows from one
event (`finish`). User ids are stored as salted hashes only; a message's text is erased once it is dealt with.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from bot.messages import Event

from .backend import Backend, Damaged, StoreError, StoreLocked, Unfit
from .channel_memory import DeviceKeyRows, KeyValue
from .database import Database, put_row
from .desk_sessions import DeskSession, DeskSessions
from .digest_posts import DeliveryStatus, DigestPosts, Published
from .feedback import Feedback, ReaderNotes
from .journal import Journal, retry_events, settle_event
from .knowledge_changes import KnowledgeCandidates, KnowledgeEdits
from .lease import THIS_WORKER, LeaseLost
from .link_checks import LinkChecks, LinkState
from .outbox import Outbox, close_rows, retry_posts
from .outcome import (
    Contact,
    Dequeue,
    Draft,
    DraftDecision,
    DraftKind,
    Effect,
    EraseCandidate,
    KnowledgeEdit,
    Mute,
    OptIn,
    OptOut,
    Outcome,
    PhrasingCandidate,
    PhrasingList,
    Question,
    QuestionClosure,
    QuestionReopening,
    QuestionTaking,
    Rating,
    ReplyCandidate,
    RetryRoom,
    Withdraw,
)
from .post_queries import PostQueries
from .queue import QuestionQueue, is_outdated, settle_draft
from .retention import Retention
from .stats import Counts, QueueDepths, Stats
from .tables import askings, hushes, journal, outbox
from .values import (
    ANSWERING,
    CHOSEN,
    DISLIKED,
    LIKED,
    NONE_FITS,
    TAKEN,
    THANKED,
    OutboxRow,
    Post,
    Purpose,
    QuestionOccurrence,
    QueuedQuestion,
    SentPost,
)


class Store(Database):
    """The open database with its components: `await Store.open(url)`, later `close`.

    A transaction that spans several components is a method of this class.
    """

    def __init__(self, backend: Backend, clock: Callable[[], datetime]) -> None:
        super().__init__(backend, clock)
        self.memory = KeyValue(self)
        self.device_keys = DeviceKeyRows(self)
        self.outbox = Outbox(self)
        self.journal = Journal(self, self.outbox)
        self.queue = QuestionQueue(self, self.outbox)
        self.candidates = KnowledgeCandidates(self)
        self.posts = PostQueries(self)
        self.feedback = Feedback(self)
        self.retention = Retention(self, self.queue)
        self.digests = DigestPosts(self, self.outbox)
        self.links = LinkChecks(self, self.outbox)
        self.stats = Stats(self)
        self.knowledge_edits = KnowledgeEdits(self)
        self.sessions = DeskSessions(self)
        self.reader_notes = ReaderNotes(self)

    async def finish(self, event: Event, outcome: Outcome, now: datetime) -> None:
        """Mark the event as done and apply its outcome, in one transaction.

        Does nothing for an event that is already done. An outcome that came too late (see `is_outdated`) is not
        applied, and the event stays due.
        """

        def work(connection: Connection) -> None:
            if not is_outdated(connection, outcome) and settle_event(connection, event, outcome, now):
                self._apply(connection, event.channel, event.id, outcome, now, event.sent)

        await self.write(work)

    async def apply(self, channel: str, key: str, outcome: Outcome, now: datetime) -> bool:
        """Apply an outcome that comes from no journalled event.

        Returns False, and changes nothing, if it came too late (see `is_outdated`) or its draft is settled. `key` is as
        for `Outbox.post`: posts made under a known key are not sent again.
        """

        def work(connection: Connection) -> bool:
            return not is_outdated(connection, outcome) and self._apply(connection, channel, key, outcome, now)

        return await self.write(work)

    async def give_up(self, id: int, reason: str, question: Question | None = None) -> None:
        """Never send this row; queue its question instead. `reason` is a short English phrase."""

        def work(connection: Connection) -> None:
            now = self.clock()
            if close_rows(connection, reason, now, outbox.c.id == id) and question:
                self.queue.add(connection, question, now)

        await self.write(work)

    async def retry_all(self) -> None:
        """Make all postponed work due now: once the clock was set back, its time may never come."""

        def work(connection: Connection) -> None:
            retry_events(connection)
            retry_posts(connection)

        await self.write(work)

    # An outcome in one transaction

    def _apply(
        self,
        connection: Connection,
        channel: str,
        source: str,
        outcome: Outcome,
        now: datetime,
        event_sent: datetime | None = None,
    ) -> bool:
        """Apply everything except what concerns the event itself.

        `source` is the event's id or the key from which transaction ids are derived.
        """
        decision = outcome.find(DraftDecision)
        if decision and not settle_draft(connection, decision.number, decision.state):
            return False
        for effect in outcome.effects:
            self._apply_effect(connection, channel, effect, now)
        self.outbox.add(connection, channel, source, outcome.posts, now, event_sent)
        return True

    def _apply_effect(self, connection: Connection, channel: str, effect: Effect, now: datetime) -> None:
        match effect:
            case Question():
                self.queue.add(connection, effect, now)
            case QuestionClosure():
                self.queue.close(connection, effect, now)
            case QuestionReopening():
                self.queue.reopen(connection, effect)
            case QuestionTaking():
                self.queue.take(connection, effect)
            case Dequeue(event):
                self.queue.remove(connection, now, askings.c.channel == channel, askings.c.event == event)
                self.candidates.remove_event(connection, channel, event)
            case Draft():
                self.queue.put_draft(connection, effect)
            case DraftDecision():
                pass  # made first
            case KnowledgeEdit():
                self.knowledge_edits.add(connection, effect)
            case PhrasingCandidate() | ReplyCandidate():
                self.candidates.add(connection, effect, now)
            case PhrasingList():
                self.candidates.put_list(connection, effect)
            case EraseCandidate(id):
                self.candidates.erase(connection, [id])
            case Contact():
                self.queue.put_contact(connection, effect)
            case Mute(room, until):
                put_row(connection, hushes, {"room": room}, {"until": until})
            case OptIn(user):
                self.retention.opt_in(connection, user)
            case OptOut(user):
                self.retention.opt_out(connection, user, now)
            case Rating():
                self.feedback.rate(connection, effect, now)
            case RetryRoom(room):
                retry_events(connection, journal.c.channel == channel, journal.c.room == room)
            case Withdraw(post):
                self.outbox.withdraw(connection, [post], now)
