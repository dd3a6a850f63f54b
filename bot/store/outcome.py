"""The outcome of an event: what is posted, and the effects on the store."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from .knowledge_changes import KnowledgeEdit
from .values import (
    Contact,
    Draft,
    DraftState,
    PhrasingCandidate,
    PhrasingList,
    Post,
    Question,
    QuestionClosure,
    QuestionReopening,
    QuestionTaking,
    ReplyCandidate,
)


@dataclass(frozen=True, slots=True)
class Dequeue:
    """Remove the question of this event from the queue: it was deleted, or answered after an edit."""

    event: str


@dataclass(frozen=True, slots=True)
class DraftDecision:
    """Settle a draft. If it is settled already, nothing of the outcome is applied."""

    number: int
    state: DraftState


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
