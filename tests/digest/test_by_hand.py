"""The digest by hand says what became of it in each place: nothing counts as posted that is not there."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from bot.app import digest_command
from bot.app.digest_command import DigestCommand
from bot.digest.content import note_entries
from bot.digest.publisher import DigestPublisher, DigestTarget
from bot.knowledge.models import Knowledge
from bot.locale import wording
from bot.messages import NetworkRefusal, Reply, Unreachable
from bot.replies import Replies
from bot.store import Post, Store
from bot.workers.weekly_jobs import DigestJob
from tests.command_line import Run
from tests.databases import unsent
from tests.digest.week import BEFORE, LONG_AGO, NOW, SCHEDULE, WEEK, ZONE, Speaking, entry
from tests.paper import Network
from tests.waiting import PATIENCE

SETTINGS = """\
store: sqlite:///concierge.db
matching: {encoder: false}
matrix: {homeserver: "http://127.0.0.1:1", user: "@c:x.example", rooms: ["#salon:x.example"]}
"""
DIGEST = 'digest: {when: lundi, rooms: ["#salon:x.example"]}\n'


@dataclass
class Hand:
    """One room; the command is run again and again."""

    store: Store
    network: Network
    knowledge: Knowledge
    now: datetime = NOW

    @property
    def publisher(self) -> DigestPublisher:
        voices = {"matrix": Speaking(self.network, Replies(wording("fr"), "Concierge", "!", ZONE))}
        places = (DigestTarget("matrix", "#salon"),)
        return DigestPublisher(self.store, lambda: self.knowledge, voices, SCHEDULE, places)

    def command(self, *, alone: bool = True) -> DigestCommand:
        return DigestCommand(self.store, self.publisher, {"matrix": self.network}, lambda: self.now, alone)

    async def publish(self, *, alone: bool = True) -> str:
        """What is said of the room."""
        here = self.command(alone=alone)
        (before,), (shown,) = await here.show(None), await here.publish()
        assert shown.text == before.text
        return shown.done

    async def know(self, *titles: str, now: datetime = BEFORE) -> None:
        self.knowledge = Knowledge({title: entry(title) for title in titles})
        await note_entries(self.store, self.knowledge, now)

    @property
    def said(self) -> list[str]:
        return [reply.replaces or "new" for reply in self.network.sent.values() if isinstance(reply, Reply)]


@pytest_asyncio.fixture
async def hand(ready_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hand]:
    monkeypatch.setattr(digest_command, "SEND_TIMEOUT", PATIENCE)
    store = await Store.open(ready_url)
    hand = Hand(store, Network("matrix"), Knowledge({}))
    await hand.know("a", now=LONG_AGO)
    await hand.know("a", "b")
    yield hand
    await store.close()


async def test_alone_it_is_posted_then_left_and_edited_and_what_is_refused_is_tried_again(hand: Hand) -> None:
    hand.network.faults = [NetworkRefusal("not for you")]
    assert [await hand.publish(), await hand.publish(), await hand.publish()] == ["refused", "new", "same"]
    await hand.know("a", "b", "c")
    assert [await hand.publish(), await hand.publish()] == ["edited", "same"]
    assert hand.said == ["new", next(iter(hand.network.sent))]


async def test_what_waits_from_an_earlier_run_is_sent_by_the_next(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    hand.network.faults = [Unreachable("down")] * 9
    with monkeypatch.context() as hurried:
        hurried.setattr(digest_command, "SEND_TIMEOUT", 0.2)
        assert await hand.publish() == "waiting"
    hand.network.faults.clear()
    await hand.store.retry_all()
    assert [await hand.publish(), await hand.publish()] == ["new", "same"]
    assert hand.said == ["new"]


async def test_beside_a_bot_nothing_is_sent_by_the_command(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digest_command, "SEND_TIMEOUT", 0.2)
    assert await hand.publish(alone=False) == "waiting"  # the bot hangs
    assert hand.said == []


async def test_nothing_else_that_waits_is_sent_and_the_moderators_room_is_shown_without_its_id(hand: Hand) -> None:
    await hand.store.outbox.post("matrix", Post(Reply("#salon", "Voici."), "note"), "note", NOW)
    assert await hand.publish() == "new"
    assert (hand.said, await unsent(hand.store)) == (["new"], 1)
    assert hand.network.order[0].startswith("**Semaine")
    hand.network.moderators_room = "!moderation:x.example"
    assert [shown.place for shown in await hand.command().show(None)] == ["#salon", ""]


@pytest.mark.parametrize(("hours", "title"), [(72, "Du 23 au 26"), (167, "Semaine du 23 au 30")])
async def test_it_tells_all_since_the_last_and_is_that_of_its_week(hand: Hand, hours: int, title: str) -> None:
    """167: the morning before the weekly hour."""
    await hand.publish()
    hand.now = NOW + timedelta(hours=hours)
    await hand.know("a", "b", "c", now=NOW + timedelta(days=1))
    assert [await hand.publish(), await hand.publish()] == ["new", "same"]
    told = hand.network.order[-1].replace("\u00a0", " ")
    assert told.startswith(f"**{title} novembre 2026**")
    assert ("[C](" in told, "[B](" in told) == (True, False)
    posts = len(hand.network.sent)
    weekly = DigestJob(hand.store, hand.publisher, SCHEDULE, lambda: SCHEDULE.moment(WEEK.after), lambda: None)
    await weekly.look(LONG_AGO)
    assert (len(hand.network.sent), await unsent(hand.store)) == (posts, 0)


async def a_bot_that_ran(folder: Path) -> None:
    store = await Store.open(f"sqlite:///{folder}/concierge.db")
    await store.memory.set("matrix.rooms", json.dumps({"#salon:x.example": "!salon:x.example"}))
    for new in ("formation-facilitation", "fiche-de-poste"):
        await store.digests.note_entries({new: "words"}, datetime.now(UTC))
    await store.close()


@pytest.mark.usefixtures("knowledge")
def test_without_a_network_it_is_shown_and_waits(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digest_command, "LOGIN_TIMEOUT", 0.1)
    code, _, err = run("digest", settings=SETTINGS)
    assert (code, "digest" in err) == (2, True)
    code, _, err = run("digest", settings=SETTINGS + DIGEST)
    assert (code, "pas encore démarré" in err) == (1, True)
    asyncio.run(a_bot_that_ran(tmp_path))
    code, out, _ = run("digest")
    assert (code, "Modèles de fiche de poste" in out) == (0, True)
    assert "Rien de nouveau" in run("digest", "--since", "2999-01-01")[1]
    code, out, err = run("digest", "--publish")
    assert (code, "prochain démarrage" in " ".join(out.split()), "matrix: " in err) == (1, True, True)
    code, out, _ = run("digest", "--publish", "--json")
    (place,) = json.loads(out)["places"]
    assert (code, place["done"], place["place"]) == (1, "waiting", "#salon:x.example")
