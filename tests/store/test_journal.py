"""The journal: nothing that came in is lost, and nothing is dealt with twice."""

import itertools

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.store import Outcome, Store
from tests.databases import unsent
from tests.store.samples import BEA, NOW, SOON, answer, event


async def test_events_come_back_whole_in_the_order_in_which_they_came_with_a_position_a_channel(store: Store) -> None:
    assert await store.journal.position("matrix") is None
    batch = [event("2", relates_to="1"), event("1", BEA, "redaction", room="!autre", content="{}")]
    assert await store.journal.receive("matrix", batch, "s1") == 2
    assert await store.journal.due(NOW) == batch
    assert await store.journal.receive("discourse", [event("1", channel="discourse")], "17") == 1
    await store.journal.receive("matrix", [], "s2")
    assert (await store.journal.position("matrix"), await store.journal.position("discourse")) == ("s2", "17")


async def test_no_text_that_the_network_can_hold_stops_the_journal(store: Store) -> None:
    for number, odd in enumerate(["\ud800", "nul\0", "👍🏽", "\u202eabc", "%s :name"], 1):
        strange = event(f"${odd}", f"@{odd}:x", content=odd, room=odd, relates_to=odd)
        assert await store.journal.receive("matrix", [strange], odd) == 1
        assert await store.journal.receive("matrix", [strange], odd) == 0
        await store.finish(strange, Outcome("tested", (answer(odd, text=odd, asker=odd),)), NOW)
        assert await unsent(store) == number


IDS = st.sampled_from([f"${n}" for n in range(6)])
STEPS = st.lists(st.tuples(st.sampled_from(["done", "later"]), IDS) | st.tuples(st.just("batch"), st.lists(IDS)))
_channels = (f"channel-{n}" for n in itertools.count())


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
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
