"""The `gaps` command: what the answers lack, as `!lacunes` says it, beside a running bot or without one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

from bot.app.clock import skewed_clock
from bot.app.digest_command import enter
from bot.app.networks import networks
from bot.config.settings import Settings
from bot.conversation.context import Context
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
            ctx = network.context(settings, store, time, lambda: index)
            of_channels[network.channel.name] = replace(ctx, networks=of_channels)
        yield [*of_channels.values()]
    finally:
        await asyncio.gather(*(ctx.channel.stop() for ctx in of_channels.values()))
        await store.close()
