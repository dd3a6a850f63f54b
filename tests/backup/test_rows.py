"""A backup holds the store as it was at one moment, and brings it back into either database."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from bot.backup import back_up, restore
from bot.store import Outcome, Store
from tests.backup.conftest import NewUrl
from tests.backup.samples import ANA, NOW, answer, event, held, lived, recalled
from tests.waiting import until

LOST = datetime.now(UTC) + timedelta(days=1)


async def test_all_rows_come_back_in_either_database_and_numbers_go_on(both: tuple[str, str], tmp_path: Path) -> None:
    before, after = both
    await lived(before)
    expected = held(before)
    made = back_up(before, tmp_path / "keys", tmp_path / "b.zip")
    assert made.rows == sum(len(lines) - 1 for lines in expected.values()) > 10
    lost = await Store.open(before)
    given = {await lost.queue.reserve_number() for _ in range(50)}
    await lost.close()
    assert restore(after, tmp_path / "keys", tmp_path / "b.zip").rows == made.rows
    found = held(after)
    for name, (columns, *lines) in expected.items():
        kept = [place for place, column in enumerate(columns) if column not in ("begun", "login")]  # they are in doubt
        same, there = (
            [[line[place] for place in kept] for line in some if not str(line[0]).startswith("store: ")]
            for some in (lines, found[name][1:])
        )
        assert (found[name][0], there) == (columns, same), name
    first, second = await Store.open(before), await Store.open(after)
    assert second.hash(ANA) == first.hash(ANA)
    assert await second.journal.position("matrix") == "s1"
    assert await second.journal.due(NOW) == [event("$4")]
    assert await second.journal.receive("matrix", [event("$4"), event("$5")], "s2") == 1
    for id in ("$4", "$5"):
        await second.finish(event(id), Outcome("answered", (answer(id),)), NOW)
    assert len(held(after)["outbox"]) == 4
    assert await second.queue.reserve_number() > max(given)  # no number of a question means two things
    assert (await second.queue.questions())[0].number == 1
    assert "store: restored" in await recalled(second)
    await first.close()
    await second.close()


async def test_what_may_have_been_sent_since_is_looked_for_first(both: tuple[str, str], tmp_path: Path) -> None:
    before, after = both
    await lived(before)
    store = await Store.open(before)
    await store.finish(event("$4"), Outcome("overheard", (answer("$4", overheard=True),)), NOW)
    await store.close()
    taken = datetime.now(UTC)
    back_up(before, tmp_path / "keys", tmp_path / "b.zip")
    restore(after, tmp_path / "keys", tmp_path / "b.zip")
    store = await Store.open(after)
    old, new = event("$old", sent=datetime.now(UTC)), event("$new", sent=LOST)
    late = event("$edit", sent=LOST, kind="edit", relates_to="$old")
    await store.journal.receive("matrix", [old, new, late], "s2")
    for one, question in ((old, "$old"), (new, "$new"), (late, "$old")):
        await store.finish(one, Outcome("answered", (answer(question, asker=one.id),)), NOW)
    rows = await store.outbox.due(NOW)
    await store.close()
    found = sorted((row.question, row.is_maybe_sent) for row in rows)  # the first waited; $old has new words too
    assert found == [("$1", True), ("$new", False), ("$old", True), ("$old", True)]  # what nobody asked for is left
    assert all(row.begun and taken - timedelta(hours=4) < row.begun < LOST for row in rows if row.is_maybe_sent)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_beside_a_bot_at_work_it_is_of_one_moment(kind: str, new_url: NewUrl, tmp_path: Path) -> None:
    url, random = new_url(kind), Random(8)
    store = await Store.open(url)
    done, made = asyncio.Event(), 0

    async def work() -> None:
        nonlocal made
        while not done.is_set():
            made += 1
            some = [event(f"${made}-{number}") for number in range(random.randint(1, 5))]
            await store.journal.receive("matrix", some, str(made))
            for one in some:
                await store.finish(one, Outcome("answered", (answer(one.id),)), NOW)

    working = asyncio.create_task(work())
    files = [tmp_path / f"{number}.zip" for number in range(3)]
    behind = 0
    await until(lambda: made > behind + 2)
    for file in files:
        await asyncio.to_thread(back_up, url, tmp_path / "keys", file)
        behind = made
        await until(lambda: made > behind + 2)  # noqa: B023 (waited for here)
    done.set()
    await working
    await store.close()
    reached = [await whole(new_url("sqlite"), file) for file in files]
    assert reached == sorted(set(reached))  # each holds more than the one before
    assert reached[-1] < made


async def whole(url: str, file: Path) -> int:
    """The position in the backup, once it is sure that it holds all up to there, and nothing behind it."""
    restore(url, file.parent / f"{file.name} keys", file)
    rows = held(url)
    position = int(rows["positions"][1][1])
    journal = [dict(zip(rows["journal"][0], line, strict=True)) for line in rows["journal"][1:]]
    outbox = [dict(zip(rows["outbox"][0], line, strict=True)) for line in rows["outbox"][1:]]
    assert {int(one["event"][1:].partition("-")[0]) for one in journal} == set(range(1, position + 1))
    waiting = [one["event"] for one in journal if not one["done_at"]]
    assert all(name.startswith(f"${position}-") for name in waiting)
    assert {one["question"] for one in outbox} == {one["event"] for one in journal} - set(waiting)
    return position
