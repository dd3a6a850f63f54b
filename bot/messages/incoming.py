"""Incoming values: an event as received, what it says once it is read, and what was said in the past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

Kind = Literal["message", "edit", "redaction", "reaction", "joined", "key", "renewed", "appeared"]
Loss = Literal["device", "identity", "encryption"]
Listen = Literal["questions", "mentions", "rehearsal"]
"""What the bot does with overheard questions in a room: answer, ignore, or show its answer to the moderators only."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event as a channel received it, unread: one row of the journal.

    `content`: JSON, ciphertext if the room is encrypted; the same channel must be able to read it after a restart.
    `relates_to`: id of the event that it answers, edits or removes. `tries`: how often it hung the program.
    """

    channel: str
    id: str
    room: str
    sender: str
    kind: Kind
    sent: datetime
    content: str = field(repr=False)
    relates_to: str | None = None
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Venue:
    """Where something is said or shown. `rooms`: the names of the room, or of the forum's category, in the settings;
    `region`: theirs, if they give it one. A direct room, and whatever else the settings do not name, has neither.

    `shows_all`: the moderators' room, where nothing of the knowledge is hidden.
    """

    rooms: frozenset[str] = frozenset()
    region: str | None = None
    shows_all: bool = False


NOWHERE = Venue()


@dataclass(frozen=True, slots=True)
class Message:
    """What a person wrote. `text` is plain, without the quote of a reply, with the vocative."""

    channel: str
    id: str
    room: str
    sender: str
    text: str = field(repr=False)
    sent: datetime
    direct: bool = False  # a room of two, or a private message: always addresses the bot
    private: bool = False  # in a direct, encrypted or non-public room
    moderators_room: bool = False
    listen: Listen = "questions"
    mentions_bot: bool = False
    mentions_others: bool = False
    reply_to: str | None = None  # the event that this one answers
    thread: str | None = None  # the root of the thread it stands in
    unencrypted: bool = False  # though its room is encrypted
    venue: Venue = NOWHERE


@dataclass(frozen=True, slots=True)
class Edit:
    """A new text for an earlier message of the same sender: `message` has the new text and the old id."""

    id: str
    message: Message


@dataclass(frozen=True, slots=True)
class Redaction:
    channel: str
    id: str
    room: str
    sender: str
    target: str


@dataclass(frozen=True, slots=True)
class Reaction:
    channel: str
    id: str
    room: str
    sender: str
    target: str
    key: str  # the emoji
    venue: Venue = NOWHERE


@dataclass(frozen=True, slots=True)
class Joined:
    """The bot joined a room."""

    channel: str
    id: str
    room: str
    listen: Listen = "questions"


@dataclass(frozen=True, slots=True)
class Unlocked:
    """A key came: messages of the room may be readable now."""

    channel: str
    id: str
    room: str


@dataclass(frozen=True, slots=True)
class Renewed:
    """The bot had to start again on its network. `losses`: the device with its keys, the identity that signed it, or
    encryption altogether if there can be no new device."""

    channel: str
    id: str
    losses: tuple[Loss, ...]


Incoming = Message | Edit | Redaction | Reaction | Joined | Unlocked | Renewed

UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
"""`sent` of a message whose date is missing or makes no sense."""

Skipped = Literal["notice", "robot", "undecryptable", "deleted", "private", "empty", "unreadable"]
"""Why something that was said there is not among the messages. `robot`: the bot itself, or one that it ignores."""


@dataclass(frozen=True, slots=True)
class Past:
    """`messages`: in their newest words, oldest first. `skipped`: how many are left out, by reason."""

    messages: Sequence[Message]
    skipped: Mapping[Skipped, int]
