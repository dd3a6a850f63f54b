"""The journal: nothing that came in is lost, and nothing is dealt with twice."""

from __future__ import annotations

import itertools
from datetime import timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from bot.messages import Event
from bot.store import OptOut, Outcome, Store
from tests.databases import unsent
from tests.store.samples import ANA, BEA, NOW, SOON, Sql, answer, event, finish

LATER = Outcome("wait", retry_at=SOON)


async def test_events_come_back_whole_and_in_the_order_in_which_they_came(store: Store) -> None:
    batch = [event("$2", relates_to="$1"), event("$1", BEA, "redaction", room="!autre", content="{}")]
    assert await store.journal.receive("matrix", batch, "s1") == 2
    assert await store.journal.due(NOW) == batch


async def test_each_channel_has_a_position_and_ids_of_its_own(store: Store) -> None:
    assert await store.journal.position("matrix") is None
    await store.journal.receive("matrix", [event("1")], "s1")
    assert await store.journal.receive("discourse", [event("1", channel="discourse")], "17") == 1
    await store.journal.receive("matrix", [], "s2")
    assert (await store.journal.position("matrix"), await store.journal.position("discourse")) == ("s2", "17")


async def test_an_event_put_off_comes_up_again_with_its_content_and_its_moment_in_utc_when_it_is_time(
    store: Store,
) -> None:
    await finish(store, event(sent=NOW.astimezone(timezone(timedelta(hours=2)))), answer(), retry_at=SOON)
    assert await store.journal.due(NOW) == []
    (heard,) = await store.journal.due(SOON)
    assert heard == event()
    assert heard.sent.utcoffset() == timedelta(0)


async def test_what_was_put_off_comes_up_at_once_when_the_clock_was_set_back(store: Store) -> None:
    await store.journal.receive("matrix", [event("$1"), event("$2")], "s1")
    await store.finish(event("$1"), LATER, NOW)
    await store.finish(event("$2"), Outcome("answered", (answer("$2"),)), NOW)
    (row,) = await store.outbox.due(NOW)
    await store.outbox.postpone(row.id, SOON)
    assert (await store.journal.due(NOW), await store.outbox.due(NOW)) == ([], [])
    await store.retry_all()
    assert await store.journal.due(NOW) == [event("$1")]
    assert [again.id for again in await store.outbox.due(NOW)] == [row.id]


async def test_what_was_put_off_is_erased_once_it_is_deleted_with_its_edits(store: Store, sql: Sql) -> None:
    batch = [event("$1"), event("$2"), event("$e", kind="edit", relates_to="$1")]
    await store.journal.receive("matrix", batch, "s1")
    for one in batch:
        await store.finish(one, LATER, NOW)
    elsewhere = event("$r1", BEA, "redaction", room="!autre", relates_to="$2")
    await store.journal.receive("matrix", [event("$r0", BEA, "redaction", relates_to="$1"), elsewhere], "s2")
    assert [heard.id for heard in await store.journal.due(SOON)] == ["$2", "$r0", "$r1"]
    assert sql("SELECT content FROM journal WHERE event IN ('$1', '$e')") == [(None,), (None,)]
    await store.finish(event("$1"), Outcome("answered", (answer("$1"),)), SOON)  # it was being looked at just then
    assert await unsent(store) == 0


@pytest.mark.parametrize("forgotten", [True, False])
async def test_what_may_have_held_the_program_up_is_erased_once_it_is_deleted_or_its_sender_forgotten(
    store: Store, sql: Sql, forgotten: bool
) -> None:
    await store.journal.receive("matrix", [event("$q")], "s1")
    await store.journal.count_try([("matrix", "$q")])
    if forgotten:
        await finish(store, event("$forget", room="!autre"), OptOut(ANA))
    else:
        await store.journal.receive("matrix", [event("$gone", kind="redaction", relates_to="$q")], "s2")
    assert sql("SELECT content, sender FROM journal WHERE event = '$q'") == [(None, None)]


