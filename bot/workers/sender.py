"""Outbox sender: each post once, at the rate that its network allows."""

import asyncio
import itertools
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Set
from datetime import datetime, timedelta
from functools import partial
from typing import Literal

from bot.conversation.policy import ADDRESSED_AGE, OVERHEARD_AGE
from bot.messages import AuthenticationFailed, Channel, NetworkRefusal, RateLimited, Reply, Unreachable, ends_bot
from bot.store import OutboxRow, Purpose, Question, Store, StoreError
from bot.store.outbox import transaction_id
from bot.workers.loops import KeyedTasks
from bot.workers.send_rate import AdaptiveRate

log = logging.getLogger(__name__)

MAX_PER_ROOM = 2  # posts being sent at once
FIRST_WAIT, LONGEST_WAIT = 0.5, 60.0  # seconds between two attempts, doubling
IDLE = 10.0  # seconds between two polls of the outbox without a wake
TRANSACTION_KNOWN = timedelta(hours=1)  # how long a network surely knows a transaction: Synapse does for a day
MAX_SKEW = timedelta(minutes=2)  # between our clock and a network's: beyond one minute the network's time is used
DIGEST_AGE = timedelta(days=2)  # how long sending a digest is tried
REPLIES = {"answer", "suggest", "short", "unknown"}  # to questions, by purpose; commands are not asked again

SendKey = tuple[str, str, str | None]  # channel, room, asker: each asker's questions in a room are answered in order
SendResult = Literal["sent", "refused", "late", "needless"]
"""`refused` for good; `late`: no longer wanted; `needless`: a person replied first."""
OnResult = Callable[[OutboxRow, SendResult, float | None], None]
"""Callback `(row, result, latency)`; latency in seconds from receiving the question to sending the reply, None unless
sent."""


