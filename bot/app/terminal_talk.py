"""The bot in the terminal: the conversation of a direct room, with a store that is gone at the end."""

import asyncio
import signal
import sys
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.app.built_channels import BuiltChannel, replies
from bot.app.clock import SkewedClock
from bot.channels.terminal import Terminal, TerminalRoom
from bot.config.settings import Settings
from bot.conversation import dispatch, question_queue
from bot.conversation.policy import Rules
from bot.matching.index import Index
from bot.store import Store
from bot.workers.inbox import InboxWorker
from bot.workers.sender import OutboxSender

_ENDING = [getattr(signal, name) for name in ("SIGHUP", "SIGTERM") if hasattr(signal, name)]


def talk(settings: Settings, index: Index, terminal: Terminal, lines: Iterable[str]) -> None:
    """Reply to each line. Raises StoreError, OSError and KeyboardInterrupt."""
    with TemporaryDirectory(prefix="concierge-") as folder, ExitStack() as stack, asyncio.Runner() as runner:
        for number in _ENDING:  # a terminal that is closed, or SIGTERM, leaves no file behind
            before = signal.signal(number, lambda number, _: sys.exit(128 + number))
            stack.callback(signal.signal, number, before)
        store = runner.run(Store.open(f"sqlite:///{Path(folder) / 'talk.db'}"))
        try:
            conversation = Conversation(settings, index, store)
            # Lines are read and shown outside of the event loop, which would swallow Ctrl-C and a broken pipe.
            for line in lines:
                for said in runner.run(conversation.hear(line)):
                    terminal.show(said)
        finally:
            runner.run(store.close())


class Conversation:
    def __init__(self, settings: Settings, index: Index, store: Store) -> None:
        self._room, self._store, self._time = TerminalRoom(), store, SkewedClock()
        spoken = replies(settings, reacts=False)
        channel = BuiltChannel(self._room, spoken, settings.names, Rules(flood_questions=0))
        ctx = channel.context(settings, store, self._time, lambda: index)
        ctx = replace(ctx, settings=replace(ctx.settings, asks_feedback=False))
        find_question, voices = partial(question_queue.unanswered, ctx), {self._room.name: self._room}
        self._inbox = InboxWorker(store, partial(dispatch.handle, ctx), self._time, lambda: None)
        self._sender = OutboxSender(store, voices, self._time, find_question)

    async def hear(self, line: str) -> Sequence[str]:
        """Return the bot's replies to a line."""
        self._room.spoken.clear()
        await self._store.journal.receive(self._room.name, [self._room.event(line, self._time())], "")
        while await self._inbox.once() or await self._sender.once():
            continue
        return self._room.spoken
