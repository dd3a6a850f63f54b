"""One process a store, and that nothing is lost or doubled when many write at once."""

import asyncio

import pytest

from bot.store import Store, StoreLocked
from tests.databases import unsent
from tests.store.samples import NOW, answer, event, finish, running

BESIDE = """
import asyncio, sys
from bot.store import Store
async def main():
    store = await Store.open(sys.argv[1], lock=False)
    await store.memory.set("from", "beside")
    await store.close()
asyncio.run(main())
"""


async def test_a_command_beside_the_bot_needs_no_lock_and_what_both_finish_posts_once(url: str, store: Store) -> None:
    beside = await Store.open(url, lock=False)
    await asyncio.gather(*(finish(each, event(), answer()) for each in (store, beside) for _ in range(10)))
    assert len(await store.posts.replies_to("$q")) == 1
    assert beside.hash("@ana") == store.hash("@ana")
    await beside.close()  # SQLite's own locks belong to a process: this must not end those of the first
    async with running(BESIDE, url) as child:
        assert await child.wait() == 0
    assert await store.memory.get("from") == "beside"
    with pytest.raises(StoreLocked):
        await Store.open(url, on_locked=None)


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
    bot = await Store.open(url, on_locked=None)  # commands hold no lock
    for store in (*stores, bot):
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
