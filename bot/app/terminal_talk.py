"""The bot in the terminal: the conversation of a direct room, with a store that is gone at the end."""

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine, Iterable
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
            hear = conversation(settings, index, store)
            # Lines are read and shown outside of the event loop, which would swallow Ctrl-C and a broken pipe.
            for line in lines:
                for said in runner.run(hear(line)):
                    terminal.show(said)
        finally:
            runner.run(store.close())


def conversation(settings: Settings, index: Index, store: Store) -> Callable[[str], Coroutine[None, None, list[str]]]:
    """Return what hears a line and returns the bot's replies to it."""
    room, time = TerminalRoom(), SkewedClock()
    channel = BuiltChannel(room, replies(settings, reacts=False), settings.names, Rules(flood_questions=0))
    ctx = channel.context(settings, store, time, lambda: index)
    ctx = replace(ctx, settings=replace(ctx.settings, asks_feedback=False))
    inbox = InboxWorker(store, partial(dispatch.handle, ctx), time, lambda: None)
    sender = OutboxSender(store, {room.name: room}, time, partial(question_queue.unanswered, ctx))

    async def hear(line: str) -> list[str]:
        room.spoken.clear()
        await store.journal.receive(room.name, [room.event(line, time())], "")
        while await inbox.once() or await sender.once():
            continue
        return room.spoken

    return hear
