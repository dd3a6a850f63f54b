"""What comes in: an event as it came, and what it says once it is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Kind = Literal["message", "edit", "redaction", "reaction", "joined", "key", "renewed", "appeared"]
Loss = Literal["device", "identity", "encryption"]
Listen = Literal["questions", "mentions", "rehearsal"]
"""What the bot does with what it overhears in a room: answer, nothing, or tell only the moderators what it would."""


@dataclass(frozen=True, slots=True)
class Event:
    """What a channel received, before anybody looks into it: one row of the journal.

    `content` is the event as it came, in JSON (for an encrypted room: the ciphertext), and must be readable again
    by the same channel after a restart. `relates_to` is the id of the event that it answers, changes or removes.
    `tries`: how often the program was held up, and ended, while it worked on the event.
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
class Message:
    """Something a person wrote. `text` is plain, without a reply's quoted fallback; the vocative is still there."""

    channel: str
    id: str
    room: str
    sender: str
    text: str = field(repr=False)
    sent: datetime
    direct: bool = False  # a room of two, or a private message: always addressed
    private: bool = False  # direct, encrypted or not public: what is said here stays here
    moderators_room: bool = False
    listen: Listen = "questions"
    mentions_bot: bool = False
    mentions_others: bool = False
    reply_to: str | None = None  # the event that this one answers
    thread: str | None = None  # the root of the thread it stands in
    unencrypted: bool = False  # said in plain text, though its room is encrypted


@dataclass(frozen=True, slots=True)
class Edit:
    """New words for an earlier message of the same sender: `message` carries the new text under its first id."""

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


@dataclass(frozen=True, slots=True)
class Joined:
    """The bot itself came into a listed room."""

    channel: str
    id: str
    room: str
    listen: Listen = "questions"


@dataclass(frozen=True, slots=True)
class Unlocked:
    """A key came: what could not be read in the room may be readable now."""

    channel: str
    id: str
    room: str


@dataclass(frozen=True, slots=True)
class Renewed:
    """The bot had to begin anew on its network. `losses`: the old device with its keys; the identity that signed it;
    or, where no new device can be had, encryption altogether."""

    channel: str
    id: str
    losses: tuple[Loss, ...]


Incoming = Message | Edit | Redaction | Reaction | Joined | Unlocked | Renewed
