"""The one place where everything is built and run."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Callable, Coroutine, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot import conversation, followups
from bot.channels.matrix import Account, MatrixChannel
from bot.config import MatrixSettings, Settings, cache_folder
from bot.context import Context, Reloaded
from bot.current import Current
from bot.delivery import Delivery
from bot.hearing import Hearing
from bot.library import Library
from bot.messages import Channel, Event, LoggedOut, Reply
from bot.policy import Rules
from bot.replies import Replies
from bot.store import Outcome, Pending, Post, Question, Store, StoreError
from bot.wording import wording

log = logging.getLogger(__name__)

SWEEP = 3600.0  # seconds between two removals of what has been kept long enough
LOGGED_OUT = 2  # exit code: nothing but other settings helps

Observe = Callable[[Event, Outcome], None]


class Stopped(Exception):
    """Somebody asked the bot to end."""


def now() -> datetime:
    return datetime.now(UTC)


async def run(settings: Settings, *, stop: asyncio.Event | None = None, observe: Observe | None = None) -> int:
    """Run the bot until `stop`, SIGTERM or SIGINT; the exit code. `observe` sees what became of each event.

    Raises StoreError, LibraryError.
    """
    stop = stop or asyncio.Event()
    with _signals(stop):
        store = await Store.open(settings.store.get_secret_value())
        try:
            return await Bot(settings, store, observe).run(stop)
        finally:
            await store.close()


class Bot:
    """Everything of one run, and how it hangs together."""

    def __init__(self, settings: Settings, store: Store, observe: Observe | None) -> None:
        self.settings, self.store, self.observe = settings, store, observe
        words = wording(settings.language)
        self.replies = Replies(words, settings.name, settings.prefix, settings.timezone)
        self.current = Current(
            Library(settings.knowledge),
            words,
            lambda: now().astimezone(settings.timezone).date(),
            semantic=settings.matching.semantic,
            cache=cache_folder(os.environ),
        )
        self.channels: dict[str, Channel] = {channel.name: channel for channel in _channels(settings, store)}
        self.contexts = {name: self._context(channel) for name, channel in self.channels.items()}
        self.delivery = Delivery(store, self.channels, now, self._unanswered)
        self.hearing = Hearing(store, self._hear, now, self.delivery.wake.set)

    async def run(self, stop: asyncio.Event) -> int:
        """Until `stop`, or until a channel is logged out; the exit code. Raises StoreError when the store gives out."""
        await self.current.reload()
        code, trouble = 0, None
        try:
            async with asyncio.TaskGroup() as tasks:
                for work in self._work(stop):
                    tasks.create_task(work)
        except* Stopped:
            log.info("stopped")
        except* LoggedOut as errors:
            log.error("%s", errors.exceptions[0])
            code = LOGGED_OUT
        except* StoreError as errors:
            trouble = errors.exceptions[0]
        finally:
            await asyncio.gather(*(channel.stop() for channel in self.channels.values()))
        if trouble:
            raise trouble
        return code

    def _work(self, stop: asyncio.Event) -> Iterator[Coroutine[None, None, None]]:
        """Channels into the journal, journal into the conversation, outbox into the channels, files into the index."""
        yield _end(stop)
        yield from map(self._attend, self.channels.values())
        yield self.hearing.run()
        yield self.delivery.run()
        yield self.current.follow(self._tell)
        yield self._sweep()

    async def _attend(self, channel: Channel) -> None:
        async def receive(events: Sequence[Event], position: str) -> None:
            if await self.store.receive(channel.name, events, position):
                self.hearing.wake.set()

        await channel.start()
        await channel.listen(receive, await self.store.position(channel.name))

    async def _hear(self, event: Event) -> Outcome:
        outcome = await conversation.hear(self.contexts[event.channel], event)
        if self.observe:
            self.observe(event, outcome)
        return outcome

    async def _unanswered(self, row: Pending) -> Question | None:
        return await followups.unanswered(self.contexts[row.channel], row)

    async def _tell(self, reloaded: Reloaded) -> None:
        """Knowledge files that stay broken: said in the log and in the moderators' rooms."""
        for error in reloaded.errors:
            log.error("%s", error)
        text = self.replies.not_reloaded(reloaded.errors)
        for channel in self.channels.values():
            if room := channel.moderators_room:
                note = Post(Reply(room, text, quiet=True), "note")
                await self.store.post(channel.name, note, f"knowledge {now().isoformat()}", now())
        self.delivery.wake.set()

    async def _sweep(self) -> None:
        while True:
            await self.store.erase_old(now(), self.settings.retention.questions)
            await asyncio.sleep(SWEEP)

    def _context(self, channel: Channel) -> Context:
        settings = self.settings
        return Context(
            channel=channel,
            store=self.store,
            replies=self.replies,
            index=self.current.index,
            reload=self.current.reload,
            limits=settings.answers.limits,
            rules=Rules(settings.answers.per_hour, settings.flood.questions, settings.flood.window),
            names=settings.names,
            prefix=settings.prefix,
            moderators=frozenset(settings.matrix.moderators if settings.matrix else ()),
            retention=settings.retention.questions,
            timezone=settings.timezone,
            clock=now,
        )


def _channels(settings: Settings, store: Store) -> Iterator[Channel]:
    if settings.matrix:
        yield MatrixChannel(_account(settings, settings.matrix), store, settings.name)


def _account(settings: Settings, matrix: MatrixSettings) -> Account:
    secrets = settings.secrets
    return Account(
        homeserver=matrix.homeserver,
        user=matrix.user,
        password=secrets.matrix_password.get_secret_value() if secrets.matrix_password else None,
        signing_seed=secrets.matrix_signing_seed.get_secret_value() if secrets.matrix_signing_seed else None,
        access_token=secrets.matrix_access_token.get_secret_value() if secrets.matrix_access_token else None,
        rooms=tuple(matrix.listening.items()),
        direct=matrix.direct,
        moderators_room=matrix.moderators_room,
        ignore=matrix.ignore,
        encryption=matrix.encryption,
        key_store=_beside_the_store(settings) / "keys",
    )


def _beside_the_store(settings: Settings) -> Path:
    """The folder of a SQLite store; beside a PostgreSQL one, `var` beside the knowledge."""
    kind, _, path = settings.store.get_secret_value().partition(":///")
    return Path(path).parent if kind == "sqlite" else settings.knowledge.absolute().parent / "var"


async def _end(stop: asyncio.Event) -> None:
    await stop.wait()
    raise Stopped


@contextlib.contextmanager
def _signals(stop: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGTERM, signal.SIGINT)
    for number in numbers:
        loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
