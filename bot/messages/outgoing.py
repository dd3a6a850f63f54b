"""Outgoing values: a post of the bot, a removal, a reaction; and the forum topics offered beside an answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """A post of the bot, in Markdown, to be rendered by the channel. It notifies nobody but `mentions`."""

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


TOPICS_SEEN = "topics seen"
"""Name in the channel's `Memory` of the latest public topics: JSON, each with `title`, `url` and `posted`."""

SearchForum = Callable[[Sequence[str]], Awaitable[Sequence[Topic]]]
"""The topics found by these words without an account, best first; none while the forum is down."""
