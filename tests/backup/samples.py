"""A store with something in every table, and what it holds."""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import select

from bot.store import LinkState, Mute, OptOut, Outcome, Question, Rating, Store
from bot.store.rows import snapshot
from bot.store.tables import memory
from tests.store import samples
from tests.store.samples import ANA

NOW = datetime(2026, 11, 24, 9, 0, 0, 123456, tzinfo=UTC)
WORDS = "Où est le « garage » ? 🙂 'a' \\ \"b\"\n\tfin\u2028"
event = partial(samples.event, sent=NOW)
answer = partial(samples.answer, entries=("role", "status"), text=WORDS, asker=ANA)


async def lived(url: str) -> None:
    """A bot that answered, was asked what it did not know, and has something to hear and something to send."""
    store = await Store.open(url)
    await store.journal.receive("matrix", [event(f"${number}") for number in range(1, 5)], "s1")
    await store.finish(event("$1"), Outcome("answered", (answer("$1"),), addressed=True), NOW)
    asked = Question(WORDS, "matrix", "!salon", "$2", ANA, NOW, number=await store.queue.reserve_number())
    await store.finish(event("$2"), Outcome("unknown").also(asked, Rating("role", ANA, 1)), NOW)
    hushed = Outcome("hush").also(Mute("!salon", NOW + timedelta(hours=1)), OptOut("@bea:example.org"))
    await store.finish(event("$3"), hushed, NOW)
    await store.links.note_check([LinkState("https://x.example/", "right", "200", NOW)], NOW, None, NOW)
    await store.memory.set("token", WORDS)
    await store.close()


def held(url: str) -> dict[str, list[Any]]:
    with TemporaryDirectory() as folder, snapshot(url, Path(folder)) as there:
        return {name: list(there.lines(name)) for name in there.tables}


async def recalled(store: Store) -> dict[str, str]:
    rows = await store.read(lambda connection: connection.execute(select(memory.c.name, memory.c.value)).all())
    return {row.name: row.value for row in rows}
