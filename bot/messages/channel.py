"""What a channel is, and what it is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

from bot.messages.incoming import Event, Incoming
from bot.messages.outgoing import Outgoing

MODERATOR_POWER = 50
"""From this power on a user moderates the room where they have it."""


class Memory(Protocol):
    """Small texts that a channel must find again after a restart: token, device, direct rooms."""

    async def recall(self, name: str) -> str | None: ...

    async def remember(self, name: str, value: str | None) -> None: ...


Receive = Callable[[Sequence[Event], str], Awaitable[None]]
"""Journal a batch of events and the position after it, in one transaction."""


class Channel(Protocol):
    """A network of people. Brings events in and takes replies out; knows nothing of answers."""

    name: str
    reacts: bool  # people, and the bot, can put an emoji under a post

    @property
    def moderators_room(self) -> str | None:
        """Its id, once started; None: there is none, or it was not found."""

    async def recall(self) -> None:
        """Find again, without the network, what is known of the rooms: enough for `room_named` and `link`."""

    def room_named(self, name: str) -> str | None:
        """The id of a room, or of a forum's category, as the settings name it; None: not found yet."""

    def is_same_room(self, room: str, other: str) -> bool:
        """Whether what stands in one stands in the other for people: a room may have taken the place of another."""

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

    async def find_sent(self, outgoing: Outgoing, transaction: str, since: datetime, *others: str) -> Sequence[str]:
        """Our own events that an attempt to send this may have made since then, the surest first.
        Without a transaction: those that can still be read. `others`: transactions of what may have been said instead.

        Some may belong to other posts: of a deleted one the network tells no more what it said.
        Nothing for what may be sent twice. Raises Unreachable, TooFast, Refused, LoggedOut.
        """

    async def power(self, room: str, user: str) -> int:
        """The user's power there, read fresh from the server; creators of version-12 rooms count as 1000."""

    async def moderates(self, user: str) -> bool:
        """Whether the network makes this user a moderator now: read fresh, from the moderators' room or group."""

    async def is_encrypted(self, room: str) -> bool:
        """Whether only those who are in the room can read what is said there."""

    async def is_private(self, event: Event) -> bool:
        """Whether what is said there stays there; without reading the words."""

    async def name_of(self, user: str) -> str:
        """As people call the user there: for a history, never for a decision."""

    def link(self, room: str, event: str) -> str:
        """An address under which a person can open the event."""

    async def stop(self) -> None: ...
