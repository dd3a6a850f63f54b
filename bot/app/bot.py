"""Everything of one run, and how it hangs together."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import nullcontext
from datetime import timedelta

from bot.app import clock
from bot.app.clock import ClockJumps, SkewedClock
from bot.app.digest_settings import publishing, schedule
from bot.app.live_index import LiveIndex
from bot.app.metrics import Metrics
from bot.app.networks import Network, forum_search, networks
from bot.app.restart import StorageFailed
from bot.app.stopping import Stopped, end
from bot.app.watchdog import Watchdog
from bot.config import Settings, cache_folder
from bot.conversation import dispatch, followups
from bot.conversation.context import Context, Reloaded
from bot.digest.content import note_entries
from bot.digest.publisher import unfiltered
from bot.knowledge.editor import Editor
from bot.knowledge.git import GitHistory
from bot.knowledge.library import Library
from bot.knowledge.models import Knowledge
from bot.locale import wording
from bot.messages import AuthenticationFailed, Channel, Event, KeyStoreUnusable, Reply
from bot.store import OutboxRow, Outcome, Post, Question, Store, StoreError
from bot.workers.digest_job import DigestJob
from bot.workers.inbox import InboxWorker
from bot.workers.link_check import LinkCheckJob
from bot.workers.sender import OutboxSender

log = logging.getLogger(__name__)

SWEEP = 3600.0  # seconds between two removals of what has been kept long enough
TICK = 10.0  # seconds between two looks at the clock
AWAY = timedelta(minutes=10)  # between two looks at what a network left that was taken out of the settings
LOGGED_OUT = 2  # exit code: nothing but other settings helps
OFF_CLOCK = "system clock differs from the homeserver's by %d s (using the homeserver's); please sync it (NTP)"

Observe = Callable[[Event, Outcome], None]


class Bot:
    def __init__(
        self,
        settings: Settings,
        store: Store,
        time: SkewedClock,
        metrics: Metrics,
        observe: Observe | None,
        dog: Watchdog | None,
    ) -> None:
        self.settings, self.store, self.time, self.metrics, self.observe = settings, store, time, metrics, observe
        self.watchdog = dog
        self.begun, self.synced = (
            clock.seconds(),
            dict[str, float](),
        )  # by channel: its last look
        self.steadiness = ClockJumps(clock.now(), clock.seconds())
        self.up = False  # whether a channel is logged in
        self.lost: set[str] = set()  # channels that shut us out
        self.current = LiveIndex(
            Library(settings.knowledge, settings.knowledge.name),
            wording(settings.language),
            lambda: time().astimezone(settings.timezone).date(),
            semantic=settings.matching.semantic,
            cache=cache_folder(os.environ),
            used=self._note,
        )
        self.editor = _editor(settings)
        found = [*networks(settings, store, time, metrics.limited)]
        self.silences = {network.channel.name: network.silence for network in found}
        self.search_forum = forum_search(found)
        self.contexts: dict[str, Context] = {}
        self.contexts |= {network.channel.name: self._context(network) for network in found}
        self.channels = {name: here.channel for name, here in self.contexts.items()}
        self.delivery = OutboxSender(store, self.channels, time, self._unanswered, on_result=metrics.posted)
        self.withdrawal = asyncio.Event()
        self.hearing = InboxWorker(store, self._hear, time, self.delivery.wake.set, self.withdrawal.set)
        self.rounds = LinkCheckJob(store, self._knowledge, self.contexts, time, self.delivery.wake.set)

    async def run(self, stop: asyncio.Event) -> int:
        """Until `stop`, or until a channel is logged out; the exit code. Raises GaveOut; StoreError at its start."""
        await self.current.reload()
        await self.rounds.load()
        code, trouble = 0, None
        try:
            async with asyncio.TaskGroup() as tasks:
                for work in self._work(stop):
                    tasks.create_task(work)
        except* Stopped:
            log.info("stopped")
        except* (StoreError, KeyStoreUnusable) as errors:
            trouble = errors.exceptions[0]
        except* AuthenticationFailed as errors:
            log.error("%s", errors.exceptions[0])
            code = LOGGED_OUT
        finally:
            await asyncio.gather(*(channel.stop() for channel in self.channels.values()))
            if self.search_forum:
                await self.search_forum.close()
        if isinstance(trouble, StoreError | KeyStoreUnusable) and self.up:
            raise StorageFailed(trouble)
        if isinstance(trouble, KeyStoreUnusable):
            log.error("%s", trouble)
            return LOGGED_OUT
        if trouble:
            raise trouble
        return code

    def _work(self, stop: asyncio.Event) -> Iterator[Coroutine[None, None, None]]:
        """Channels into the journal, journal into the conversation, outbox into the channels, files into the index."""
        yield end(stop)
        yield from map(self._attend, self.channels.values())
        yield self.hearing.run()
        yield self.delivery.run()
        yield self.current.follow(self._tell)
        yield self.rounds.run()
        yield from self._weekly()
        yield self._sweep()
        yield self._watch_clock()
        if self.watchdog:
            yield self.watchdog.run()

    def _weekly(self) -> Iterator[Coroutine[None, None, None]]:
        """The digest, where one is wanted."""
        when = schedule(self.settings)
        still_open = self.search_forum.still_open if self.search_forum else unfiltered
        what = publishing(self.settings, self.store, self._knowledge, self.contexts, self.rounds.dead, still_open)
        if when and what:
            yield DigestJob(self.store, what, when, self.time, self.delivery.wake.set, self.withdrawal).run()

    async def _attend(self, channel: Channel) -> None:
        """One network that shuts us out does not end the bot on the others."""
        try:
            await self._listen(channel)
        except KeyStoreUnusable:
            raise
        except AuthenticationFailed as refusal:
            self.lost.add(channel.name)
            if self.lost == self.channels.keys():
                raise
            log.error("%s; going on without it", refusal)

    async def _listen(self, channel: Channel) -> None:
        async def receive(events: Sequence[Event], position: str) -> None:
            if await self.store.receive(channel.name, events, position):
                self.hearing.wake.set()
            self.synced[channel.name] = clock.seconds()

        await channel.start()
        self.up = True
        await channel.listen(receive, await self.store.position(channel.name))

    async def _hear(self, event: Event) -> Outcome:
        here = self.contexts.get(event.channel)
        if here is None:
            return Outcome("its network is not in the settings at present", retry_at=self.time() + AWAY)
        with self.watchdog.working(event) if self.watchdog else nullcontext():
            outcome = await dispatch.handle(here, event)
        self.metrics.heard(event, outcome)
        if self.observe:
            self.observe(event, outcome)
        return outcome

    async def _unanswered(self, row: OutboxRow) -> Question | None:
        return await followups.unanswered(self.contexts[row.channel], row)

    async def _note(self, knowledge: Knowledge) -> None:
        """So that the digest knows what is new, and no id that was in use is ever given again."""
        await note_entries(self.store, knowledge, self.time())

    def _knowledge(self) -> Knowledge:
        return self.current.index().knowledge

    async def _tell(self, reloaded: Reloaded) -> None:
        """Knowledge files that stay broken: said in the log and in the moderators' rooms."""
        for error in reloaded.errors:
            log.error("%s", error)
        for here in self.contexts.values():
            if room := here.channel.moderators_room:
                note = Post(Reply(room, here.replies.not_reloaded(reloaded.errors), quiet=True), "note")
                await self.store.post(here.channel.name, note, f"knowledge {self.time().isoformat()}", self.time())
        self.delivery.wake.set()

    async def _sweep(self) -> None:
        while True:
            if self.steadiness.lasts(clock.seconds(), SWEEP):  # a clock far ahead would have it erase everything
                await self.store.erase_old(clock.now(), self.settings.retention.questions)
            await asyncio.sleep(SWEEP)

    async def _watch_clock(self) -> None:
        """Set back, the clock must not hold up what waits for a moment to come."""
        told = False  # that it is wrong
        while True:
            await asyncio.sleep(TICK)
            jump = self.steadiness.jump(clock.now(), clock.seconds())
            if jump:
                log.warning("system clock jumped by %s, or the machine slept; it is now %s", jump, clock.now())
            if (ahead := round(self.time.ahead.total_seconds())) and not told:
                log.warning(
                    "system clock differs from the homeserver's by %d s (using the homeserver's); please sync it (NTP)",
                    ahead,
                )
            told = bool(ahead)
            if jump < timedelta():
                await self.store.bring_up()
                self.hearing.wake.set()
                self.delivery.wake.set()

    def _context(self, network: Network) -> Context:
        settings = self.settings
        return Context(
            channel=network.channel,
            store=self.store,
            replies=network.replies,
            index=self.current.index,
            reload=self.current.reload,
            limits=settings.answers.limits,
            rules=network.rules,
            names=network.names,
            prefix=settings.prefix,
            moderators=network.moderators,
            retention=settings.retention.questions,
            timezone=settings.timezone,
            clock=self.time,
            search_forum=self.search_forum,
            editor=self.editor,
            networks=self.contexts,
            dead=lambda: self.rounds.dead(),
            on_search=self.metrics.searched,
        )


def _editor(settings: Settings) -> Editor:
    folder, kept = settings.knowledge, settings.knowledge_git
    history = GitHistory(folder, settings.name, wording(settings.language)) if kept else None
    return Editor(folder, history, folder.name)
