"""The `gaps` command: what the answers lack, as `!lacunes` says it, beside a running bot or without one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from bot.app.clock import SkewedClock, skewed_clock
from bot.app.digest_command import enter
from bot.app.networks import Network, networks
from bot.config import Settings
from bot.conversation.context import Context, Reloaded
from bot.conversation.moderation.answer_gaps import GapReport, report
from bot.matching.index import Index
from bot.messages import ChannelError
from bot.store import Store


async def gaps_by_command(settings: Settings, index: Index, days: int) -> tuple[GapReport, bool]:
    """The report, and whether all networks could be read; if not, it has the open questions alone. Raises
    StoreError."""
    async with _contexts(settings, index) as contexts:
        if all(await asyncio.gather(*(enter(ctx.channel) for ctx in contexts))):
            with contextlib.suppress(ChannelError):
                return await report(contexts[0], days), True
        return await report(contexts[0], days, reads_network=False), False


@contextlib.asynccontextmanager
async def _contexts(settings: Settings, index: Index) -> AsyncIterator[list[Context]]:
    time, of_channels = skewed_clock(), dict[str, Context]()
    store = await Store.open(settings.store.get_secret_value(), lock=False, clock=time)
    try:
        for network in networks(settings, store, time, only_reads=True):
            of_channels[network.channel.name] = _context(settings, store, index, time, network, of_channels)
        yield [*of_channels.values()]
    finally:
        await asyncio.gather(*(ctx.channel.stop() for ctx in of_channels.values()))
        await store.close()


def _context(
    settings: Settings, store: Store, index: Index, time: SkewedClock, network: Network, of_channels: dict[str, Context]
) -> Context:
    async def reload() -> Reloaded:
        return Reloaded(len(index.knowledge.entries))

    return Context(
        channel=network.channel,
        store=store,
        replies=network.replies,
        index=lambda: index,
        reload=reload,
        limits=settings.limits,
        rules=network.rules,
        names=network.names,
        prefix=settings.prefix,
        moderators=network.moderators,
        retention=settings.retention.questions,
        timezone=settings.timezone,
        clock=time,
        networks=of_channels,
    )
