"""From the outbox to the channel: each post once, at the pace that the network allows."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from bot.messages import Channel, Refused, TooFast, Unreachable
from bot.store import Pending, Store

log = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0  # seconds between tries
IDLE = 1.0  # seconds between looks when nobody wakes us


class Delivery:
    """Sends what waits in the outbox. `wake` is set by whoever puts something there."""

    def __init__(self, store: Store, channels: Mapping[str, Channel], clock: Callable[[], datetime]) -> None:
        self._store, self._channels, self._clock = store, channels, clock
        self.wake = asyncio.Event()

    async def run(self) -> None:
        """Work off the outbox for ever; LoggedOut ends it."""
        while True:
            self.wake.clear()
            if not await self.once():
                await self._rest()

    async def once(self) -> int:
        """Send what can be sent now; the number of rows that were tried."""
        rows = await self._store.outbox(self._clock())
        for row in rows:
            await self._send(row)
        return len(rows)

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self.wake.wait(), IDLE)
        except TimeoutError:
            return

    async def _send(self, row: Pending) -> None:
        if not await self._store.begin(row.id, self._clock()):
            return  # taken back meanwhile
        try:
            event = await self._channels[row.channel].send(row.outgoing, row.transaction)
        except TooFast as pause:
            await self._postpone(row, pause.after)
        except Unreachable as trouble:
            log.warning("could not send, trying again: %s", trouble)
            await self._postpone(row, min(FIRST_WAIT * 2**row.attempts, LONGEST_WAIT))
        except Refused as refusal:
            log.warning("not sent, for good: %s", refusal)
            await self._store.give_up(row.id, str(refusal))
        else:
            await self._store.sent(row.id, event, self._clock())

    async def _postpone(self, row: Pending, seconds: float) -> None:
        await self._store.postpone(row.id, self._clock() + timedelta(seconds=seconds))