async def test_everybody_has_a_turn_in_each_room_before_anybody_has_two(store: Store) -> None:
    burst = [event(f"${n}") for n in range(5)]
    await store.journal.receive("matrix", [*burst, event("$bea", BEA), event("$autre", room="!autre")], "s1")
    assert [heard.id for heard in await store.journal.due(NOW, turns=1)] == ["$0", "$bea", "$autre"]
    assert [heard.id for heard in await store.journal.due(NOW, turns=2)] == ["$0", "$bea", "$autre", "$1"]
    await store.finish(burst[0], LATER, NOW)
    assert [heard.id for heard in await store.journal.due(NOW, turns=1)] == ["$1", "$bea", "$autre"]


async def test_no_text_that_the_network_can_hold_stops_the_journal(store: Store) -> None:
    for number, odd in enumerate(["\ud800", "nul\0", "👍🏽", "\u202eabc", "%s :name"], 1):
        strange = event(f"${odd}", f"@{odd}:x", content=odd, room=odd, relates_to=odd)
        assert await store.journal.receive("matrix", [strange], odd) == 1
        assert await store.journal.receive("matrix", [strange], odd) == 0
        await store.finish(strange, Outcome("tested", (answer(odd, text=odd, asker=odd),)), NOW)
        assert await unsent(store) == number


async def test_content_and_sender_are_gone_once_an_event_is_dealt_with(store: Store, sql: Sql) -> None:
    await finish(store, event())
    assert sql("SELECT sender, content, person FROM journal") == [(None, None, store.hash(ANA))]


IDS = st.sampled_from([f"${n}" for n in range(6)])
STEPS = st.lists(st.tuples(st.sampled_from(["done", "later"]), IDS) | st.tuples(st.just("batch"), st.lists(IDS)))
_channels = (f"channel-{n}" for n in itertools.count())


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
async def test_in_any_order_each_event_is_kept_once_and_replied_to_once(store: Store, steps: list) -> None:  # type: ignore[type-arg]
    channel = next(_channels)
    seen: list[str] = []
    done: set[str] = set()
    for step, what in steps:
        if step == "batch":
            new = await store.journal.receive(channel, [event(id, channel=channel) for id in what], "s")
            fresh = [id for id in dict.fromkeys(what) if id not in seen]
            assert new == len(fresh)
            seen += fresh
            continue
        posts = (answer(what),) if step == "done" else ()
        outcome = Outcome("tested", posts, retry_at=None if step == "done" else SOON)
        await store.finish(event(what, channel=channel), outcome, NOW)
        done |= {what} & set(seen) if step == "done" else set()
    waiting = [heard.id for heard in await store.journal.due(SOON, turns=1000) if heard.channel == channel]
    assert waiting == [id for id in seen if id not in done]
    said = [said for id in seen for said in await store.posts.replies_to(id) if said.channel == channel]
    assert {said.question for said in said} == done
    assert len(said) == len(done)


async def test_what_is_asked_of_each_event_takes_no_longer_behind_a_burst_of_its_sender(sqlite_url: str) -> None:
    """In steps of SQLite's machine, by the hundred: a clock would tell how busy the computer is."""
    store, steps = await Store.open(sqlite_url), [0]

    def count() -> None:
        steps[0] += 1

    async def taken(event: Event) -> int:
        steps[0] = 0
        await store.journal.latest_edit(event)
        return steps[0]

    def counted(connection: Connection) -> None:
        sqlite: Any = connection.connection.driver_connection
        sqlite.set_progress_handler(count, 100)

    await store.read(counted)
    first = event("$0")
    await store.journal.receive("matrix", [first, event("$edit", kind="edit", relates_to="$0")], "s1")
    alone = await taken(first)
    await store.journal.receive("matrix", [event(f"${number}") for number in range(1, 2000)], "s2")
    assert await taken(first) <= alone + 5
    assert await store.journal.latest_edit(first) == event("$edit", kind="edit", relates_to="$0")
    await store.close()
