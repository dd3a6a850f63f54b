"""The `digest` command: shows the digest from the store, or posts it through the running bot or in its place."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.app.clock import SkewedClock, skewed_clock
from bot.app.digest_settings import publishing, schedule
from bot.app.networks import networks, topic_search
from bot.config.settings import Settings
from bot.digest.content import note_entries
from bot.digest.publisher import DigestPublisher, DigestTarget, PublishResult, key, unfiltered
from bot.digest.schedule import Schedule, Week
from bot.knowledge.models import Knowledge
from bot.messages import AuthenticationFailed, Channel
from bot.store import OutboxRow, Store, StoreLocked
from bot.workers.sender import OutboxSender

log = logging.getLogger(__name__)

LOGIN_TIMEOUT = 30.0  # seconds
SEND_TIMEOUT = 30.0  # seconds until all must be posted
POLL = 0.2  # seconds between two polls of the outbox
POSTED = ("new", "edited", "same")  # results with a post in the store
FRESH = timedelta(days=1)  # after that time new words make the next digest instead of an edit of the last one


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
    """`alone`: no bot has the store, so the command sends the posts itself."""

    store: Store
    knowledge: Knowledge
    channels: dict[str, Channel]
    publisher: DigestPublisher
    schedule: Schedule
    time: SkewedClock
    alone: bool

    async def show(self, since: datetime | None) -> list[DigestPreview]:
        """Does not use the network."""
        await self._load()
        now = self.time()
        week, text = await self._week(now), self.publisher.text
        return [
            DigestPreview(target.channel, target.label, "", await text(target, week, now, since))
            for target in self.publisher.targets()
        ]

    async def publish(self) -> list[DigestPreview]:
        """Post what is new since the last digest, or give a fresh one the new words."""
        reached = [name for name, channel in self.channels.items() if not self.alone or await enter(channel)]
        await self._load()
        now = self.time()
        week, text = await self._week(now), self.publisher.text
        results = await self.publisher.publish(week, now)
        posted = [target for target, result in results.items() if result in POSTED]
        waiting = await self._waiting(posted, week)
        await self._until_sent([target for target in posted if target.channel in reached], week)
        final = {target: await self._final(target, week, results[target], target in waiting) for target in results}
        return [
            DigestPreview(target.channel, target.label, result, await text(target, week, now))
            for target, result in final.items()
        ]

    async def _week(self, now: datetime) -> Week:
        """The last week that was due until a place has had its digest for a day, then the next one."""
        last = self.schedule.last(now)
        return last.after if [one for one in self.publisher.targets() if await self._is_over(one, last, now)] else last

    async def _is_over(self, target: DigestTarget, week: Week, now: datetime) -> bool:
        """Whether its post is a day old; what was refused or still waits is none."""
        moment = await self.store.digests.updated_at(key(target, week))
        if moment is None or now - moment < FRESH:
            return False
        return await self.store.digests.status(target.channel, key(target, week)) == "sent"

    async def _load(self) -> None:
        """Load the rooms and note the present entries."""
        for channel in self.channels.values():
            await channel.recall()
        await note_entries(self.store, self.knowledge, self.time())

    async def _waiting(self, targets: list[DigestTarget], week: Week) -> list[DigestTarget]:
        return [
            target
            for target in targets
            if await self.store.digests.status(target.channel, key(target, week)) == "waiting"
        ]

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

    async def _final(self, target: DigestTarget, week: Week, result: PublishResult, was_waiting: bool) -> str:
        """A post of an earlier run that only this one sent counts as new."""
        if result not in POSTED:
            return result
        status = await self.store.digests.status(target.channel, key(target, week))
        return status if status != "sent" else "new" if result == "same" and was_waiting else result


@contextlib.asynccontextmanager
async def digest_by_command(settings: Settings, knowledge: Knowledge, *, post: bool) -> AsyncIterator[DigestCommand]:
    """The settings have a `digest` section. Raises StoreError."""
    time, week = skewed_clock(), schedule(settings)
    if week is None:
        raise ValueError("no digest in the settings")
    store, alone = await _open(settings.store.get_secret_value(), time, post)
    voices = {network.channel.name: network for network in networks(settings, store, time)}
    search = topic_search(voices.values())
    try:
        dead = frozenset(url for url, one in (await store.links.states()).items() if one.is_dead)
        still_open = search.still_open if post and search else unfiltered
        publisher = publishing(settings, week, store, lambda: knowledge, voices, lambda: dead, still_open)
        channels = {name: network.channel for name, network in voices.items()}
        yield DigestCommand(store, knowledge, channels, publisher, week, time, alone)
    finally:
        await asyncio.gather(*(network.channel.stop() for network in voices.values()))
        await store.close()


async def _open(url: str, time: SkewedClock, post: bool) -> tuple[Store, bool]:
    """For posting, lock it unless a bot has it: a bot that starts meanwhile waits until the command is done."""
    if post:
        with contextlib.suppress(StoreLocked):
            return await Store.open(url, on_locked=None, clock=time), True
    return await Store.open(url, lock=False, clock=time), False


async def enter(channel: Channel) -> bool:
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
