"""What the conversation gives the store and gets back from it. Knows only `bot.messages`.

User ids go in as they are; the store keeps a salted hash of them and nothing else (`Store.hash` makes the same one).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from bot.messages import Outgoing

Purpose = Literal[
    "answer",
    "suggest",
    "unknown",
    "short",
    "command",
    "flood",
    "introduction",
    "undecryptable",
    "mark",
    "removal",
    "note",
    "rehearsal",
    "asked",
    "asked_more",
    "told",
    "draft",
    "list",
    "digest",
]
"""`asked`: a new question, for the moderators; `asked_more`: that there are more than can be said one by one; `told`:
an answer that came later; `draft`: a change of the knowledge, shown before it is made; `list`: open questions."""

DraftKind = Literal["add", "phrase", "change", "remove"]
DraftState = Literal["open", "done", "dropped"]


@dataclass(frozen=True, slots=True)
class Post:
    """Something to send, and what must be remembered about it afterwards. Goes into the outbox."""

    outgoing: Outgoing
    purpose: Purpose
    entries: tuple[str, ...] = ()  # ids it answers with, or offers to choose from (in order)
    question: str | None = None  # id of the event it answers
    asker: str | None = None  # user id; stored as a salted hash only
    overheard: bool = False  # addressed posts are sent before overheard ones, marks last
    answered: tuple[str, ...] = ()  # beside a choice: ids that the same post answers already
    channel: str | None = None  # where it goes, when not to the channel of the event that it comes from
    number: int | None = None  # of the question or draft that it is about
    private: bool = False  # said where not everybody can read


@dataclass(frozen=True, slots=True)
class Question:
    """A question without an answer, for the moderators' queue. `number`: of the open question that asks the same, or
    a new one from `Store.reserve`; `note` is posted if the question is new."""

    text: str = field(repr=False)
    channel: str
    room: str
    event: str
    asker: str  # user id; stored as a salted hash only
    asked: datetime
    private: bool = False  # asked where not everybody can read: its words are for few
    number: int | None = None
    note: Post | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class QuestionOccurrence:
    """One time that a question was asked."""

    id: int
    question: int
    channel: str
    room: str
    event: str
    asker: str  # salted hash: who it was is read again from the event
    text: str = field(repr=False)
    asked: datetime
    private: bool
    told: datetime | None


@dataclass(frozen=True, slots=True)
class QueuedQuestion:
    """A question under its lasting number, with each time that it was asked, oldest first."""

    number: int
    askings: tuple[QuestionOccurrence, ...]
    closed: datetime | None = None
    entry: str | None = None  # id of the entry that answers it

    @property
    def askers(self) -> int:
        return len({asking.asker for asking in self.askings})

    @property
    def open_texts(self) -> tuple[str, ...]:
        """As it was asked where everybody can read, oldest first."""
        return tuple(asking.text for asking in self.askings if not asking.private and asking.text)


@dataclass(frozen=True, slots=True)
class QuestionClosure:
    """A question is answered. `askings`: the ids of those that this concerns; asked anew meanwhile, it stays open."""

    question: int
    askings: tuple[int, ...]
    entry: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A change of the knowledge that waits for a moderator's word. `moderator`: user id going in, then its hash."""

    number: int
    kind: DraftKind
    content: str = field(repr=False)  # JSON
    moderator: str
    made: datetime
    question: int | None = None
    state: DraftState = "open"


LIKED, DISLIKED = "liked", "disliked"
"""The reasons with which the journal keeps 👍 and 👎."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an event: done (with what there is to send), or look at it again at `later`."""

    reason: str  # a short English phrase for log and journal; never message text
    posts: tuple[Post, ...] = ()
    retry_at: datetime | None = None  # keep the event with its content, and bring it up again then
    retry_room: str | None = None  # a room: bring up now what was put off there
    addressed: bool = False  # counts for flood
    confidence: float | None = None  # of the surest entry, where one was looked for
    ask: Question | None = None  # put into the question queue, or give the one of the same event these words
    close: QuestionClosure | None = None  # those who asked are told by `posts`
    draft: Draft | None = None  # keep it; one of `posts` shows it
    shows: tuple[
        int, ...
    ] = ()  # ids of askings that `posts` quote; is one withdrawn meanwhile, the event is heard again
    draft_decision: tuple[int, DraftState] | None = None  # a draft; when it is settled already, nothing of this happens
    dequeue: str | None = None  # event id: take its question out of the queue (deleted, or answered after an edit)
    withdraw: tuple[int, ...] = ()  # ids of Said: take back what was posted, and do not send what still waits
    opt_out: str | None = None  # user id: erase what is stored of them and stop overhearing them
    opt_in: str | None = None  # user id: overhear them again
    mute: tuple[str, datetime] | None = None  # room, and until when nothing overheard is answered there
    feedback: tuple[str, str, int] | None = None  # entry id, user id, +1 / -1 / 0 for withdrawn


@dataclass(frozen=True, slots=True)
class SentPost:
    """A post of the outbox as it is remembered, sent or still waiting (then `event` is None)."""

    id: int
    channel: str
    room: str
    purpose: Purpose
    entries: tuple[str, ...]
    question: str | None
    asker: str | None  # salted hash: compare with store.hash(user)
    overheard: bool
    event: str | None  # our own event's id; for new words in place of old ones, that of the old ones
    made: datetime
    removed: bool
    answered: tuple[str, ...] = ()
    number: int | None = None


LOGIN_BEFORE_RESTORE = "before a restore"
"""In the place of a login's name: it is none, so it is never the one that sends now."""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A row of the outbox to send now."""

    id: int
    channel: str
    transaction: str  # the same for each attempt
    priority: int  # the lower is sent first: what is addressed, what is overheard, marks
    purpose: Purpose
    question: str | None
    asker: str | None  # salted hash
    overheard: bool
    outgoing: Outgoing
    made: datetime
    begun: datetime | None  # when sending was first begun: it may have arrived
    login: str | None  # under which login that was
    attempts: int  # that failed

    @property
    def room(self) -> str:
        return self.outgoing.room

    @property
    def doubted(self) -> bool:
        """It may have been sent between a backup and its restore, and is not begun since."""
        return self.login == LOGIN_BEFORE_RESTORE


APART = timedelta(days=3)
"""Between the first and the last time that an address was seen dead, before it counts as dead."""


@dataclass(frozen=True, slots=True)
class LinkState:
    """What is known of an address in the answers. The times that it was seen dead are those since it was last right."""

    url: str
    state: str  # as found at the last look: right, moved, dead or unsure
    detail: str  # a status, or what went wrong
    checked: datetime
    moved_to: str | None = None  # for good
    right_last: datetime | None = None
    dead_since: datetime | None = None
    dead_last: datetime | None = None
    dead_times: int = 0

    @property
    def dead(self) -> bool:
        if self.dead_since is None or self.dead_last is None:
            return False
        return self.dead_times > 1 and self.dead_last - self.dead_since >= APART


class StoreError(Exception):
    """The store cannot be used; its text is a sentence for the operator, without secrets or SQL."""


class Damaged(StoreError):
    """What is stored cannot be read any more: waiting does not help."""


class Unfit(StoreError):
    """A value does not fit into its column: the store works, and waiting does not help."""


class StoreLocked(StoreError):
    """Another process uses the store."""
