"""What goes out: a post of the bot, something taken back, an emoji; and what the forum offers beside an answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """One post of the bot, in Markdown. The channel renders it; it never pings anybody but `mentions`."""

    room: str
    text: str
    to: str | None = None  # the event it answers
    thread: str | None = None  # the root of the thread it belongs in
    quiet: bool = False  # nobody's phone rings (Matrix: m.notice)
    mentions: tuple[str, ...] = ()  # user ids
    replaces: str | None = None  # the bot's own earlier event, which gets these words instead
    choices: tuple[str, ...] = ()  # emojis that the bot puts under it, once it is sent
    title: str | None = None  # on a forum, in a category: a topic of its own


@dataclass(frozen=True, slots=True)
class Removal:
    """Take back one of the bot's own events (or the one that a moderator wants gone)."""

    room: str
    target: str


@dataclass(frozen=True, slots=True)
class OutgoingReaction:
    """One emoji of the bot under an event."""

    room: str
    target: str
    key: str


Outgoing = Reply | Removal | OutgoingReaction


@dataclass(frozen=True, slots=True)
class Topic:
    """A public topic of the forum that may help."""

    title: str
    url: str


TOPICS_SEEN = "topics seen"
"""What the memory calls the public topics that a channel saw lately: JSON, of each `title`, `url` and `posted`."""

SearchForum = Callable[[Sequence[str]], Awaitable[Sequence[Topic]]]
"""The topics that a visitor without an account finds by these words, best first; none while the forum is down."""
