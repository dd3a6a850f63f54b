"""The values that enter and leave the store. Depends on `bot.messages` only.

User ids go in as they are and are stored as a salted hash (see `Store.hash`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from zlib import crc32

from bot.messages import Outgoing

Purpose = Literal[
    "answer", "suggest", "unknown", "short", "command", "flood", "file", "introduction", "undecryptable", "mark",
    "removal", "note", "rehearsal", "asked", "asked_more", "told", "relayed", "draft", "list", "phrasings", "gaps",
    "digest", "session", "link", "near",
]  # fmt: skip
"""`file`: notice that only text is read; `asked`: a new question, for the moderators; `asked_more`: notice that there
are too many to post one by one; `told`: an answer that came later; `relayed`: report that a moderator's words were
passed on; `draft`: a change of the knowledge, shown before it is made; `list`: open questions; `phrasings`: candidates
for phrasings; `gaps`: questions that the answers lack; `session`: notice that a moderator opened one on the desk;
`link`: the link that opens it, a secret; `near`: an open question, for a contact of the nearest entry."""
ANSWERING: tuple[Purpose, ...] = ("answer", "short")
"""Purposes of posts that answer a question at once; `told` comes after an `unknown`."""

DraftKind = Literal["add", "phrase", "change", "remove"]
DraftState = Literal["open", "done", "dropped"]


@dataclass(frozen=True, slots=True)
class Post:
    """A post to send, and the data that the outbox stores about it."""

    outgoing: Outgoing
    purpose: Purpose
    entries: tuple[str, ...] = ()  # ids it answers with, or offers to choose from (in order)
    question: str | None = None  # id of the event it answers
    asker: str | None = None  # user id; stored as a salted hash only
    overheard: bool = False  # addressed posts are sent before overheard ones, marks last
    answered: tuple[str, ...] = ()  # beside a choice: ids that the same post answers already
    channel: str | None = None  # where it goes, if not to the channel of its event
    number: int | None = None  # of the question or draft that it is about
    private: bool = False  # not everybody can read it
    relays: str | None = None  # id of the moderator's message whose words it brings, or reports as brought


@dataclass(frozen=True, slots=True)
class Question:
    """A question without an answer, for the moderators' queue.

    `number` is that of the open question that asks the same, or a new one from `QuestionQueue.reserve_number`. `note`
    and `tells` are posted if the question is new; of `tells`, to contacts, one a room and day.
    """

    text: str = field(repr=False)
    channel: str
    room: str
    event: str
    asker: str  # user id; stored as a salted hash only
    asked: datetime
    private: bool = False  # asked where not everybody can read: few may see its text
    number: int | None = None
    note: Post | None = field(default=None, repr=False)
    tells: tuple[Post, ...] = ()
    is_answered: bool = False  # its asker has the answer already; its text is not stored


@dataclass(frozen=True, slots=True)
class Contact:
    """A user id to tell, in a direct room, of open questions near entries that name it; as an effect, '' ends it."""

    channel: str
    user: str
    room: str


@dataclass(frozen=True, slots=True)
class QuestionOccurrence:
    """A row of the table `askings`: a question as one person asked it once."""

    id: int
    question: int
    channel: str
    room: str
    event: str
    asker: str  # salted hash; the user id is read again from the event
    text: str = field(repr=False)
    asked: datetime
    private: bool
    told: datetime | None


@dataclass(frozen=True, slots=True)
class QuestionTaking:
    """A moderator looks after a question. `user`: a user id of the `channel`; empty: they give it back."""

    question: int
    user: str
    channel: str
    at: datetime


@dataclass(frozen=True, slots=True)
class QueuedQuestion:
    """A question under its lasting number, with each time it was asked, oldest first."""

    number: int
    askings: tuple[QuestionOccurrence, ...]
    closed: datetime | None = None
    entry: str | None = None  # id of the entry that answers it
    taken_by: str | None = None  # user id of the moderator who looks after it
    taken_in: str | None = None  # the channel of that user id
    taken: datetime | None = None

    @property
    def askers(self) -> int:
        return len({asking.asker for asking in self.askings})

    @property
    def open_texts(self) -> tuple[str, ...]:
        """The texts asked in public, oldest first."""
        return tuple(asking.text for asking in self.askings if not asking.private and asking.text)


@dataclass(frozen=True, slots=True)
class QuestionClosure:
    """A question is answered. `askings`: ids of the occurrences whose askers are told.

    A question that is asked anew meanwhile stays open.
    """

    question: int
    askings: tuple[int, ...]
    entry: str | None = None


@dataclass(frozen=True, slots=True)
class QuestionReopening:
    """The answer to a question was taken back. `askings`: id and text of the occurrences whose askers were told."""

    question: int
    askings: tuple[tuple[int, str], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Draft:
    """A change of the knowledge that waits for a moderator's decision.

    `moderator` is a user id on its way in, a hash on its way out.
    """

    number: int
    kind: DraftKind
    content: str = field(repr=False)  # JSON
    moderator: str
    made: datetime
    question: int | None = None
    state: DraftState = "open"

    @property
    def version(self) -> str:
        """Its number, and what tells its content from earlier ones."""
        return f"{self.number}.{crc32(self.content.encode())}"


@dataclass(frozen=True, slots=True)
class PhrasingCandidate:
    """A public message that means an entry, by its author's choice or thanks.

    `id` is 0 until it is stored.
    """

    channel: str
    room: str
    event: str
    entry: str
    id: int = 0


@dataclass(frozen=True, slots=True)
class ReplyCandidate:
    """A person's public reply (`event`) to a member's question that may become an answer.

    `id` is 0 until it is stored.
    """

    channel: str
    room: str
    event: str
    question: str  # id of the message that asks
    id: int = 0


@dataclass(frozen=True, slots=True)
class PhrasingList:
    """Ids of the candidates that the list of this number shows, in order, and of those that are no longer of use."""

    number: int
    shown: tuple[int, ...]
    unusable: tuple[int, ...] = ()


LIKED, DISLIKED, THANKED, CHOSEN = "liked", "disliked", "thanked", "chosen"
NONE_FITS = "none of the suggestions"
"""Reasons under which the journal stores 👍, 👎 and what words say of a post; figures count by them."""
TAKEN = "a question taken"
"""The same for 👀 under the note about a question."""


@dataclass(frozen=True, slots=True)
class SentPost:
    """A post of the outbox, sent or still waiting (then `event` is None)."""

    id: int
    channel: str
    room: str
    purpose: Purpose
    entries: tuple[str, ...]
    question: str | None
    asker: str | None  # salted hash: compare with store.hash(user)
    overheard: bool
    event: str | None  # id of the bot's event; for an edit, of the original one
    made: datetime
    removed: bool
    answered: tuple[str, ...] = ()
    number: int | None = None
    relays: str | None = None


@dataclass(frozen=True, slots=True)
class RecentPost:
    """A post with what followed in its room.

    `others_spoke`: somebody but its reader has written a message since. `is_last`: nothing else was posted to its
    reader since.
    """

    post: SentPost
    others_spoke: bool
    is_last: bool


LOGIN_BEFORE_RESTORE = "before a restore"
"""Sentinel stored as `login` for rows made before a restore; never equals a real login."""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A row of the outbox to send now."""

    id: int
    channel: str
    transaction: str  # the same for each attempt
    priority: int  # the lower is sent first: addressed, overheard, marks
    purpose: Purpose
    question: str | None
    asker: str | None  # salted hash
    overheard: bool
    outgoing: Outgoing
    made: datetime
    begun: datetime | None  # of the first attempt: it may have arrived
    login: str | None  # under which that attempt was made
    attempts: int  # failed ones

    @property
    def room(self) -> str:
        return self.outgoing.room

    @property
    def is_maybe_sent(self) -> bool:
        """Whether it may have been sent between a backup and its restore, and was not begun since."""
        return self.login == LOGIN_BEFORE_RESTORE


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
