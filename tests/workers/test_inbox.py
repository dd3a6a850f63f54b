"""Nobody waits for another: turns by sender in a room, rooms beside each other; the real store, a slow conversation."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from bot.messages import Event, RateLimited, Reply, Unreachable
from bot.store import Outcome, Post, Store, Unfit
from bot.workers.inbox import RETRY, InboxWorker
from tests.waiting import PATIENCE, beside

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ANA, BOB = "@ana:example.org", "@bob:example.org"


@dataclass
class Listener:
    """Hears what is said; in `hanging` rooms it never comes to an end, and each of `faults` is raised once."""

    store: Store
    now: datetime = START
    heard: list[str] = field(default_factory=list)
    hanging: set[str] = field(default_factory=set)
    faults: list[Exception] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def __post_init__(self) -> None:
        self.hearing = InboxWorker(self.store, self.hear, lambda: self.now, lambda: None)

    async def hear(self, event: Event) -> Outcome:
        if event.room in self.hanging:
            await asyncio.sleep(60)
        async with self.changed:
            self.heard.append(event.id)
            self.changed.notify_all()
        if self.faults:
            raise self.faults.pop(0)
        return self.outcomes.get(event.id, Outcome("heard"))

    async def say(self, *ids: str, sender: str = ANA, room: str = "!salon") -> None:
        events = [Event("paper", id, room, sender, "message", START, "{}") for id in ids]
        await self.store.journal.receive("paper", events, "s")
        self.hearing.wake.set()

    async def work(self) -> None:
        while await self.hearing.once():
            continue

    async def until_heard(self, *ids: str) -> None:
        async with asyncio.timeout(PATIENCE), self.changed:
            await self.changed.wait_for(lambda: set(ids) <= set(self.heard))


@pytest.fixture
async def listener(ready_url: str) -> AsyncIterator[Listener]:
    store = await Store.open(ready_url)
    yield Listener(store)
    await store.close()


async def test_a_question_waits_for_one_of_a_burst_and_not_for_all(listener: Listener) -> None:
    await listener.say(*(f"$ana{number}" for number in range(50)))
    await listener.say("$bob", sender=BOB)
    await listener.work()
    assert listener.heard[:3] == ["$ana0", "$bob", "$ana1"]
    assert len(listener.heard) == 51


async def test_a_room_that_hangs_holds_up_no_other(listener: Listener) -> None:
    listener.hanging = {"!salon"}
    async with beside(listener.hearing.run()):
        await listener.say("$hangs")
        await listener.say("$1", room="!autre")
        await listener.until_heard("$1")
        await listener.say("$2", room="!autre")
        await listener.until_heard("$2")
    assert listener.heard == ["$1", "$2"]


@pytest.mark.parametrize("fault", [Unreachable("502"), RateLimited(3), KeyError("an error of ours")])
async def test_a_fault_puts_one_event_off_and_stops_no_other(listener: Listener, fault: Exception) -> None:
    listener.faults = [fault]
    await listener.say("$1", "$2")
    await listener.work()
    assert listener.heard == ["$1", "$2"]
    listener.now += RETRY
    await listener.hearing.once()
    assert listener.heard == ["$1", "$2", "$1"]


async def test_what_fails_for_six_hours_is_given_up(listener: Listener) -> None:
    listener.faults = [Unreachable("502")] * 3
    await listener.say("$1")
    for wait in (timedelta(), timedelta(hours=7), timedelta(hours=1)):
        listener.now += wait
        await listener.hearing.once()
    assert listener.heard == ["$1", "$1"]


async def test_what_the_program_may_have_been_held_up_by_is_worked_on_alone_and_last(listener: Listener) -> None:
    """Else what was beside it would be given up with it."""
    await listener.say("$held", "$beside")
    await listener.store.journal.count_try([("paper", "$held"), ("paper", "$beside")])
    listener.hanging = {"!autre"}
    async with beside(listener.hearing.run()):
        await listener.say("$hangs", room="!autre")
        await listener.say("$1")
        while await listener.store.journal.is_pending("$1"):  # noqa: ASYNC110 (a database tells nobody)
            await asyncio.sleep(0.01)
    assert listener.heard == ["$1"]
    listener.hanging.clear()
    await listener.work()
    assert listener.heard == ["$1", "$hangs", "$held", "$beside"]


@pytest.mark.parametrize("number", [0, 1 << 70], ids=["an event", "its outcome"])
async def test_what_does_not_fit_is_given_up(listener: Listener, caplog: pytest.LogCaptureFixture, number: int) -> None:
    listener.faults = [] if number else [Unfit("value", name="concierge.db", reason="ValueError")]
    listener.outcomes["$1"] = Outcome("an answer", (Post(Reply("!salon", "Voici."), "note", number=number),))
    await listener.say("$1", "$2")
    await listener.work()
    assert listener.heard == ["$1", "$2"]
    assert not await listener.store.journal.is_pending("$1")
    assert "$1: given up: A value does not fit" in caplog.text
