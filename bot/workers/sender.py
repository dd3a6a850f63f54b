"""From the outbox to the channel: each post once, at the pace that the network allows."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence, Set
from datetime import datetime, timedelta
from functools import partial
from typing import Literal

from bot.conversation.policy import ADDRESSED_AGE, OVERHEARD_AGE
from bot.messages import (
    AuthenticationFailed,
    Channel,
    KeyStoreUnusable,
    NetworkRefusal,
    RateLimited,
    Reply,
    Unreachable,
)
from bot.store import OutboxRow, Purpose, Question, Store, StoreError
from bot.store.outbox import transaction_id
from bot.workers.keyed import KeyedTasks
from bot.workers.rate import AdaptiveRate

log = logging.getLogger(__name__)

AT_ONCE = 2  # posts under way in one room
FIRST_WAIT, LONGEST_WAIT = 0.5, 60.0  # seconds between tries
IDLE = 1.0  # seconds between looks when nobody wakes us
REMEMBERED = timedelta(hours=1)
"""How long a network surely knows a transaction: Synapse keeps it for a day."""
CLOCKS = timedelta(minutes=2)
"""How far our clock may be from a network's: where it is a minute off, that of the network counts."""
DIGEST_AGE = timedelta(days=2)
"""So long a digest is tried to be sent."""
QUESTIONS = {"answer", "suggest", "short", "unknown"}
"""What a question is replied with; commands are not asked again."""

SendKey = tuple[str, str, str | None]  # channel, room, asker
FindQuestion = Callable[[OutboxRow], Awaitable[Question | None]]
SendResult = Literal["sent", "refused", "late", "needless"]
"""What became of a post: refused for good, not to be sent in time, or said by a person meanwhile."""
OnSent = Callable[[OutboxRow, SendResult, float | None], None]
"""Hears what became of each; for one that is sent, how many seconds after that came in which it replies to."""


