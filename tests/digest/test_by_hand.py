"""The digest by hand says what became of it in each place: nothing counts as posted that is not there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import pytest
import pytest_asyncio

from bot.app import digest_command
from bot.app.clock import SkewedClock
from bot.app.digest_command import DigestCommand
from bot.digest.content import note_entries
from bot.digest.publisher import DigestPublisher, DigestTarget
from bot.knowledge.models import Knowledge
from bot.locale import wording
from bot.messages import NetworkRefusal, RateLimited, Reply, Unreachable
from bot.replies import Replies
from bot.store import Post, Store
from tests.databases import unsent
from tests.digest.week import BEFORE, LONG_AGO, NOW, SCHEDULE, ZONE, Speaking, entry
from tests.paper import Network
from tests.waiting import PATIENCE


@dataclass
class Hand:
    """One room; the command is run again and again."""

    store: Store
    network: Network
    knowledge: Knowledge

    async def publish(self, *, alone: bool = True) -> str:
        """What is said of the room."""
        voices = {"matrix": Speaking(self.network, Replies(wording("fr"), "Concierge", "!", ZONE))}
        made = DigestPublisher(
            self.store, lambda: self.knowledge, voices, SCHEDULE, (DigestTarget("matrix", "#salon"),)
        )
        here = DigestCommand(
            self.store, self.knowledge, {"matrix": self.network}, made, SCHEDULE, cast(SkewedClock, lambda: NOW), alone
        )
        (shown,) = await here.publish()
        return shown.done

    async def know(self, *titles: str, now: datetime = BEFORE) -> None:
        self.knowledge = Knowledge({title: entry(title) for title in titles})
        await note_entries(self.store, self.knowledge, now)

    @property
    def said(self) -> list[str]:
        return [reply.replaces or "new" for reply in self.network.sent.values() if isinstance(reply, Reply)]


@pytest_asyncio.fixture
async def hand(url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hand]:
    monkeypatch.setattr(digest_command, "SEND_TIMEOUT", PATIENCE)
    store = await Store.open(url)
    hand = Hand(store, Network("matrix"), Knowledge({}))
    await hand.know("a", now=LONG_AGO)
    await hand.know("a", "b")
    yield hand
    await store.close()


async def test_alone_it_is_posted_then_left_and_edited(hand: Hand) -> None:
    assert [await hand.publish(), await hand.publish()] == ["new", "same"]
    await hand.know("a", "b", "c")
    assert [await hand.publish(), await hand.publish()] == ["edited", "same"]
    assert hand.said == ["new", next(iter(hand.network.sent))]


async def test_what_waits_from_an_earlier_run_is_sent_by_the_next_one(
    hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand.network.faults = [Unreachable("down")] * 9
    with monkeypatch.context() as hurried:
        hurried.setattr(digest_command, "SEND_TIMEOUT", 0.2)
        assert await hand.publish() == "waiting"
    hand.network.faults.clear()
    await hand.store.retry_all()
    assert [await hand.publish(), await hand.publish()] == ["new", "same"]
    assert hand.said == ["new"]


async def test_a_network_that_wants_a_pause_is_given_it(hand: Hand) -> None:
    hand.network.faults = [RateLimited(0.3)]
    assert await hand.publish() == "new"


async def test_what_is_refused_is_said_and_tried_again(hand: Hand) -> None:
    hand.network.faults = [NetworkRefusal("not for you")]
    assert [await hand.publish(), await hand.publish()] == ["refused", "new"]
    assert hand.said == ["new"]


async def test_beside_a_bot_nothing_is_sent_by_the_command(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digest_command, "SEND_TIMEOUT", 0.2)
    assert await hand.publish(alone=False) == "waiting"  # the bot hangs
    assert hand.said == []


async def test_nothing_else_that_waits_is_sent_without_the_bot(hand: Hand) -> None:
    await hand.store.outbox.post("matrix", Post(Reply("#salon", "Voici."), "note"), "note", NOW)
    assert await hand.publish() == "new"
    assert (hand.said, await unsent(hand.store)) == (["new"], 1)
    assert hand.network.order[0].startswith("**Semaine")
