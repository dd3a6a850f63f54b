"""From the journal to the conversation: each event once, rooms beside each other, turns by sender in each."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from bot.conversation.policy import ADDRESSED_AGE
from bot.messages import AuthenticationFailed, ChannelError, Event
from bot.store import Outcome, Store, StoreError, Unfit
from bot.workers.keyed import KeyedTasks

log = logging.getLogger(__name__)

RETRY = timedelta(seconds=10)
TURNS = 5  # events of each sender that are heard before looking who else spoke
IDLE = 1.0  # seconds between looks when nobody wakes us

Room = tuple[str, str]  # channel and room
Hear = Callable[[Event], Awaitable[Outcome]]


class InboxWorker:
    """Takes what is due from the journal and writes down what became of it. `wake` is set when something came in;
    `on_withdrawal` is called when a question was deleted, or its asker forgotten."""

    def __init__(
        self,
        store: Store,
        hear: Hear,
        clock: Callable[[], datetime],
        heard: Callable[[], None],
        on_withdrawal: Callable[[], None] = lambda: None,
    ) -> None:
        self._store, self._hear, self._clock, self._heard = store, hear, clock, heard
        self._on_withdrawal = on_withdrawal
        self._lanes: KeyedTasks[Room] = KeyedTasks(self._begin)
        self.run, self.once, self.wake = self._lanes.run, self._lanes.once, self._lanes.wake

    async def _begin(self) -> float:
        """In each room that is not being heard: some events of each sender in turn, so that no burst delays others.

        What the program may have been held up by is worked on alone: what was beside it is cleared of that.
        """
        busy = set(self._lanes.busy)  # a room that is being heard now may be done with its events when they are read
        rooms: dict[Room, list[Event]] = defaultdict(list)
        suspects: list[Event] = []
        for event in await self._store.due(self._clock(), TURNS):
            (suspects if event.tries else rooms[event.channel, event.room]).append(event)
        for room in rooms.keys() - busy:
            self._lanes.start(room, partial(self._room, rooms[room]))
        if suspects and not self._lanes.busy:
            self._lanes.start((suspects[0].channel, suspects[0].room), partial(self._room, suspects[:1]))
        return IDLE

    async def _room(self, events: Sequence[Event]) -> None:
        for event in events:
            outcome = await self._outcome(event)
            log.debug("%s %s: %s", event.kind, event.id, outcome.reason)
            try:
                await self._store.finish(event, outcome, self._clock())
            except Unfit as misfit:
                await self._store.finish(event, _given_up(event, misfit), self._clock())
                continue
            if outcome.posts:
                self._heard()
            if outcome.opt_out or outcome.dequeue:
                self._on_withdrawal()
            if outcome.retry_at:
                return  # the network may be slow: whoever spoke meanwhile has a turn

    async def _outcome(self, event: Event) -> Outcome:
        """A fault in one event must not stop the others: it is looked at again, as long as an answer is worth it."""
        try:
            return await self._hear(event)
        except Unfit as misfit:
            return _given_up(event, misfit)
        except (AuthenticationFailed, StoreError):
            raise
        except ChannelError as trouble:
            log.warning("%s: trying again: %s", event.id, trouble)
        except Exception:
            log.exception("%s: an error of ours; trying again", event.id)
        if self._clock() - event.sent > ADDRESSED_AGE:
            return Outcome("given up after six hours")
        return Outcome("trying again", retry_at=self._clock() + RETRY)


def _given_up(event: Event, misfit: Unfit) -> Outcome:
    """Trying again would not help."""
    log.error("%s: given up: %s", event.id, misfit)
    return Outcome("does not fit into the store")
