"""Outgoing values: a post of the bot, a removal, a reaction; and the forum topics offered beside an answer."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Reply:
    """A post of the bot, in Markdown, rendered by the channel. It notifies nobody but `mentions`."""

    room: str
    text: str
    to: str | None = None  # the event that it answers
    thread: str | None = None  # root of its thread
    quiet: bool = False  # without a notification (Matrix: m.notice)
    mentions: tuple[str, ...] = ()  # user ids
    replaces: str | None = None  # the bot's earlier event, which this edits
    choices: tuple[str, ...] = ()  # reactions that the bot adds once it is sent
    title: str | None = None  # on a forum: makes it a new topic of the category


@dataclass(frozen=True, slots=True)
class Removal:
    """The removal of one of the bot's events, or of one that a moderator wants removed."""

    room: str
    target: str


@dataclass(frozen=True, slots=True)
class OutgoingReaction:
    room: str
    target: str
    key: str


Outgoing = Reply | Removal | OutgoingReaction


@dataclass(frozen=True, slots=True)
class Topic:
    """A public topic of the forum."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class SolvedTopic:
    """A public topic with an accepted reply: ids of its room, of its first post and of the reply."""

    room: str
    question: str
    answer: str


TOPICS_SEEN = "topics seen"
"""Name in the channel's `Memory` of the latest public topics: JSON, each with `title`, `url` and `posted`."""


@dataclass(frozen=True, slots=True)
class TopicPost:
    """A post as plain text, and as HTML for the titles of its links."""

    author: str
    text: str = field(repr=False)
    html: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class WholeTopic:
    """A topic as a person reads it. `posts` are people's; empty for a private message."""

    title: str
    url: str
    posts: tuple[TopicPost, ...]
    private: bool = False


SearchForum = Callable[[Sequence[str]], Awaitable[Sequence[Topic]]]
"""Return the topics that these words find without an account, best first; none while the forum is down."""


class TopicSearch(Protocol):
    """The forum as a visitor without an account sees it."""

    async def __call__(self, words: Sequence[str]) -> Sequence[Topic]:
        """Search as `SearchForum` says."""

    async def still_open(self, topics: Sequence[Topic]) -> Sequence[Topic]:
        """Return the topics that a visitor may still read, and answer once logged in."""

    async def solved(self, since: date, known: Collection[str], most: int) -> Sequence[SolvedTopic]:
        """Return the newest solved topics opened since then, `most` at most; none while the forum is down.

        They come from the settings' categories and those below, without the rooms that are `known`.
        """