class OutboxSender:
    """Sends the posts of the outbox. Set `wake` when one was added.

    `find_question` finds the question of a reply that is too late, for the moderators' queue. With `only`, posts of
    other purposes wait. Posts for a network that is not among the `channels` wait until the settings have it again.
    """

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Channel],
        clock: Callable[[], datetime],
        find_question: Callable[[OutboxRow], Awaitable[Question | None]],
        only: Purpose | None = None,
        on_result: OnResult = lambda row, result, latency: None,
    ) -> None:
        self._store, self._channels, self._clock, self._only = store, channels, clock, only
        self._find_question, self._on_result = find_question, on_result
        self._tasks: KeyedTasks[SendKey] = KeyedTasks(self._start_due)
        self.run, self.once, self.wake = self._tasks.run, self._tasks.once, self._tasks.wake
        self._rates: dict[str, AdaptiveRate] = defaultdict(AdaptiveRate)
        self._turns = itertools.count(1)
        self._last_turns: dict[str | None, int] = {}  # by asker, while any post waits

    async def _start_due(self) -> float:
        """Start what has the highest priority in its room: addressed, overheard, then marks; fair among askers."""
        busy = set(self._tasks.busy)  # before reading: posts that are sent meanwhile are still in the rows
        due = await self._store.outbox.due(self._clock(), purpose=self._only)
        rows = [row for row in due if row.channel in self._channels]
        if not rows:
            self._last_turns.clear()
        rows.sort(key=lambda row: (row.priority, self._last_turns.get(row.asker, 0), row.id))
        highest: dict[tuple[str, str], int] = {}
        for row in rows:
            highest.setdefault((row.channel, row.room), row.priority)
        waits = [self._start(row, busy) for row in rows if row.priority == highest[row.channel, row.room]]
        return min([IDLE, *filter(None, waits)])

    def _start(self, row: OutboxRow, busy: Set[SendKey]) -> float:
        """Start sending if its turn has come. Returns the seconds that the network's rate makes it wait, else 0."""
        key, busy = (row.channel, row.room, row.asker), busy | self._tasks.busy
        if key in busy or sum(key[:2] == other[:2] for other in busy) >= MAX_PER_ROOM:
            return 0
        rate, now = self._rates[row.channel], asyncio.get_running_loop().time()
        if wait := rate.wait(now):
            return wait
        rate.begin(now)
        self._tasks.start(key, partial(self._send, row))
        return 0

    async def _send(self, row: OutboxRow) -> None:
        try:
            await self._attempt(row)
        except RateLimited as pause:
            log.debug("%s", pause)
            self._rates[row.channel].refused(asyncio.get_running_loop().time(), pause.after)
        except NetworkRefusal as refusal:
            log.warning("a post was refused for good: %s", refusal)
            await self._give_up(row, "refused", str(refusal))
        except (Unreachable, AuthenticationFailed) as error:
            if ends_bot(error, len(self._channels)):
                raise
            log.log(logging.DEBUG if row.attempts else logging.WARNING, "sending failed, trying again: %s", error)
            await self._postpone(row, error.after if isinstance(error, Unreachable) else 0.0)
        except StoreError:
            raise
        except Exception:
            log.exception("internal error while sending, trying again")
            await self._postpone(row)
        if row.purpose == "link":
            await self._store.clean()

    async def _attempt(self, row: OutboxRow) -> None:
        channel = self._channels[row.channel]
        login = await channel.login()
        event = await self._sent_before(row, login)
        if event is None and self._is_late(row):
            log.warning("a reply could not be sent in time and is dropped")
            is_question = row.purpose in REPLIES and not row.overheard
            return await self._give_up(row, "late", "too late", await self._find_question(row) if is_question else None)
        if event is None:
            is_new = isinstance(row.outgoing, Reply) and not row.outgoing.replaces
            may_be_unsent = row.begun is None or row.is_maybe_sent
            if row.overheard and is_new and may_be_unsent and await self._store.posts.is_answered_by_human(row):
                return await self._give_up(row, "needless", "a person replied")
            if not await self._store.outbox.begin(row.id, self._clock(), login):
                return None  # withdrawn meanwhile
            event = await channel.send(row.outgoing, row.transaction)
            self._rates[row.channel].accepted()
        now = self._clock()
        received = await self._store.outbox.mark_sent(row.id, event, now)
        self._last_turns[row.asker] = next(self._turns)
        self._on_result(row, "sent", (now - received).total_seconds() if received else None)

    async def _give_up(self, row: OutboxRow, result: SendResult, reason: str, ask: Question | None = None) -> None:
        await self._store.give_up(row.id, reason, ask)
        self._on_result(row, result, None)

    async def _sent_before(self, row: OutboxRow, login: str) -> str | None:
        """Return the event of an earlier attempt, looked up where the network may have forgotten the transaction."""
        if row.begun is None:
            return None
        if row.login == login and self._clock() - row.begun < TRANSACTION_KNOWN and not self._is_late(row):
            return None
        since = row.begun if row.is_maybe_sent else row.begun - MAX_SKEW
        others: list[str] = []
        if row.is_maybe_sent and row.question and row.purpose in REPLIES:  # before a restore, perhaps as another kind
            others = [transaction_id(row.channel, row.question, kind, 0) for kind in sorted(REPLIES)]
        events = await self._channels[row.channel].find_sent(row.outgoing, row.transaction, since, *others)
        return next(iter(await self._store.outbox.without_row(events)), None)

    def _is_late(self, row: OutboxRow) -> bool:
        """Whether a post is no longer wanted: only a digest or a reply to a question can be late."""
        if row.purpose == "digest":
            return self._clock() - row.made > DIGEST_AGE
        max_age = OVERHEARD_AGE if row.overheard else ADDRESSED_AGE
        return isinstance(row.outgoing, Reply) and bool(row.question) and self._clock() - row.made > max_age

    async def _postpone(self, row: OutboxRow, least: float = 0.0) -> None:
        seconds = max(min(FIRST_WAIT * 2.0**row.attempts, LONGEST_WAIT), least)
        await self._store.outbox.postpone(row.id, self._clock() + timedelta(seconds=seconds))
        self._tasks.wake_in(seconds)
