"""Events, posts and short cuts that the tests of the store share."""

import asyncio
import contextlib
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.messages import Event, Kind, Outgoing, Reply
from bot.store import Effect, OutboxRow, Outcome, Post, Question, SentPost, Store

Sql = Callable[[str], list[tuple[Any, ...]]]
"""Runs a statement past the store and gives back its rows."""

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SOON = NOW + timedelta(seconds=20)
ANA, BEA = "@ana:example.org", "@bea:example.org"


def event(id: str = "$q", sender: str = ANA, kind: Kind = "message", **rest: Any) -> Event:
    given: dict[str, Any] = {"channel": "matrix", "room": "!salon", "sent": NOW, "content": '{"body": "bonjour"}'}
    return Event(id=id, sender=sender, kind=kind, **given | rest)


def answer(question: str = "$q", entries: tuple[str, ...] = ("role",), text: str = "Voici.", **rest: Any) -> Post:
    said = reply(text, rest.pop("room", "!salon"), to=question)
    return Post(said, **{"purpose": "answer", "entries": entries, "question": question} | rest)


def question(id: str = "$q", text: str = "Qui paie ?", asker: str = ANA, **more: Any) -> Question:
    return Question(text, "matrix", "!salon", id, asker, **{"asked": NOW} | more)


def reply(text: str = "Voici.", room: str = "!salon", **rest: Any) -> Reply:
    return Reply(room, text, **rest)


async def finish(store: Store, heard: Event, *then: Post | Effect, now: datetime = NOW, **outcome: Any) -> None:
    """Receive an event and finish it with these posts and effects."""
    await store.journal.receive(heard.channel, [heard], "s1")
    await store.finish(heard, Outcome("tested", **outcome).also(*then), now)


async def waiting(store: Store, *posts: Post) -> OutboxRow:
    """Answer `$q`; the only row that is to be sent now."""
    await finish(store, event(), *(posts or (answer(),)))
    (row,) = await store.outbox.due(NOW)
    return row


async def sent(store: Store, *posts: Post) -> SentPost:
    """Answer `$q`, and send it; the answer."""
    await finish(store, event(), *(posts or (answer(),)))
    await send_all(store)
    (said,) = await store.posts.replies_to("$q")
    return said


async def send_all(store: Store, now: datetime = NOW) -> list[Outgoing]:
    """Send what waits, round by round, under the event ids $sent-1, $sent-2, … (the row's number)."""
    gone: list[Outgoing] = []
    while rows := await store.outbox.due(now):
        for row in rows:
            assert await store.outbox.begin(row.id, now)
            await store.outbox.mark_sent(row.id, f"$sent-{row.id}", now)
            gone.append(row.outgoing)
    return gone


@asynccontextmanager
async def running(program: str, *arguments: str) -> AsyncIterator[Process]:
    """Another Python with this program, ended by SIGKILL."""
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", program, *arguments, stdin=PIPE, stdout=PIPE)
    try:
        yield child
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(signal.SIGKILL)
        await child.communicate()