class OutboxSender:
    """Sends what waits in the outbox. `wake` is set by whoever puts something there; `ask` finds the question of a
    reply that comes too late, for the queue; `only`: nothing but what has this purpose. What is for a network that is
    not among the `channels` waits until that is in the settings again."""

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Channel],
        clock: Callable[[], datetime],
        ask: FindQuestion,
        only: Purpose | None = None,
        told: OnSent = lambda row, result, seconds: None,
    ) -> None:
        self._store, self._channels, self._clock, self._ask, self._only = store, channels, clock, ask, only
        self._told = told
        self._lanes: KeyedTasks[SendKey] = KeyedTasks(self._begin)
        self.run, self.once, self.wake = self._lanes.run, self._lanes.once, self._lanes.wake
        self._paces: dict[str, AdaptiveRate] = defaultdict(AdaptiveRate)
        self._turns = itertools.count(1)
        self._served: dict[str | None, int] = {}  # asker -> their last turn, while something waits

    async def _begin(self) -> float:
        busy = set(self._lanes.busy)  # a lane that is busy now may be done with its row when that is read
        found = await self._store.outbox(self._clock(), purpose=self._only)
        rows = [row for row in found if row.channel in self._channels]
        if not rows:
            self._served.clear()
        waits = [self._start(row, busy) for row in self._in_order(rows)]
        return min([IDLE, *filter(None, waits)])

    def _in_order(self, rows: Sequence[OutboxRow]) -> list[OutboxRow]:
        """In each room what is most urgent there; addressed before overheard before marks, then who waited longest."""
        urgent: dict[tuple[str, str], int] = {}
        for row in rows:
            urgent[row.channel, row.room] = min(row.priority, urgent.get((row.channel, row.room), row.priority))
        now = [row for row in rows if row.priority == urgent[row.channel, row.room]]
        return sorted(now, key=lambda row: (row.priority, self._served.get(row.asker, 0), row.id))

    def _start(self, row: OutboxRow, busy: Set[SendKey]) -> float:
        """0: it was started, or its turn comes later; else how many seconds the network wants to have a pause."""
        lane, pace, now = _lane(row), self._paces[row.channel], asyncio.get_running_loop().time()
        if not _free(lane, busy | self._lanes.busy):
            return 0
        if wait := pace.wait(now):
            return wait
        pace.begin(now)
        self._lanes.start(lane, partial(self._send, row))
        return 0

    async def _send(self, row: OutboxRow) -> None:
        try:
            await self._attempt(row)
        except RateLimited as pause:
            log.debug("%s", pause)
            self._paces[row.channel].refused(asyncio.get_running_loop().time(), pause.after)
        except NetworkRefusal as refusal:
            log.warning("not sent, for good: %s", refusal)
            await self._give_up(row, "refused", str(refusal))
        except (Unreachable, AuthenticationFailed) as trouble:
            if self._ends(trouble):
                raise
            log.warning("could not send, trying again: %s", trouble)
            await self._postpone(row, trouble.after if isinstance(trouble, Unreachable) else 0.0)
        except StoreError:
            raise
        except Exception:
            log.exception("an error of ours while sending; trying again")
            await self._postpone(row)

    def _ends(self, trouble: Unreachable | AuthenticationFailed) -> bool:
        """Whether there is nothing left to do: one network that shuts us out does not end the bot on the others."""
        return isinstance(trouble, KeyStoreUnusable) or (
            isinstance(trouble, AuthenticationFailed) and len(self._channels) == 1
        )

    async def _attempt(self, row: OutboxRow) -> None:
        channel = self._channels[row.channel]
        login = await channel.login()
        event = await self._sent_before(row, login)
        if event is None and self._too_late(row):
            log.warning("a reply could not be sent in time and is dropped")
            asked = row.purpose in QUESTIONS and not row.overheard
            return await self._give_up(row, "late", "too late", await self._ask(row) if asked else None)
        if event is None and await self._is_idle(row):
            return await self._give_up(row, "needless", "a person replied")
        if event is None:
            if not await self._store.begin(row.id, self._clock(), login):
                return None  # taken back meanwhile
            event = await channel.send(row.outgoing, row.transaction)
            self._paces[row.channel].taken()
        now = self._clock()
        asked_at = await self._store.sent(row.id, event, now)
        self._served[row.asker] = next(self._turns)
        self._told(row, "sent", (now - asked_at).total_seconds() if asked_at else None)

    async def _give_up(self, row: OutboxRow, result: SendResult, reason: str, ask: Question | None = None) -> None:
        await self._store.give_up(row.id, reason, ask)
        self._told(row, result, None)

    async def _sent_before(self, row: OutboxRow, login: str) -> str | None:
        """The event that an earlier attempt made, where the network no longer tells by the transaction."""
        if row.begun is None:
            return None
        if row.login == login and self._clock() - row.begun < REMEMBERED and not self._too_late(row):
            return None
        since = row.begun if row.doubted else row.begun - CLOCKS
        found = await self._channels[row.channel].find_sent(row.outgoing, row.transaction, since, *_instead(row))
        return next(iter(await self._store.unknown(found)), None)

    def _too_late(self, row: OutboxRow) -> bool:
        """A reply, or a digest; a removal and what else answers nobody are never too late."""
        if row.purpose == "digest":
            return self._clock() - row.made > DIGEST_AGE
        longest = OVERHEARD_AGE if row.overheard else ADDRESSED_AGE
        return isinstance(row.outgoing, Reply) and bool(row.question) and self._clock() - row.made > longest

    async def _is_idle(self, row: OutboxRow) -> bool:
        """What nobody asked for is not said once a person has answered, however long it had to wait here."""
        new = isinstance(row.outgoing, Reply) and not row.outgoing.replaces and (row.begun is None or row.doubted)
        return new and row.overheard and await self._store.answered_meanwhile(row)

    async def _postpone(self, row: OutboxRow, least: float = 0.0) -> None:
        seconds = max(min(FIRST_WAIT * 2.0**row.attempts, LONGEST_WAIT), least)
        await self._store.postpone(row.id, self._clock() + timedelta(seconds=seconds))
        asyncio.get_running_loop().call_later(seconds, self.wake.set)


def _instead(row: OutboxRow) -> Iterator[str]:
    """Of a reply from before a restore: under which transactions the question may have had one of another kind."""
    if row.doubted and row.question and row.purpose in QUESTIONS:
        yield from (transaction_id(row.channel, row.question, kind, 0) for kind in sorted(QUESTIONS))


def _lane(row: OutboxRow) -> SendKey:
    """One for each asker in a room, whose questions are answered in their order."""
    return row.channel, row.room, row.asker


def _free(lane: SendKey, busy: Set[SendKey]) -> bool:
    return lane not in busy and sum(lane[:2] == other[:2] for other in busy) < AT_ONCE
