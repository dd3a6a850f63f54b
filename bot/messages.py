"""The values that travel between channels and the rest, and what a channel is. Standard library only.

In: a channel hands over an `Event` as it came; it is journalled first, then read into a `Message`, `Edit`,
`Redaction`, `Reaction`, `Joined`, `Unlocked` or `Renewed`. Out: a `Reply`, `Removal` or `Mark`, kept in the outbox
until it is sent.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

Kind = Literal["message", "edit", "redaction", "reaction", "joined", "key", "renewed"]
Loss = Literal["device", "identity", "encryption"]
Listen = Literal["questions", "mentions", "rehearsal"]
"""What the bot does with what it overhears in a room: answer, nothing, or tell only the moderators what it would."""
MODERATOR_POWER = 50
"""From this power on a user moderates the room where they have it."""


@dataclass(frozen=True, slots=True)
class Event:
    """What a channel received, before anybody looks into it: one row of the journal.

    `content` is the event as it came, in JSON (for an encrypted room: the ciphertext), and must be readable again
    by the same channel after a restart. `relates_to` is the id of the event that it answers, changes or removes.
    """

    channel: str
    id: str
    room: str
    sender: str
    kind: Kind
    sent: datetime
    content: str = field(repr=False)
    relates_to: str | None = None


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


@dataclass(frozen=True, slots=True)
class Removal:
    """Take back one of the bot's own events (or the one that a moderator wants gone)."""

    room: str
    target: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One emoji of the bot under an event."""

    room: str
    target: str
    key: str


Outgoing = Reply | Removal | Mark


class ChannelError(Exception):
    """Something went wrong between us and the network; its text is a sentence for the operator, without secrets."""


class Unreachable(ChannelError):
    """The network does not answer, or not sensibly: try the same again later."""


class TooFast(ChannelError):
    """The network asks for a pause of `after` seconds."""

    def __init__(self, after: float) -> None:
        super().__init__(f"rate-limited for {after:g} s")
        self.after = after


class Refused(ChannelError):
    """The network refuses this one thing for good: trying again is useless."""


class NoKey(ChannelError):
    """The event is encrypted and its key is not there, or not yet. `Unlocked` follows when one comes."""


class LoggedOut(ChannelError):
    """Password or token are not accepted, or the account is gone: the bot cannot go on."""


class Unusable(LoggedOut):
    """What a login needs on this machine cannot be kept there: the bot cannot go on either."""


class Memory(Protocol):
    """Small texts that a channel must find again after a restart: token, device, direct rooms."""

    async def recall(self, name: str) -> str | None: ...

    async def remember(self, name: str, value: str | None) -> None: ...


@dataclass(frozen=True, slots=True)
class Topic:
    """A public topic of the forum that may help."""

    title: str
    url: str


SearchForum = Callable[[Sequence[str]], Awaitable[Sequence[Topic]]]
"""The topics that a visitor without an account finds by these words, best first; none while the forum is down."""

Receive = Callable[[Sequence[Event], str], Awaitable[None]]
"""Journal a batch of events and the position after it, in one transaction."""


class Channel(Protocol):
    """A network of people. Brings events in and takes replies out; knows nothing of answers."""

    name: str
    reacts: bool  # people, and the bot, can put an emoji under a post

    @property
    def moderators_room(self) -> str | None:
        """Its id, once started; None: there is none, or it was not found."""

    async def start(self) -> None:
        """Log in and find the rooms. Raises LoggedOut; waits while the network is unreachable."""

    async def listen(self, receive: Receive, since: str | None) -> None:
        """Bring in what happens after `since`, for ever. Raises LoggedOut."""

    async def read(self, event: Event) -> Incoming | None:
        """What the event says; None: nothing for us (own, a bot's, a notice, from before we joined). Raises NoKey."""

    async def fetch(self, room: str, event: str) -> Event | None:
        """An earlier event, read again from the network; None: it is gone, or we may not see it."""

    async def send(self, outgoing: Outgoing, transaction: str) -> str:
        """Send once, however often it is called with the same transaction; the id of the event made.

        Raises Unreachable or TooFast (call again), Refused (do not), LoggedOut.
        """

    async def login(self) -> str:
        """Names the login: the network knows a transaction again only within the same one. Raises Unreachable."""

    async def find_sent(self, outgoing: Outgoing, transaction: str, since: datetime) -> Sequence[str]:
        """Our own events that an attempt to send this may have made since then, the surest first.

        Some may belong to other posts: of a deleted one the network tells no more what it said.
        Nothing for what may be sent twice. Raises Unreachable, TooFast, Refused, LoggedOut.
        """

    async def power(self, room: str, user: str) -> int:
        """The user's power there, read fresh from the server; creators of version-12 rooms count as 1000."""

    async def moderates(self, user: str) -> bool:
        """Whether the network makes this user a moderator now: read fresh, from the moderators' room or group."""

    def link(self, room: str, event: str) -> str:
        """An address under which a person can open the event."""

    async def stop(self) -> None: ...
