"""Values that travel between channels and the rest, and the interface of a channel. Standard library only.

In: a channel delivers an `Event` as received, which is journalled, then read into a `Message`, `Edit`, `Redaction`,
`Reaction`, `Joined`, `Unlocked` or `Renewed`. Out: a `Reply`, `Removal` or `OutgoingReaction`, kept in the outbox until
it is sent.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.messages.incoming import (
    NOWHERE,
    UNDATED,
    Edit,
    Event,
    Incoming,
    Joined,
    Kind,
    Listen,
    Loss,
    Message,
    Past,
    Reaction,
    Redaction,
    Renewed,
    Skipped,
    Unlocked,
    Venue,
)
from bot.messages.outgoing import (
    TOPICS_SEEN,
    Outgoing,
    OutgoingReaction,
    Removal,
    Reply,
    SearchForum,
    SolvedTopic,
    Topic,
    TopicPost,
    TopicSearch,
    WholeTopic,
)

MODERATOR_POWER = 50  # power level of a moderator: Matrix's default for kick, ban and redact


class Memory(Protocol):
    """Small texts of a channel that outlast a restart: token, device, direct rooms."""

    async def get(self, name: str) -> str | None: ...

    async def set(self, name: str, value: str | None) -> None: ...


class KeyRows(Protocol):
    """Encryption keys of the bot's accounts, in rows that any machine with the same store finds."""

    async def load(self, account: str) -> dict[str, str]:
        """Return the rows of an account by name. The row `restored` is not the channel's: it says that the others came
        from a backup; who has seen that deletes it."""

    async def save(self, account: str, rows: Mapping[str, str | None]) -> None:
        """Insert or update rows, and delete those that are None, in one transaction."""


Receive = Callable[[Sequence[Event], str], Awaitable[None]]
"""Journal a batch of events and the position after it, in one transaction."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Abilities of a kind of network. The rest of the bot asks for these, never for a network by its name.

    `reacts`: people, and the bot, can put an emoji under a post. `has_topics`: it is a forum, where a room is a topic
    and the bot opens one, with a title, in a category. `overheard_age`: the greatest age of a question that was put to
    nobody in particular; None: the policy's default.
    """

    reacts: bool = True
    has_topics: bool = False
    overheard_age: timedelta | None = None


class Channel(Protocol):
    """A network of people: delivers events, sends replies. All methods may raise `ChannelError`.

    A class that inherits from this one need not repeat what is common.
    """

    name: str

    @property
    def capabilities(self) -> Capabilities: ...

    @property
    def topic_search(self) -> TopicSearch | None:
        """Search of the network's public topics; None if it has none."""
        return None

    @property
    def moderators_room(self) -> str | None:
        """Id of the moderators' room; None before the start, and where there is none."""
        return None

    async def recall(self) -> None:
        """Load the rooms known from an earlier run, without the network: enough for `room_named` and `link`."""
        return None

    def room_named(self, name: str) -> str | None:
        """Return the id of a room or forum category by its name in the settings; None if it is not found yet."""
        return None

    def is_same_room(self, room: str, other: str) -> bool:
        """Whether two ids are one room to people: a room may have replaced another."""
        return room == other

    async def start(self) -> None:
        """Log in and find the rooms; waits while the network is unreachable. Raises AuthenticationFailed."""

    async def listen(self, receive: Receive, since: str | None) -> None:
        """Receive everything that happens after `since`, for ever. Raises AuthenticationFailed."""

    async def read(self, event: Event) -> Incoming | None:
        """Return the meaning of an event, or None for one to ignore. Raises MissingKey.

        Ignored are the bot's own events, other bots', notices, and those older than the bot's arrival.
        """

    async def fetch(self, room: str, event: str) -> Event | None:
        """Read an event again from the network; None if it is gone, or not visible to the bot."""

    async def send(self, outgoing: Outgoing, transaction: str) -> str:
        """Send, and return the id of the new event; idempotent for the same transaction.

        Raises Unreachable or RateLimited (call again), NetworkRefusal (do not), AuthenticationFailed.
        """

    async def login(self) -> str:
        """Return an id of the login: transactions are idempotent within one login only. Raises Unreachable."""

    async def find_sent(self, outgoing: Outgoing, transaction: str, since: datetime, *others: str) -> Sequence[str]:
        """Return the bot's own events that an attempt to send this may have made since then, likeliest first.

        Without a transaction: those that can still be read. `others` are transactions of posts that may have been sent
        instead. Some events may belong to other posts: the network does not show what a deleted one said. Empty for
        posts that may be sent twice. Raises Unreachable, RateLimited, NetworkRefusal, AuthenticationFailed.
        """

    async def power(self, room: str, user: str) -> int:
        """Return the user's power level in a room, fresh from the server; 1000 for creators of version-12 rooms."""
        return 0

    async def moderates(self, user: str) -> bool:
        """Whether the user is a moderator now, fresh from the moderators' room or group."""
        return False

    async def is_encrypted(self, room: str) -> bool:
        """Whether only the members of a room can read it."""
        return False

    async def is_private(self, event: Event) -> bool:
        """Whether the event is in a private room; does not decrypt it."""

    async def name_of(self, id: str) -> str:
        """Return the display name of a user or a room, for people to read, never for a decision; else the id."""
        return id

    def link(self, room: str, event: str) -> str:
        """Return the address at which a person can open the event."""

    async def stop(self) -> None:
        return None


class ChannelError(Exception):
    """Base of a channel's errors. Its text is a sentence for the operator, without secrets."""


class Unreachable(ChannelError):
    """The network gave no usable response: retry later, not before `after` seconds."""

    def __init__(self, sentence: str, after: float = 0.0) -> None:
        super().__init__(sentence)
        self.after = after


class RateLimited(ChannelError):
    """The network asks for a pause of `after` seconds."""

    def __init__(self, after: float) -> None:
        super().__init__(f"rate-limited for {after:g} s")
        self.after = after


class NetworkRefusal(ChannelError):
    """The network refuses this request for good: a retry is useless."""


class MissingKey(ChannelError):
    """The event is encrypted and its key is missing. `Unlocked` follows when one arrives."""


class AuthenticationFailed(ChannelError):
    """Password or token were rejected, or the account is gone. Fatal for the channel."""


class KeyStoreUnusable(AuthenticationFailed):
    """The keys that belong to a login cannot be used on this machine. Fatal for the bot."""


def ends_bot(error: ChannelError, networks: int) -> bool:
    """Whether the bot cannot go on.

    A login revoked on one of several `networks` does not end it on the others; unusable keys do.
    """
    return isinstance(error, KeyStoreUnusable) or (isinstance(error, AuthenticationFailed) and networks < 2)
