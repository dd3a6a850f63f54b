"""What a conversation has at hand: one channel, the store, the words, the current index and the rules."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from time import monotonic
from zoneinfo import ZoneInfo

from bot.conversation.policy import Rules
from bot.knowledge.editor import Editor
from bot.knowledge.models import Entry, Knowledge
from bot.matching import SearchResult
from bot.matching.decision import Thresholds
from bot.matching.index import Index
from bot.messages import Channel, SearchForum, Topic
from bot.replies import Replies
from bot.store import Store

SEARCHED = 6  # words of a question that the forum is asked for


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What reading the knowledge files gave: entries in use, and what is wrong, as `file:line: sentence`."""

    known: int
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    channel: Channel
    store: Store
    replies: Replies
    index: Callable[[], Index]  # the current one: a reload swaps it
    reload: Callable[[], Awaitable[Reloaded]]  # read the knowledge files again
    limits: Thresholds
    rules: Rules
    names: tuple[str, ...]  # what it is called by
    prefix: str
    moderators: frozenset[str]  # user ids named in the settings
    retention: int  # days that a question is kept
    timezone: ZoneInfo
    clock: Callable[[], datetime]
    search_forum: SearchForum | None = None  # None: there is no forum
    editor: Editor | None = None  # writes the knowledge files
    networks: Mapping[str, Context] = field(default_factory=dict)  # every network by its channel's name, this one too
    dead: Callable[[], Set[str]] = frozenset  # addresses that lead nowhere any more
    on_search: Callable[[float], None] = lambda seconds: None

    def of(self, channel: str) -> Context:
        """The conversation on that network."""
        return self.networks.get(channel, self)

    @property
    def moderation(self) -> tuple[Context, str] | None:
        """Where moderators are told of things: this network's room, else another's; None: there is none."""
        rooms = ((ctx, ctx.channel.moderators_room) for ctx in (self, *self.networks.values()))
        return next(((ctx, room) for ctx, room in rooms if room), None)

    @property
    def knowledge(self) -> Knowledge:
        return self.index().knowledge

    @property
    def today(self) -> date:
        return self.clock().astimezone(self.timezone).date()

    def entries(self, ids: Iterable[str]) -> list[Entry]:
        """The entries of these ids that are still there."""
        return [self.knowledge.entries[id] for id in ids if id in self.knowledge.entries]

    def given(self, ids: Iterable[str]) -> list[Entry]:
        """The same as they are given out: without their dead links, or with a mark on them."""
        return [self.replies.given(entry, self.dead()) for entry in self.entries(ids)]

    async def search(self, text: str) -> SearchResult:
        start = monotonic()
        found = await asyncio.to_thread(self.index().search, text)
        self.on_search(monotonic() - start)
        return found

    async def topics(self, text: str) -> Sequence[Topic]:
        """Topics of the forum, found by the rarest words of a question; the sentence itself is told to nobody."""
        if self.search_forum is None:
            return ()
        return await self.search_forum(self.index().rare_words(text, SEARCHED))

    async def moderates(self, user: str) -> bool:
        """Whether the user may change knowledge: named in the settings, or made a moderator by the network now."""
        return user in self.moderators or await self.channel.moderates(user)
