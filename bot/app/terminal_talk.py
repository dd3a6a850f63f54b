"""The bot in the terminal: the conversation of a direct room, with a store that is gone at the end."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.app import clock
from bot.app.networks import Network
from bot.channels.terminal import Terminal, TerminalRoom
from bot.config.settings import Settings
from bot.conversation import dispatch, question_queue
from bot.conversation.policy import Rules
from bot.locale import wording
from bot.matching.index import Index
from bot.replies import Replies
from bot.store import Store
from bot.workers.inbox import InboxWorker
from bot.workers.sender import OutboxSender

_ENDING = [getattr(signal, name) for name in ("SIGHUP", "SIGTERM") if hasattr(signal, name)]


def talk(settings: Settings, index: Index, terminal: Terminal, lines: Iterable[str]) -> None:
    """Reply to each line. Raises StoreError, OSError and KeyboardInterrupt."""
    with TemporaryDirectory(prefix="concierge-") as folder, _ended_in_order(), asyncio.Runner() as runner:
        store = runner.run(Store.open(f"sqlite:///{Path(folder) / 'talk.db'}"))
        try:
            conversation = Conversation(settings, index, store)
            # Lines are read and shown outside of the event loop, which would swallow Ctrl-C and a broken pipe.
            for line in lines:
                for said in runner.run(conversation.hear(line)):
                    terminal.show(said)
        finally:
            runner.run(store.close())


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """A terminal that is closed, or SIGTERM, leaves no file behind."""
    before = {number: signal.signal(number, lambda number, _: sys.exit(128 + number)) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Conversation:
    def __init__(self, settings: Settings, index: Index, store: Store) -> None:
        time, pages = clock.skewed_clock(), settings.web.page_address if settings.web else ""
        spoken = (wording(settings.language), settings.name, settings.prefix, settings.timezone)
        replies = Replies(*spoken, contact=settings.contact, pages=pages, reacts=False, has_team=settings.has_team)
        self._room, self._store, self._time = TerminalRoom(), store, time
        network = Network(self._room, replies, settings.names, Rules(flood_questions=0))
        ctx = network.context(settings, store, time, lambda: index)
        ctx = replace(ctx, settings=replace(ctx.settings, asks_feedback=False))
        self._inbox = InboxWorker(store, partial(dispatch.handle, ctx), time, lambda: None)
        self._sender = OutboxSender(store, {self._room.name: self._room}, time, partial(question_queue.unanswered, ctx))

    async def hear(self, line: str) -> Sequence[str]:
        """Return the bot's replies to a line."""
        self._room.spoken.clear()
        await self._store.journal.receive(self._room.name, [self._room.event(line, self._time())], "")
        while await self._inbox.once() or await self._sender.once():
            continue
        return self._room.spoken
