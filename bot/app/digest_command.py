"""The `digest` command: shows the digest from the store, or posts it through the running bot or in its place."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.app.built_channels import built_channels, topic_search
from bot.app.clock import SkewedClock
from bot.app.digest_settings import publishing
from bot.config.settings import Settings
from bot.digest.content import note_entries
from bot.digest.publisher import DigestPublisher, DigestTarget
from bot.digest.schedule import Week
from bot.knowledge.models import Knowledge
from bot.messages import AuthenticationFailed, Channel
from bot.store import OutboxRow, Store, StoreLocked
from bot.workers.sender import OutboxSender

log = logging.getLogger(__name__)

LOGIN_TIMEOUT = 30.0  # seconds
SEND_TIMEOUT = 30.0  # seconds until all must be posted
POLL = 0.2  # seconds between two polls of the outbox
POSTED = ("new", "edited", "same")  # results with a post in the store


@dataclass(frozen=True, slots=True)
class DigestPreview:
    """`place`: empty for the moderators' room. `done`: a `PublishResult`, `waiting` or `refused`; empty if it was only
    shown."""

    channel: str
    place: str
    done: str
    text: str


@dataclass(frozen=True, slots=True)
class DigestCommand:
    """`channels`: those that can send. `alone`: no bot has the store, so the command sends the posts itself."""

    store: Store
    publisher: DigestPublisher
    channels: Mapping[str, Channel]
    time: Callable[[], datetime]
    alone: bool

    async def show(self, since: datetime | None) -> list[DigestPreview]:
        """Does not use the network."""
        now = self.time()
        week, text = await self.publisher.week_by_hand(now), self.publisher.text
        return [
            DigestPreview(target.channel, target.label, "", await text(target, week, now, since))
            for target in self.publisher.targets()
        ]

    async def publish(self) -> list[DigestPreview]:
        """Post what is new since the last digest, or give a fresh one the new words."""
        now, previews = self.time(), []
        week = await self.publisher.week_by_hand(now)
        results = await self.publisher.publish(week, now)
        waiting = await self._waiting([target for target, result in results.items() if result in POSTED], week)
        await self._until_sent([target for target in waiting if target.channel in self.channels], week)
        for target, result in results.items():
            status = await self.publisher.status(target, week) if result in POSTED else None
            is_ours = result == "same" and target in waiting  # posted by an earlier run, but sent by this one
            done = status if status in ("waiting", "refused") else "new" if is_ours else result
            text = await self.publisher.text(target, week, now)
            previews.append(DigestPreview(target.channel, target.label, done, text))
        return previews

    async def _waiting(self, targets: Iterable[DigestTarget], week: Week) -> list[DigestTarget]:
        return [target for target in targets if await self.publisher.status(target, week) == "waiting"]

    async def _until_sent(self, targets: list[DigestTarget], week: Week) -> None:
        sender = OutboxSender(self.store, self.channels, self.time, _no_question, only="digest")
        try:
            async with asyncio.timeout(SEND_TIMEOUT):
                while await self._waiting(targets, week):
                    if self.alone:
                        await sender.once()
                    await asyncio.sleep(POLL)
        except TimeoutError:
            log.error("not everything was sent within %d seconds", SEND_TIMEOUT)
        except AuthenticationFailed as refusal:
            log.error("%s", refusal)


@contextlib.asynccontextmanager
async def digest_by_command(settings: Settings, knowledge: Knowledge, *, post: bool) -> AsyncIterator[DigestCommand]:
    """With the rooms known and the present entries noted. The settings have a `digest` section. Raises StoreError."""
    time = SkewedClock()
    store, alone = await _open(settings.store.get_secret_value(), time, post)
    voices = {network.channel.name: network for network in built_channels(settings, store, time)}
    channels = [network.channel for network in voices.values()]
    try:
        ready = {channel.name: channel for channel in channels if not alone or await _enter(channel)}
        for channel in channels:
            await channel.recall()
        await note_entries(store, knowledge, time())
        dead = frozenset(url for url, one in (await store.links.states()).items() if one.is_dead)
        search = topic_search(voices.values()) if post else None
        publisher = publishing(settings, store, lambda: knowledge, voices, lambda: dead, search)
        yield DigestCommand(store, publisher, ready, time, alone)
    finally:
        await asyncio.gather(*(channel.stop() for channel in channels))
        await store.close()


async def _open(url: str, time: SkewedClock, post: bool) -> tuple[Store, bool]:
    """For posting, lock it unless a bot has it: a bot that starts meanwhile waits until the command is done."""
    if post:
        with contextlib.suppress(StoreLocked):
            return await Store.open(url, on_locked=None, clock=time), True
    return await Store.open(url, lock=False, clock=time), False


async def _enter(channel: Channel) -> bool:
    """Whether the network let it in within LOGIN_TIMEOUT; if not, the log says why."""
    try:
        async with asyncio.timeout(LOGIN_TIMEOUT):
            await channel.start()
    except (TimeoutError, AuthenticationFailed) as error:
        log.error("%s: %s", channel.name, error or f"not reached within {LOGIN_TIMEOUT:g} seconds")
        return False
    return True


async def _no_question(_: OutboxRow) -> None:
    """A digest answers no question."""
