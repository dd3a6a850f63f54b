"""What is owed is sent once, whatever the network answers: the real store, and a network that does as it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from bot.messages import (
    AuthenticationFailed,
    Event,
    KeyStoreUnusable,
    NetworkRefusal,
    OutgoingReaction,
    RateLimited,
    Removal,
    Reply,
    Unreachable,
)
from bot.store import OutboxRow, Outcome, Post, Question, Store
from bot.workers.sender import OutboxSender, SendResult
from tests.databases import unsent
from tests.paper import Network
from tests.waiting import PATIENCE, beside

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ANA, BOB = "@ana:example.org", "@bob:example.org"
GONE, FULL = AuthenticationFailed("unknown token"), KeyStoreUnusable("the disk is full")
RESTARTS = {
    "minutes later": ({"minutes": 5}, "FIRST", 2),
    "more than an hour later": ({"minutes": 61}, "FIRST", 1),
    "after a new login": ({"minutes": 5}, "SECOND", 1),
    "too late for an answer": ({"hours": 7}, "FIRST", 1),
}
LATE_POSTS = {
    "what nobody asked for comes within a quarter of an hour or not at all": ({"overheard": True}, 16, []),
    "a removal always comes": ({"outgoing": Removal("!salon", "$x"), "purpose": "removal"}, 60 * 24, ["Removal"]),
    "a note always comes": ({"purpose": "note", "question": None}, 60 * 24, ["Voici."]),
    "a command that nobody waits for any more is not asked again": ({"purpose": "command"}, 60 * 7, []),
}


@dataclass
class Owing:
    """The store with what is owed, the network, and the time."""

    store: Store
    network: Network
    now: datetime = START
    number: int = 0

    def __post_init__(self) -> None:
        self.told: list[tuple[str, float | None]] = []
        self.on(self.network)

    def on(self, *networks: Network) -> None:
        """The sender works on these networks."""
        channels = {network.name: network for network in networks}
        self.delivery = OutboxSender(self.store, channels, lambda: self.now, self.question, on_result=self.note)

    def note(self, row: OutboxRow, result: SendResult, seconds: float | None) -> None:
        self.told.append((result, seconds))

    async def question(self, row: OutboxRow) -> Question:
        return Question("Où ?", "paper", row.room, row.question or "", ANA, START)

    async def owe(self, text: str, asker: str = ANA, room: str = "!salon", **more: object) -> None:
        """A reply, unless `outgoing` says what."""
        self.number += 1
        question = f"$q{self.number}"
        outgoing = more.pop("outgoing", Reply(room, text, to=question))
        post = Post(outgoing, **{"purpose": "answer", "question": question, "asker": asker} | more)
        event = Event("paper", question, room, asker, "message", self.now, "{}")
        await self.store.journal.receive("paper", [event], "s")
        await self.store.finish(event, Outcome("tested", (post,)), self.now)

    async def work(self, **later: float) -> list[str]:
        """Send what can be sent after that time; all that the network has, in order."""
        self.now += timedelta(**later)
        while await self.delivery.once():
            continue
        return self.network.order

    async def until_sent(self) -> list[str]:
        """As the running bot does, in real time."""
        async with asyncio.timeout(PATIENCE), beside(self.delivery.run()):
            while await unsent(self.store):  # noqa: ASYNC110 (the store tells nobody)
                await asyncio.sleep(0.01)
        return self.network.order


@pytest.fixture
async def owing(ready_url: str) -> AsyncIterator[Owing]:
    store = await Store.open(ready_url, clock=lambda: START)
    yield Owing(store, Network())
    await store.close()


async def test_after_a_fault_even_one_of_ours_it_is_sent_again_under_the_same_transaction(owing: Owing) -> None:
    owing.network.faults = [KeyError("an error of ours"), Unreachable("502")]
    await owing.owe("Voici.")
    for _ in range(3):
        await owing.work(minutes=1)
    assert owing.network.order == ["Voici."]
    assert len(owing.network.tried) == 3
    assert len(set(owing.network.tried)) == 1


async def test_what_is_refused_for_good_is_closed_with_a_reason(owing: Owing, caplog: pytest.LogCaptureFixture) -> None:
    owing.network.faults = [NetworkRefusal("you are not in the room")]
    await owing.owe("Voici.")
    await owing.owe("Voilà.")
    assert await owing.work() == ["Voilà."]
    assert await owing.work(hours=1) == ["Voilà."]
    assert "you are not in the room" in caplog.text
    assert [result for result, _ in owing.told] == ["refused", "sent"]


@pytest.mark.parametrize(("fault", "beside", "ends"), [(GONE, False, True), (FULL, True, True), (GONE, True, False)])
async def test_the_last_login_that_is_gone_ends_it_and_so_do_unusable_keys(
    owing: Owing, caplog: pytest.LogCaptureFixture, fault: AuthenticationFailed, beside: bool, ends: bool
) -> None:
    owing.on(owing.network, *(there := [Network("forum")] * beside))
    owing.network.faults = [fault]
    await owing.owe("Voici.")
    with pytest.raises(type(fault)) if ends else nullcontext():
        await owing.work()
    assert (str(fault) in caplog.text) is not ends
    if not ends:
        await owing.owe("Voilà.", channel="forum")
        await owing.work()
        assert (owing.network.order, there[0].order) == ([], ["Voilà."])
    assert await owing.work(minutes=1) == ["Voici."]


async def test_what_must_wait_for_itself_is_not_tried_before_and_holds_up_no_other(owing: Owing) -> None:
    owing.network.faults = [Unreachable("no more deletions today", after=3000)]
    await owing.owe("", outgoing=Removal("!salon", "$x"))
    await owing.owe("Voici.", BOB)
    assert await owing.work() == ["Voici."]
    assert await owing.work(minutes=49) == ["Voici."]
    assert await owing.work(minutes=2) == ["Voici.", "Removal"]
    assert len(owing.network.tried) == 3


async def test_a_limited_network_gets_addressed_replies_first_in_turns_overheard_ones_then_marks(owing: Owing) -> None:
    await owing.owe("", outgoing=OutgoingReaction("!salon", "$x", "1️⃣"), purpose="mark")
    await owing.owe("overheard", overheard=True)
    for number in range(3):
        await owing.owe(f"ana {number}", ANA)
    await owing.owe("bob", BOB)
    owing.network.faults = [RateLimited(0.05)] * 2  # as many as were under way
    assert await owing.until_sent() == ["ana 0", "bob", "ana 1", "ana 2", "overheard", "OutgoingReaction"]


async def test_the_network_is_asked_for_nothing_while_it_wants_a_pause(owing: Owing) -> None:
    owing.network.faults = [RateLimited(600)]
    await owing.owe("Voici.")
    await owing.work()
    for room in ("!salon", "!autre"):
        await owing.owe("Voilà.", BOB, room)
        assert await owing.work() == []
    assert len(owing.network.tried) == 1


@pytest.mark.parametrize(("later", "device", "tries"), RESTARTS.values(), ids=RESTARTS)
async def test_what_arrived_is_not_sent_twice(owing: Owing, later: dict[str, float], device: str, tries: int) -> None:
    owing.network.lost = 1
    await owing.owe("Voici.")
    await owing.work()
    owing.network.device = device
    assert await owing.work(**later) == ["Voici."]
    assert len(owing.network.tried) == tries
    assert (await owing.store.posts.find("$0")) is not None
    assert await unsent(owing.store) == 0
    assert await owing.store.queue.questions() == []


@pytest.mark.parametrize(("later", "device"), [({"minutes": 61}, "FIRST"), ({"minutes": 5}, "SECOND")])
async def test_a_reply_that_got_lost_is_sent_after_a_look(owing: Owing, later: dict[str, float], device: str) -> None:
    await owing.owe("same words", outgoing=Reply("!salon", "Voici."))
    await owing.work()
    owing.network.faults = [Unreachable("502")]
    await owing.owe("same words", outgoing=Reply("!salon", "Voici."))  # what is there already belongs to the first
    await owing.work()
    owing.network.device = device
    assert await owing.work(**later) == ["Voici.", "Voici."]


async def test_a_reply_that_could_not_be_sent_for_six_hours_is_dropped_and_its_question_queued(owing: Owing) -> None:
    owing.network.faults = [Unreachable("502")]
    await owing.owe("Voici.")
    await owing.work()
    assert await owing.work(hours=6, minutes=1) == []
    assert [asking.event for queued in await owing.store.queue.questions() for asking in queued.askings] == ["$q1"]
    assert await unsent(owing.store) == 0
    assert owing.told == [("late", None)]


@pytest.mark.parametrize(("overheard", "sender", "comes"), [(True, BOB, False), (True, ANA, True), (False, BOB, True)])
async def test_no_reply_after_that_of_a_person(owing: Owing, overheard: bool, sender: str, comes: bool) -> None:
    owing.network.faults = [RateLimited(0.05)]
    await owing.owe("Bonjour.", BOB)
    await owing.work()
    await owing.owe("Voici.", overheard=overheard)
    answer = Event("paper", "$a", "!salon", sender, "message", START, "{}", relates_to=f"$q{owing.number}")
    await owing.store.journal.receive("paper", [answer], "s")
    assert await owing.until_sent() == ["Bonjour.", *["Voici."] * comes]
    assert {result for result, _ in owing.told} == ({"sent"} if comes else {"sent", "needless"})


@pytest.mark.parametrize(("post", "minutes", "comes"), LATE_POSTS.values(), ids=LATE_POSTS)
async def test_what_is_late(owing: Owing, post: dict[str, object], minutes: float, comes: list[str]) -> None:
    await owing.owe("Voici.", **post)
    assert await owing.work(minutes=minutes) == comes
    assert await owing.store.queue.questions() == []
    assert await unsent(owing.store) == 0
