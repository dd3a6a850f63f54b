"""The digest by hand: shown from the store alone, or posted, by the running bot or in its place."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from bot.app.clock import SkewedClock, skewed_clock
from bot.app.digest_settings import publishing, schedule
from bot.app.networks import forum_search, networks
from bot.config import Settings
from bot.digest.content import note_entries
from bot.digest.publisher import DigestPublisher, DigestTarget, PublishResult, key, unfiltered
from bot.digest.schedule import Schedule, Week
from bot.knowledge.models import Knowledge
from bot.messages import AuthenticationFailed, Channel
from bot.store import OutboxRow, Store, StoreLocked
from bot.workers.sender import OutboxSender

log = logging.getLogger(__name__)


REACHED = 30.0  # seconds that a network has to let us in
SENT = 30.0  # seconds until all must be posted
LOOK = 0.2  # seconds between two looks whether it is


@dataclass(frozen=True, slots=True)
class DigestPreview:
    """`done`: what became of it there, also `waiting` or `refused`; empty where it was only shown."""

    channel: str
    place: str
    done: str
    text: str


@dataclass(frozen=True, slots=True)
class DigestCommand:
    """`alone`: no bot uses the store, so that it is for us to send."""

    store: Store
    knowledge: Knowledge
    channels: dict[str, Channel]
    publishing: DigestPublisher
    schedule: Schedule
    time: SkewedClock
    alone: bool

    async def show(self, since: datetime | None) -> list[DigestPreview]:
        """Without the network."""
        await self._know()
        now = self.time()
        week, made = self.schedule.last(now), self.publishing
        return [
            DigestPreview(spot.channel, spot.name, "", await made.text(spot, week, now, since))
            for spot in made.targets()
        ]

    async def publish(self) -> list[DigestPreview]:
        """The week whose moment was last."""
        reached = [name for name, channel in self.channels.items() if not self.alone or await _enter(channel)]
        await self._know()
        now = self.time()
        week, made = self.schedule.last(now), self.publishing
        done = await made.publish(week, now)
        put = [spot for spot, what in done.items() if what in ("new", "edited", "same")]
        late = await self._waiting(put, week)
        await self._until_sent([spot for spot in put if spot.channel in reached], week)
        became = {spot: await self._became(spot, week, done[spot], spot in late) for spot in done}
        return [DigestPreview(spot.channel, spot.name, became[spot], await made.text(spot, week, now)) for spot in done]

    async def _know(self) -> None:
        """The rooms, and which entries there are today."""
        for channel in self.channels.values():
            await channel.recall()
        await note_entries(self.store, self.knowledge, self.time())

    async def _waiting(self, spots: list[DigestTarget], week: Week) -> list[DigestTarget]:
        return [spot for spot in spots if await self.store.stands(spot.channel, key(spot, week)) == "waiting"]

    async def _until_sent(self, spots: list[DigestTarget], week: Week) -> None:
        delivery = OutboxSender(self.store, self.channels, self.time, _nobody, only="digest")
        try:
            async with asyncio.timeout(SENT):
                while await self._waiting(spots, week):
                    if self.alone:
                        await delivery.once()
                    await asyncio.sleep(LOOK)
        except TimeoutError:
            log.error("not everything could be sent within %d seconds", SENT)
        except AuthenticationFailed as refusal:
            log.error("%s", refusal)

    async def _became(self, spot: DigestTarget, week: Week, done: PublishResult, late: bool) -> str:
        """What was put there by an earlier run, and was sent only by this one, is new."""
        if done not in ("new", "edited", "same"):
            return done
        stands = await self.store.stands(spot.channel, key(spot, week))
        return stands if stands != "sent" else "new" if done == "same" and late else done


@contextlib.asynccontextmanager
async def digest_by_command(settings: Settings, knowledge: Knowledge, *, post: bool) -> AsyncIterator[DigestCommand]:
    """The settings have a `digest` section. Raises StoreError."""
    time, when = skewed_clock(), schedule(settings)
    store, alone = await _open(settings.store.get_secret_value(), time, post)
    found = {network.channel.name: network for network in networks(settings, store, time)}
    search = forum_search(found.values())
    try:
        dead = frozenset(url for url, one in (await store.standings()).items() if one.dead)
        still_open = search.still_open if post and search else unfiltered
        made = publishing(settings, store, lambda: knowledge, found, lambda: dead, still_open)
        if made is None or when is None:
            raise ValueError("no digest in the settings")
        channels = {name: network.channel for name, network in found.items()}
        yield DigestCommand(store, knowledge, channels, made, when, time, alone)
    finally:
        await asyncio.gather(*(network.channel.stop() for network in found.values()))
        if search:
            await search.close()
        await store.close()


async def _open(url: str, time: SkewedClock, post: bool) -> tuple[Store, bool]:
    """For posting alone, where no bot has it: one that starts meanwhile waits until we are done."""
    if post:
        with contextlib.suppress(StoreLocked):
            return await Store.open(url, wait=None, clock=time), True
    return await Store.open(url, lock=False, clock=time), False


async def _enter(channel: Channel) -> bool:
    try:
        async with asyncio.timeout(REACHED):
            await channel.start()
    except (TimeoutError, AuthenticationFailed) as trouble:
        log.error("%s: %s", channel.name, trouble or f"not reached within {REACHED:g} seconds")
        return False
    return True


async def _nobody(_: OutboxRow) -> None:
    """A digest answers no question."""
