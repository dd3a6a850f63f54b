"""Incoming values: an event as received, its meaning once read, and messages of the past."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

Kind = Literal["message", "edit", "redaction", "reaction", "joined", "key", "renewed", "appeared"]
Loss = Literal["device", "identity", "encryption"]
Listen = Literal["questions", "mentions", "rehearsal"]
"""How the bot treats overheard questions in a room: answer, ignore, or show its answer to the moderators only."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event as a channel received it, unread: a row of the journal.

    `content` is JSON, ciphertext if the room is encrypted; the same channel must be able to read it after a restart.
    `relates_to` is the id of the event that it answers, edits or removes. `tries` counts how often it hung the program.
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
    """The place where something is said or shown.

    `rooms` are the names of the room, or of the forum's category, in the settings; `region` is their region, if they
    have one. A direct room, and any other that the settings do not name, has neither. `shows_all`: the moderators'
    room, where nothing of the knowledge is hidden.
    """

    rooms: frozenset[str] = frozenset()
    region: str | None = None
    shows_all: bool = False


NOWHERE = Venue()


@dataclass(frozen=True, slots=True)
class Message:
    """A person's message. `text` is plain, without the quote of a reply, with the vocative; empty for a file."""

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
    thread: str | None = None  # the root of its thread
    unencrypted: bool = False  # though its room is encrypted
    is_file: bool = False  # or a picture, voice message or sticker, in a direct room
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
    """A key arrived: messages of the room may be readable now."""

    channel: str
    id: str
    room: str


@dataclass(frozen=True, slots=True)
class Renewed:
    """The bot had to log in anew on its network.

    `losses`: the device with its keys, the identity that signed it, or all encryption if there can be no new device.
    """

    channel: str
    id: str
    losses: tuple[Loss, ...]


Incoming = Message | Edit | Redaction | Reaction | Joined | Unlocked | Renewed

UNDATED = datetime(1970, 1, 1, tzinfo=UTC)  # `sent` of a message whose date is missing or invalid

Skipped = Literal["notice", "robot", "undecryptable", "deleted", "private", "empty", "unreadable"]
"""Reasons why a message is left out. `robot`: the bot itself, or another bot that it ignores."""


@dataclass(frozen=True, slots=True)
class Past:
    """Messages of the past. `messages`: with their newest text, oldest first. `skipped`: number left out, by reason."""

    messages: Sequence[Message]
    skipped: Mapping[Skipped, int]
