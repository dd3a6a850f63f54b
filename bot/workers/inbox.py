"""Inbox worker, from the journal to the conversation: each event once, rooms in parallel, senders in turn in each."""

import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from bot.conversation.policy import ADDRESSED_AGE
from bot.messages import AuthenticationFailed, ChannelError, Event
from bot.store import Dequeue, OptOut, Outcome, Store, StoreError, Unfit
from bot.workers.loops import KeyedTasks

log = logging.getLogger(__name__)

RETRY = timedelta(seconds=10)  # until an event is handled again after an error
BATCH = 5  # events of each sender read at once, before checking who else wrote
IDLE = 10.0  # seconds between two polls of the journal without a wake

Room = tuple[str, str]  # channel and room


class InboxWorker:
    """Handles the due events and stores their outcomes. Set `wake` when events were journalled.

    `on_posts` is called when an outcome put posts into the outbox, `on_withdrawal` when a question was deleted or its
    asker forgotten.
    """

    def __init__(
        self,
        store: Store,
        handle: Callable[[Event], Awaitable[Outcome]],
        clock: Callable[[], datetime],
        on_posts: Callable[[], None],
        on_withdrawal: Callable[[], None] = lambda: None,
    ) -> None:
        self._store, self._handle, self._clock = store, handle, clock
        self._on_posts, self._on_withdrawal = on_posts, on_withdrawal
        self._tasks: KeyedTasks[Room] = KeyedTasks(self._start_due)
        self.run, self.once, self.wake = self._tasks.run, self._tasks.once, self._tasks.wake

    async def _start_due(self) -> float:
        """Start a few events of each sender in every idle room.

        An event that may have hung the process runs alone, so that no event beside it becomes a suspect.
        """
        busy = set(self._tasks.busy)  # before reading: events that end meanwhile are still in the rows
        rooms: dict[Room, list[Event]] = defaultdict(list)
        suspects: list[Event] = []
        for event in await self._store.journal.due(self._clock(), BATCH):
            (suspects if event.tries else rooms[event.channel, event.room]).append(event)
        for room in rooms.keys() - busy:
            self._tasks.start(room, partial(self._process, rooms[room]))
        if suspects and not self._tasks.busy:
            self._tasks.start((suspects[0].channel, suspects[0].room), partial(self._process, suspects[:1]))
        return IDLE

    async def _process(self, events: Sequence[Event]) -> None:
        for event in events:
            outcome = await self._outcome(event)
            log.debug("%s %s: %s", event.kind, event.id, outcome.reason)
            try:
                await self._store.finish(event, outcome, self._clock())
            except Unfit as misfit:
                await self._store.finish(event, _given_up(event, misfit), self._clock())
                continue
            if outcome.posts:
                self._on_posts()
            if outcome.find(OptOut) or outcome.find(Dequeue):
                self._on_withdrawal()
            if outcome.retry_at:
                self._tasks.wake_in((outcome.retry_at - self._clock()).total_seconds())
                return  # the network may be slow: other senders get their turn first

    async def _outcome(self, event: Event) -> Outcome:
        """Handle an event. An error costs this event alone: it is retried for as long as an answer is wanted."""
        try:
            return await self._handle(event)
        except Unfit as misfit:
            return _given_up(event, misfit)
        except (AuthenticationFailed, StoreError):
            raise
        except ChannelError as error:
            log.warning("%s: trying again: %s", event.id, error)
        except Exception:
            log.exception("%s: internal error, trying again", event.id)
        if self._clock() - event.sent > ADDRESSED_AGE:
            return Outcome("given up after six hours")
        return Outcome("trying again", retry_at=self._clock() + RETRY)


def _given_up(event: Event, misfit: Unfit) -> Outcome:
    """Return the outcome of an event that the store would refuse again."""
    log.error("%s: given up: %s", event.id, misfit)
    return Outcome("does not fit into the store")
