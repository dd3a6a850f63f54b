"""A channel on paper: what is put in is heard, what is sent is written down. For tests of the conversation alone."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.messages import (
    MODERATOR_POWER,
    Capabilities,
    Edit,
    Event,
    Incoming,
    Joined,
    Kind,
    Message,
    MissingKey,
    Outgoing,
    Reaction,
    Receive,
    Redaction,
    Renewed,
    Reply,
    TopicSearch,
    Unlocked,
    Unreachable,
)

KINDS: dict[Kind, Any] = {
    "edit": Edit,
    "message": Message,
    "redaction": Redaction,
    "reaction": Reaction,
    "joined": Joined,
    "key": Unlocked,
    "renewed": Renewed,
}
ALL_BUT_TOPICS = Capabilities()
NEWEST = "in its newest words"


@dataclass
class Paper:
    name: str = "paper"
    capabilities: Capabilities = ALL_BUT_TOPICS
    topic_search: TopicSearch | None = None
    moderators_room: str | None = None
    powers: dict[tuple[str, str], int] = field(default_factory=dict)
    written: list[tuple[Event, Incoming]] = field(default_factory=list)
    sealed: bool = False  # whether messages cannot be read for want of a key
    sent: dict[str, Outgoing] = field(default_factory=dict)  # by the id of the event made
    gone: set[str] = field(default_factory=set)  # events that the network no longer has
    encrypted: set[str] = field(default_factory=set)  # rooms
    names: dict[str, str] = field(default_factory=dict)  # how users call themselves
    replaced: dict[str, str] = field(default_factory=dict)  # rooms, by those that took their place

    def event(self, value: Incoming, sent: datetime) -> Event:
        """The journal's form of a value that a person made."""
        kind = next(kind for kind, form in KINDS.items() if isinstance(value, form))
        source = value.message if isinstance(value, Edit) else value
        relates = getattr(value, "target", None) or getattr(source, "reply_to", None)
        relates = source.id if isinstance(value, Edit) else relates
        content = json.dumps(asdict(value), default=str)
        room = getattr(source, "room", "")
        event = Event(self.name, value.id, room, getattr(source, "sender", "bot"), kind, sent, content, relates)
        self.written.append((event, value))
        return event

    async def start(self) -> None: ...

    async def listen(self, receive: Receive, since: str | None) -> None: ...

    async def read(self, event: Event) -> Incoming | None:
        if self.sealed and event.kind == "message":
            raise MissingKey("no key")
        if event.content == NEWEST:
            return self._edits(event.id)[-1]
        return next(value for written, value in self.written if written.id == event.id)

    async def fetch(self, room: str, event: str) -> Event | None:
        """In its newest words, if it was said there."""
        first = next((written for written, _ in self.written if (written.id, written.room) == (event, room)), None)
        if first is None or event in self.gone:
            return None
        return replace(first, content=NEWEST) if self._edits(event) else first

    def _edits(self, event: str) -> list[Message]:
        return [value.message for _, value in self.written if isinstance(value, Edit) and value.message.id == event]

    async def send(self, outgoing: Outgoing, transaction: str) -> str:
        event = f"${len(self.sent)}"
        self.sent[event] = outgoing
        return event

    async def login(self) -> str:
        return "paper"

    async def find_sent(self, outgoing: Outgoing, transaction: str, since: datetime, *others: str) -> Sequence[str]:
        return []

    async def power(self, room: str, user: str) -> int:
        return self.powers.get((room, user), 0)

    async def moderates(self, user: str) -> bool:
        return self.powers.get((self.moderators_room or "", user), 0) >= MODERATOR_POWER

    async def is_encrypted(self, room: str) -> bool:
        return room in self.encrypted

    async def is_private(self, event: Event) -> bool:
        value = await self.read(event)
        return isinstance(value, Message) and value.private

    async def name_of(self, user: str) -> str:
        return self.names.get(user, user)

    async def recall(self) -> None: ...

    def room_named(self, name: str) -> str | None:
        return name

    def is_same_room(self, room: str, other: str) -> bool:
        return self.replaced.get(room, room) == self.replaced.get(other, other)

    def link(self, room: str, event: str) -> str:
        return f"https://paper.example/{room}/{event}"

    async def stop(self) -> None: ...

    @property
    def replies(self) -> Sequence[Reply]:
        return [out for out in self.sent.values() if isinstance(out, Reply)]


@dataclass
class Network(Paper):
    """Answers each sending with the next of its `faults`, then as it should. `lost`: only the answer gets lost."""

    device: str = "FIRST"
    faults: list[Exception] = field(default_factory=list)
    lost: int = 0
    tried: list[str] = field(default_factory=list)  # transactions
    there: dict[tuple[str, str], str] = field(default_factory=dict)  # device and transaction -> event
    order: list[str] = field(default_factory=list)  # what was said or done, as it came

    async def send(self, outgoing: Outgoing, transaction: str) -> str:
        self.tried.append(transaction)
        if self.faults:
            raise self.faults.pop(0)
        if (self.device, transaction) not in self.there:
            self.there[self.device, transaction] = await super().send(outgoing, transaction)
            self.order.append(outgoing.text if isinstance(outgoing, Reply) else type(outgoing).__name__)
        if self.lost:
            self.lost -= 1
            raise Unreachable("the answer got lost")
        return self.there[self.device, transaction]

    async def login(self) -> str:
        return self.device

    async def find_sent(self, outgoing: Outgoing, transaction: str, since: datetime, *others: str) -> Sequence[str]:
        return [event for event, sent in self.sent.items() if sent == outgoing]
