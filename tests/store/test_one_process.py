"""One process a store, and that nothing is lost or doubled when many write at once or a process is killed."""

from __future__ import annotations

import asyncio
import signal

import pytest

from bot.store import Store, StoreLocked
from tests.databases import end_lease, unsent
from tests.store.samples import NOW, answer, event, finish, running
from tests.waiting import PATIENCE

HOLD = """
import asyncio, sys
from bot.store import Store
async def main():
    store = await Store.open(sys.argv[1])
    print("open", flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""

WRITE = """
import asyncio, sys
from datetime import UTC, datetime
from bot.messages import Event
from bot.store import Store
async def main():
    store = await Store.open(sys.argv[1])
    for n in range(100_000):
        event = Event("matrix", f"${n}", "!salon", "@ana:example.org", "message", datetime.now(UTC), "{}")
        await store.journal.receive("matrix", [event], str(n))
        print(n, flush=True)
asyncio.run(main())
"""


BESIDE = """
import asyncio, sys
from bot.store import Store
async def main():
    store = await Store.open(sys.argv[1], lock=False)
    await store.memory.set("from", "beside")
    await store.close()
asyncio.run(main())
"""


async def test_a_second_process_says_once_that_it_waits_and_takes_over_when_the_first_is_killed(url: str) -> None:
    said: asyncio.Queue[str] = asyncio.Queue()
    async with running(HOLD, url) as first:
        assert await first.stdout.readline() == b"open\n"
        second = asyncio.create_task(Store.open(url, on_locked=said.put_nowait))
        sentence = await asyncio.wait_for(said.get(), PATIENCE)
        with pytest.raises(StoreLocked):
            await Store.open(url, on_locked=None)
        assert not second.done()
    end_lease(url)
    store = await asyncio.wait_for(second, PATIENCE)
    assert said.empty()
    assert sentence.startswith("Another process uses the store ")
    assert sentence.endswith("Waiting until it ends.")
    await store.close()


async def test_one_that_gives_up_waiting_leaves_nothing_behind(url: str, store: Store) -> None:
    said: asyncio.Queue[str] = asyncio.Queue()
    second = asyncio.create_task(Store.open(url, on_locked=said.put_nowait))
    await asyncio.wait_for(said.get(), PATIENCE)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    await store.memory.set("still", "here")
    assert await store.memory.get("still") == "here"


async def test_a_command_beside_the_running_bot_needs_no_lock_and_an_event_finished_by_both_posts_once(
    url: str, store: Store
) -> None:
    beside = await Store.open(url, lock=False)
    await asyncio.gather(*(finish(each, event(), answer()) for each in (store, beside) for _ in range(10)))
    assert len(await store.posts.replies_to("$q")) == 1
    assert beside.hash("@ana") == store.hash("@ana")
    await beside.close()
    with pytest.raises(StoreLocked):
        await Store.open(url, on_locked=None)


async def test_a_second_connection_of_the_same_process_that_ends_shuts_the_first_one_off_from_nothing(
    url: str, store: Store
) -> None:
    """As when the demo's bot and its digest by hand are one process: SQLite's own locks belong to a process."""
    await (await Store.open(url, lock=False)).close()
    async with running(BESIDE, url) as child:
        assert await child.wait() == 0
    assert await store.memory.get("from") == "beside"


async def test_a_command_alone_makes_the_tables_and_leaves_the_lock_free(url: str) -> None:
    first = await Store.open(url, lock=False)
    second = await Store.open(url, on_locked=None)
    assert await unsent(first) == await unsent(second) == 0
    await first.close()
    await second.close()


async def test_what_was_acknowledged_outlasts_a_kill_in_the_middle(url: str) -> None:
    async with running(WRITE, url) as child:
        for _ in range(20):
            acknowledged = int(await child.stdout.readline())
        child.send_signal(signal.SIGKILL)
        rest, _ = await child.communicate()
        acknowledged = int(rest.split()[-1]) if rest.split() else acknowledged
    end_lease(url)
    store = await Store.open(url)
    kept = [int(heard.id[1:]) for heard in await store.journal.due(NOW.replace(year=2100), turns=1_000_000)]
    assert kept == list(range(len(kept)))
    assert len(kept) - 1 in (acknowledged, acknowledged + 1)
    assert await store.journal.position("matrix") == str(len(kept) - 1)
    await store.close()


async def test_many_writes_at_once_lose_nothing(store: Store) -> None:
    names = [str(n) for n in range(200)]
    receives = (store.journal.receive("matrix", [event(f"${name}"), event("$same")], name) for name in names)
    remembers = (store.memory.set(name, name) for name in names)
    new = await asyncio.gather(*receives, *remembers)
    assert sum(n or 0 for n in new) == 201
    assert len(await store.journal.due(NOW, turns=1000)) == 201
    assert [await store.memory.get(name) for name in names] == names


async def test_two_processes_that_write_at_once_wait_for_each_other(url: str) -> None:
    stores = [await Store.open(url, lock=False) for _ in range(2)]
    receives = (stores[n % 2].journal.receive("matrix", [event(f"${n}")], "s") for n in range(60))
    assert sum(await asyncio.gather(*receives)) == 60
    await finish(stores[0], event("$q"), *(answer(text=str(n), room=f"!{n}") for n in range(60)))
    rows = await stores[0].outbox.due(NOW)
    await asyncio.gather(*(stores[row.id % 2].outbox.mark_sent(row.id, f"$sent-{row.id}", NOW) for row in rows))
    assert len(rows) == 60
    assert await unsent(stores[0]) == 0
    for store in stores:
        await store.close()


async def test_work_that_is_cancelled_is_done_whole_or_not_at_all(store: Store) -> None:
    for steps in range(40):
        batch = [event(f"${steps}"), event(f"${steps} too")]
        task = asyncio.create_task(store.journal.receive("matrix", batch, str(steps)))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    kept = {heard.id for heard in await store.journal.due(NOW)}
    assert all((f"${n}" in kept) == (f"${n} too" in kept) for n in range(40))
    assert await store.journal.receive("matrix", [event("$last")], "last") == 1
