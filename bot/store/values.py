"""The values that enter and leave the store. Depends on `bot.messages` only.

User ids go in as they are and are stored as a salted hash (see `Store.hash`).
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

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


LIKED, DISLIKED, THANKED, CHOSEN = "liked", "disliked", "thanked", "chosen"
NONE_FITS = "none of the suggestions"
"""Reasons under which the journal stores 👍, 👎 and what words say of a post; figures count by them."""
TAKEN = "a question taken"  # the same for 👀 under the note about a question


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

    @property
    def is_offer(self) -> bool:
        """Whether its entries are suggestions, of which none is known to be meant."""
        return self.purpose == "suggest"


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
