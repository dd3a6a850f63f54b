"""The context of a conversation: one channel, the store, the wording, the index and the rules."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from time import monotonic
from zoneinfo import ZoneInfo

from bot.conversation.policy import Rules
from bot.knowledge.editor import Editor
from bot.knowledge.models import Entry, Knowledge
from bot.matching import SearchResult
from bot.matching.decision import Thresholds
from bot.matching.index import EncodedMessage, Index
from bot.matching.locality import is_elsewhere, visible
from bot.messages import NOWHERE, Channel, Message, Reaction, SearchForum, Topic, Venue
from bot.reading import Reading, Said
from bot.replies import Replies
from bot.store import Store

FORUM_WORDS = 6  # words of a question that are sent to the forum's search


MODERATORS = Venue(shows_all=True)


@dataclass(frozen=True, slots=True)
class FileFault:
    """An error of a knowledge file. `id`: as of `library.identity`; `said`: as `file:line: sentence`."""

    id: str
    file: str
    said: str


@dataclass(frozen=True, slots=True)
class Reloaded:
    """The result of a reload: number of entries in use, errors, warnings as `file:line: sentence`.

    `is_missing`: as of a `LoadResult`.
    """

    known: int
    faults: tuple[FileFault, ...] = ()
    warnings: tuple[str, ...] = ()
    is_missing: bool = False

    @property
    def errors(self) -> tuple[str, ...]:
        return tuple(fault.said for fault in self.faults)


@dataclass(frozen=True, slots=True)
class DeskAddress:
    """The address of the moderators' desk. `tunnel`: what `ssh -L` forwards, empty if the desk is public."""

    url: str
    tunnel: str = ""


@dataclass(frozen=True, slots=True)
class ConversationSettings:
    """The settings of a conversation on one network."""

    limits: Thresholds
    rules: Rules
    names: tuple[str, ...]  # of the bot
    prefix: str
    moderators: frozenset[str]  # user ids
    retention: int  # of questions, in days
    timezone: ZoneInfo
    asks_feedback: bool = True  # asks for 👍 or 👎 under its answers
    desk: DeskAddress | None = None  # None: there are no pages


@dataclass(frozen=True, slots=True)
class RunningBot:
    """Services of a running bot for its conversations; most of it is missing where there are only answers."""

    reload: Callable[[], Awaitable[Reloaded]]
    editor: Editor | None = None  # writes the knowledge files
    trial: Callable[[Entry], Awaitable[Index]] | None = None  # an index with this entry as well, or in its new form
    dead: Callable[[], Set[str]] = frozenset  # addresses of dead links
    search_forum: SearchForum | None = None  # None: there is no forum
    on_search: Callable[[float], None] = lambda seconds: None  # duration


@dataclass(frozen=True, slots=True)
class Context:
    """A conversation: where it is held, what the bot knows and remembers, and how it speaks there.

    `venue`: the place where something is answered or shown. Entries hidden there are in none of `knowledge`, `entries`,
    `given` and `search`: nothing outside of their rooms may reveal them. Moderators' work reads `all_knowledge`.
    """

    channel: Channel
    store: Store
    replies: Replies
    index: Callable[[], Index]  # the current one: a reload replaces it
    clock: Callable[[], datetime]
    settings: ConversationSettings
    bot: RunningBot
    networks: Mapping[str, Context] = field(default_factory=dict)  # by name of the channel, this one included
    venue: Venue = NOWHERE

    def of(self, channel: str) -> Context:
        """Return the context of another network."""
        return self.networks.get(channel, self)

    @property
    def moderation(self) -> tuple[Context, str] | None:
        """The context and id of the moderators' room, of this network or else of another; None if there is none."""
        contexts = (replace(ctx, venue=MODERATORS) for ctx in (self, *self.networks.values()))
        rooms = ((ctx, ctx.channel.moderators_room) for ctx in contexts)
        return next(((ctx, room) for ctx, room in rooms if room), None)

    def at(self, said: Message | Reaction | None) -> Context:
        """Return the context at the place of a message; None, for an unreadable message, shows nothing hidden."""
        if said is None:
            return replace(self, venue=NOWHERE)
        room = self.channel.moderators_room
        is_moderators = room is not None and self.channel.is_same_room(said.room, room)
        return replace(self, venue=MODERATORS if is_moderators else said.venue)

    @property
    def knowledge(self) -> Knowledge:
        return visible(self.all_knowledge, self.venue)

    @property
    def all_knowledge(self) -> Knowledge:
        return self.index().knowledge

    @property
    def today(self) -> date:
        return self.clock().astimezone(self.settings.timezone).date()

    def entries(self, ids: Iterable[str]) -> list[Entry]:
        """Return the entries of these ids that still exist."""
        entries = self.knowledge.entries
        return [entries[id] for id in ids if id in entries]

    def given(self, ids: Iterable[str]) -> list[Entry]:
        """Return the same, ready to be given: without dead links, or with them marked, and marked if for others."""
        entries = [self.replies.mark_dead_links(entry, self.bot.dead()) for entry in self.entries(ids)]
        return [self.replies.mark_elsewhere(one) if is_elsewhere(one, self.venue) else one for one in entries]

    async def read(self, text: str, said: Said = "nothing") -> Reading:
        """Return the reading of a text without the call. `said`: the bot's words before it."""
        return await asyncio.to_thread(self.index().reader.read, text, said)

    async def search(self, text: str, among: Set[str] | None = None, *, is_judged: bool = True) -> SearchResult:
        return (await self.look_up(text, among, is_judged=is_judged))[1]

    async def look_up(
        self, text: str, among: Set[str] | None = None, *, is_judged: bool = True
    ) -> tuple[EncodedMessage, SearchResult]:
        """Search for a message; also return it encoded, to be searched for again. See `Index.find`."""

        def find() -> tuple[EncodedMessage, SearchResult]:
            said = self.index().encode(text)
            return said, said.index.find(said, self.venue, among, is_judged=is_judged)

        start = monotonic()
        found = await asyncio.to_thread(find)
        self.bot.on_search(monotonic() - start)
        return found

    async def topics(self, text: str, message: Message) -> Sequence[Topic]:
        """Return other topics of the forum, found by a question's rarest words; the question itself is not sent."""
        if self.bot.search_forum is None:
            return ()
        own = self.channel.link(message.room, message.id)
        found = await self.bot.search_forum(self.index().rare_words(text, FORUM_WORDS))
        return [topic for topic in found if not own.startswith(f"{topic.url}/")]

    async def moderates(self, user: str) -> bool:
        """Whether the user may change the knowledge: by the settings, or as a moderator on the network now."""
        return user in self.settings.moderators or await self.channel.moderates(user)
