"""Builds a bot from its settings and runs its tasks."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import date, timedelta
from time import monotonic

from bot.app import clock
from bot.app.built_channels import BuiltChannel, built_channels, topic_search
from bot.app.clock import ClockWatch, SkewedClock
from bot.app.digest_settings import publishing, schedule, weekly
from bot.app.file_faults import FileFaults
from bot.app.live_index import LiveIndex
from bot.app.metrics import Metrics
from bot.app.shared import Shared
from bot.app.watchdog import Watchdog
from bot.config.settings import Settings, WebSettings
from bot.conversation import dispatch, question_queue
from bot.conversation.context import Context, DeskAddress, RunningBot
from bot.digest.content import note_entries
from bot.knowledge.editor import Editor
from bot.knowledge.git import GitHistory
from bot.knowledge.library import Library
from bot.knowledge.models import Knowledge
from bot.locale import wording
from bot.messages import AuthenticationFailed, Channel, Event, KeyStoreUnusable, ends_bot
from bot.pages.publication import Publication, most_asked
from bot.store import ANSWERING, OutboxRow, Outcome, Question, Store, StoreError
from bot.workers.inbox import InboxWorker
from bot.workers.link_check import LinkCheckJob
from bot.workers.sender import OutboxSender
from bot.workers.weekly_jobs import DigestJob, PhrasingJob

log = logging.getLogger(__name__)

FIRST_ERASURE = 60.0  # seconds after a start, which has enough to do: of many networks at once, perhaps
ERASE_INTERVAL = 3600.0  # seconds between two erasures of what is past its retention
ABSENT = timedelta(minutes=10)  # between two looks at events of a network that the settings no longer have
LOGGED_OUT = 2  # exit code: restarting does not help

Observe = Callable[[Event, Outcome], None]


class Stopped(Exception):
    """The bot was asked to stop."""


async def raise_on(stop: asyncio.Event) -> None:
    await stop.wait()
    raise Stopped


class StorageFailed(Exception):
    """The disk or database failed while the bot was at work."""

    def __init__(self, error: StoreError | KeyStoreUnusable) -> None:
        super().__init__(str(error))
        self.error = error


class Bot:
    def __init__(
        self,
        settings: Settings,
        store: Store,
        time: SkewedClock,
        metrics: Metrics,
        library: Library,
        shared: Shared,
        observe: Observe | None,
        watchdog: Watchdog | None,
    ) -> None:
        self.settings, self.store, self.time, self.metrics = settings, store, time, metrics
        self.observe, self.watchdog = observe, watchdog
        self.started = monotonic()
        self.last_sync: dict[str, float] = {}  # by channel, in seconds of the monotonic clock
        self.is_connected = False  # whether any channel has logged in
        self.revoked: set[str] = set()  # channels whose login the network revoked
        self.clock_watch = ClockWatch(time, self._retry_all)
        self._published: Publication | None = None
        self._most_asked: Sequence[str] = ()
        self.live_index = LiveIndex(
            library,
            wording(settings.language),
            self._today,
            load_embeddings=shared.loader(settings),
            turn=shared.building,
            pause=shared.pause,
            # So that the digest knows what is new, and the id of a deleted entry is never used again.
            on_use=lambda knowledge: note_entries(store, knowledge, time()),
        )
        git = GitHistory(settings.name, wording(settings.language)) if settings.knowledge_git else None
        self.editor = Editor(settings.knowledge, git, settings.knowledge.name)
        built = [*built_channels(settings, store, time, metrics.on_rate_limited)]
        self.max_silence = {one.channel.name: one.silence for one in built}
        self.search_forum = topic_search(built)
        self.contexts: dict[str, Context] = {}
        self.contexts |= {one.channel.name: self._context(one) for one in built}
        self.channels = {name: ctx.channel for name, ctx in self.contexts.items()}
        self.sender = OutboxSender(store, self.channels, time, self._find_question, on_result=metrics.on_result)
        self.file_faults = FileFaults(self.contexts, self.sender.wake.set)
        self.withdrawal = asyncio.Event()
        self.inbox = InboxWorker(store, self._handle, time, self.sender.wake.set, self.withdrawal.set)
        self.link_check = LinkCheckJob(store, self._knowledge, self.contexts, time, self.sender.wake.set)

    async def run(self, stop: asyncio.Event) -> int:
        """Run until `stop` or until every login is revoked; the exit code. Raises StorageFailed, StoreError."""
        await self.file_faults.report(await self.live_index.reload())
        await self.link_check.load()
        code, failure = 0, None
        try:
            async with asyncio.TaskGroup() as tasks:
                for task in self._tasks(stop):
                    tasks.create_task(task)
        except* Stopped:
            log.info("stopped")
        except* (StoreError, KeyStoreUnusable) as errors:
            failure = errors.exceptions[0]
        except* AuthenticationFailed as errors:
            log.error("%s", errors.exceptions[0])
            code = LOGGED_OUT
        finally:
            await asyncio.gather(*(channel.stop() for channel in self.channels.values()))
        if isinstance(failure, StoreError | KeyStoreUnusable) and self.is_connected:
            raise StorageFailed(failure)
        if isinstance(failure, KeyStoreUnusable):
            log.error("%s", failure)
            return LOGGED_OUT
        if failure:
            raise failure
        return code

    def _tasks(self, stop: asyncio.Event) -> Iterator[Coroutine[None, None, None]]:
        yield raise_on(stop)
        yield from map(self._listen, self.channels.values())
        yield self.inbox.run()
        yield self.sender.run()
        yield self.live_index.follow(self.file_faults.report)
        yield self.live_index.join_meaning()
        yield self.link_check.run()
        if week := schedule(self.settings):
            sources = (self.store, self._knowledge, self.contexts, self.link_check.dead, self.search_forum)
            publisher = publishing(self.settings, *sources)
            yield DigestJob(self.store, publisher, week, self.time, self.sender.wake.set, self.withdrawal).run()
        yield PhrasingJob(self.store, self.contexts, weekly(self.settings), self.time, self.sender.wake.set).run()
        yield self._erase_old()
        yield self.clock_watch.run()

    async def _listen(self, channel: Channel) -> None:
        async def receive(events: Sequence[Event], position: str) -> None:
            if await self.store.journal.receive(channel.name, events, position):
                self.inbox.wake.set()
            self.last_sync[channel.name] = monotonic()

        try:
            await channel.start()
            self.is_connected = True
            await self.file_faults.tell(self.contexts[channel.name])
            await channel.listen(receive, await self.store.journal.position(channel.name))
        except AuthenticationFailed as refusal:
            if ends_bot(refusal, len(self.channels.keys() - self.revoked)):
                raise
            self.revoked.add(channel.name)
            log.error("%s; continuing on the other networks", refusal)

    async def _handle(self, event: Event) -> Outcome:
        ctx = self.contexts.get(event.channel)
        if ctx is None:
            return Outcome("its network is not in the settings at present", retry_at=self.time() + ABSENT)
        with self.watchdog.working(event) if self.watchdog else nullcontext():
            outcome = await dispatch.handle(ctx, event)
        self.metrics.on_outcome(event, outcome)
        if self.observe:
            self.observe(event, outcome)
        return outcome

    async def _find_question(self, row: OutboxRow) -> Question | None:
        return await question_queue.unanswered(self.contexts[row.channel], row)

    def _today(self) -> date:
        return self.time().astimezone(self.settings.timezone).date()

    def _knowledge(self) -> Knowledge:
        return self.live_index.index().knowledge

    def publication(self) -> Publication:
        """Return what readers of the pages may see."""
        now = self._knowledge(), self.link_check.dead(), self._today(), self._most_asked
        if self._published is None or not self._published.is_of(*now):
            self._published = Publication(*now)
        return self._published

    async def _erase_old(self) -> None:
        pause = FIRST_ERASURE
        while True:
            self._most_asked = most_asked(await self.store.stats.entry_uses(ANSWERING))
            await asyncio.sleep(pause)
            if self.clock_watch.is_steady(ERASE_INTERVAL):  # a clock that is far ahead would erase everything
                now = clock.now().astimezone(self.settings.timezone)
                await self.store.retention.erase_old(now, self.settings.retention.questions)
            pause = ERASE_INTERVAL

    async def _retry_all(self) -> None:
        """Retry now what was put off: with a clock that was set back its time may never come."""
        await self.store.retry_all()
        self.inbox.wake.set()
        self.sender.wake.set()

    def _context(self, built: BuiltChannel) -> Context:
        settings = self.settings
        ctx = built.context(settings, self.store, self.time, self.live_index.index)
        own = replace(ctx.settings, asks_feedback=settings.answers.feedback, desk=desk_address(settings.web))
        live, dead = self.live_index, lambda: self.link_check.dead()  # which is built after the contexts
        running = RunningBot(live.reload, self.editor, live.trial, dead, self.search_forum, self.metrics.on_search)
        return replace(ctx, settings=own, bot=running, networks=self.contexts)


def desk_address(http: WebSettings | None) -> DeskAddress | None:
    """None: there are no pages."""
    if http is None or not http.pages:
        return None
    if http.public_url:
        return DeskAddress(f"{http.public_url}/desk")
    return DeskAddress(f"http://{http.local_host}/desk", f"{http.port}:{http.local_host}")
