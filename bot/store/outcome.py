"""The outcome of an event: what is posted, and the effects on the store."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, TypeVar
from zlib import crc32

from .values import Post

DraftKind = Literal["add", "phrase", "change", "remove"]
DraftState = Literal["open", "done", "dropped"]


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
class Dequeue:
    """Remove the question of this event from the queue: it was deleted, or answered after an edit."""

    event: str


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
class QuestionTaking:
    """A moderator looks after a question. `user`: a user id of the `channel`; empty: they give it back."""

    question: int
    user: str
    channel: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Contact:
    """A user id to tell, in a direct room, of open questions near entries that name it; as an effect, '' ends it."""

    channel: str
    user: str
    room: str


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
class DraftDecision:
    """Settle a draft. If it is settled already, nothing of the outcome is applied."""

    number: int
    state: DraftState


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


@dataclass(frozen=True, slots=True)
class EraseCandidate:
    """Erase a candidate that a moderator kept or dropped, or that can no longer be shown."""

    id: int


@dataclass(frozen=True, slots=True)
class Mute:
    """Leave overheard questions in this room unanswered."""

    room: str
    until: datetime


@dataclass(frozen=True, slots=True)
class OptIn:
    """Overhear this user id again."""

    user: str


@dataclass(frozen=True, slots=True)
class OptOut:
    """Erase what is stored of this user id, and do not overhear them."""

    user: str


@dataclass(frozen=True, slots=True)
class Rating:
    """Feedback of a user id on an entry: +1, -1 or 0 (retracted)."""

    entry: str
    user: str
    value: int


@dataclass(frozen=True, slots=True)
class RetryRoom:
    """Make the postponed events of this room due now."""

    room: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Remove a post (id of a `SentPost`) that was sent, or do not send it if it still waits."""

    post: int


Effect = (
    Question  # queue it, or give the question of the same event this text
    | QuestionClosure  # `posts` tell those who asked
    | QuestionReopening
    | QuestionTaking
    | Dequeue
    | Draft  # one of `posts` shows it
    | DraftDecision
    | KnowledgeEdit
    | PhrasingCandidate
    | ReplyCandidate
    | PhrasingList  # one of `posts` shows it
    | EraseCandidate
    | Contact
    | Mute
    | OptIn
    | OptOut
    | Rating
    | RetryRoom
    | Withdraw
)
AnEffect = TypeVar("AnEffect", bound=Effect)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The consequences of an event, which is then done, or retried at `retry_at`."""

    reason: str  # a short English phrase for log and journal; never message text
    posts: tuple[Post, ...] = ()
    effects: tuple[Effect, ...] = ()  # applied in this order, before the posts
    retry_at: datetime | None = None  # keep the event with its content, and handle it again then
    addressed: bool = False  # counts for flood
    confidence: float | None = None  # of the best entry, if one was searched
    about: str | None = None  # id of the bot's event that the words judge
    shows: tuple[int, ...] = ()  # ids of askings that `posts` quote; if one is withdrawn meanwhile, nothing happens

    def also(self, *more: Post | Effect | None) -> Outcome:
        """Return the outcome with more posts and effects; None adds nothing."""
        posts = (one for one in more if isinstance(one, Post))
        effects = (one for one in more if not isinstance(one, Post | None))
        return replace(self, posts=(*self.posts, *posts), effects=(*self.effects, *effects))

    def find(self, kind: type[AnEffect]) -> AnEffect | None:
        """Return the first effect of a kind, or None."""
        return next((effect for effect in self.effects if isinstance(effect, kind)), None)
