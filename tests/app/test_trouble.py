"""The bot on a machine whose disk, database or clock does not do what it should."""

import asyncio
import logging
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest

from bot.app import clock
from bot.demo.homeserver import Homeserver, free_port
from bot.messages import Event, Reply
from bot.store import Damaged, Post, Store
from bot.store.journal import Journal
from tests.app.figures import read, scraped
from tests.databases import end_lease, execute, held
from tests.reliability.harness import ASKED
from tests.reliability.scene import set_up
from tests.reliability.started import NewScene
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

OTHER = "concierge : Où trouver une fiche de poste ?"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.app.tenant.FIRST_PAUSE", 0.05)
    monkeypatch.setattr("bot.store.sqlite.PATIENCE", 0.1)


@pytest.fixture
def new_scene(exits: AsyncExitStack, homeserver: Homeserver, tmp_path: Path) -> NewScene:
    """With a bot in this process alone: what is out of order here is patched."""
    return partial(set_up, exits, homeserver, tmp_path, tmp_path)


async def logged(caplog: pytest.LogCaptureFixture, words: str) -> None:
    await until(lambda: words in caplog.text)


async def test_a_store_in_other_hands_loses_no_question(new_scene: NewScene, caplog: pytest.LogCaptureFixture) -> None:
    """Nor is one answered twice; its figures count on through the restart."""
    scene = await new_scene(web={"address": (port := free_port())})
    async with scene.concierge.up(), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        await scene.introduced()
        before = await scene.ana.say(scene.room, ASKED)
        await scene.until_answered(before)
        with held(scene.concierge.folder / "var" / "concierge.db"):
            during = await scene.ana.say(scene.room, OTHER)
            await logged(caplog, "is being written by another program. Retrying in")
            resting, _ = await scraped(http, lambda now: read(now, "log_lines_total", level="error") > 0)
        await scene.one_reply_each(before, during)
        found, _ = await scraped(http, lambda now: read(now, "ready") == 1)
    answers = [read(now, "decisions_total", channel="matrix", decision="answer") for now in (resting, found)]
    assert (read(resting, "ready"), answers) == (0, [1, 2])  # the third is that of before


BREAK_OFF = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'concierge'"


async def test_a_database_that_often_breaks_off_loses_and_doubles_none(new_scene: NewScene, postgres_url: str) -> None:
    scene, asked = await new_scene(database=postgres_url), []
    async with scene.concierge.up():
        await scene.introduced()
        for _ in range(6):
            asked.append(await scene.ana.say(scene.room, ASKED))
            await asyncio.to_thread(execute, postgres_url, BREAK_OFF)
            await asyncio.sleep(0.05)
        await scene.one_reply_each(*asked)


async def test_who_lost_its_network_to_another_process_is_silent_until_it_has_it_back_and_loses_no_question(
    new_scene: NewScene, postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    scene = await new_scene(database=postgres_url)
    async with scene.concierge.up():
        await scene.introduced()
        before = await scene.ana.say(scene.room, ASKED)
        await scene.until_answered(before)
        execute(postgres_url, "UPDATE leases SET worker = 'another', fence = fence + 1, until = 'infinity'")
        during = await scene.ana.say(scene.room, OTHER)
        await logged(caplog, "Another process, another, serves this network since")
        await logged(caplog, "Waiting until it ends.")
        assert (await scene.tally()).replies[during] == 0
        end_lease(postgres_url)
        await scene.one_reply_each(before, during)


async def test_a_store_that_is_damaged_ends_it(new_scene: NewScene, monkeypatch: pytest.MonkeyPatch) -> None:
    async def damaged(*_: object) -> None:
        raise Damaged("damaged", name="concierge.db")

    scene = await new_scene()
    async with scene.concierge.up() as running:
        await scene.introduced()
        monkeypatch.setattr(Journal, "receive", damaged)
        await scene.ana.say(scene.room, "hello")
        with pytest.raises(Damaged):
            await asyncio.wait_for(running, PATIENCE)


@pytest.mark.parametrize("hours", [-10, pytest.param(10, marks=pytest.mark.soak)], ids=["set back", "set forward"])
async def test_a_clock_that_is_wrong_and_jumps_is_said_once_and_every_question_is_answered_on(
    new_scene: NewScene, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, hours: float
) -> None:
    """Two days ahead at first: no question is too old for that."""
    monkeypatch.setattr(clock, "TICK", 0.05)
    monkeypatch.setattr("bot.conversation.policy.OVERHEARD_DELAY", timedelta(seconds=6))
    scene, shift = await new_scene(), timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + shift)
    async with scene.concierge.up():
        await scene.introduced()
        waiting = await scene.ana.say(scene.room, "Où trouver une fiche de poste ?")
        put_off = f"SELECT 1 FROM journal WHERE event = '{waiting}' AND due_at IS NOT NULL"  # noqa: S608
        await until(lambda: bool(execute(scene.concierge.url, put_off)))
        await scene.until_answered(await scene.ana.say(scene.room, ASKED))
        shift += timedelta(hours=hours)
        await logged(caplog, "system clock jumped by")
        await scene.one_reply_each(await scene.ana.say(scene.room, ASKED), waiting)
    warned = [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]
    assert len([line for line in warned if "jumped by" in line]) == 1
    assert len([line for line in warned if "please sync it (NTP)" in line]) == 1


async def test_it_can_be_stopped_while_it_waits_for_one(new_scene: NewScene, caplog: pytest.LogCaptureFixture) -> None:
    """And what is left of a removed network harms nothing."""
    scene, now = await new_scene(), datetime.now(UTC)
    store = await Store.open(scene.concierge.url)
    async with scene.concierge.up() as running:
        await logged(caplog, "Waiting until it ends.")
        scene.concierge.stop.set()
        assert await running == 0
    await store.journal.receive("discourse", [Event("discourse", "5/1", "topic/5", "ben", "message", now, "{}")], "{}")
    await store.outbox.post("discourse", Post(Reply("topic/5", "Voici."), "note"), "a key", now)
    await store.close()
    async with scene.concierge.up():
        await scene.introduced()
        await scene.until_answered(await scene.ana.say(scene.room, ASKED))
    assert not [record for record in caplog.records if record.exc_info]
    store = await Store.open(scene.concierge.url)
    due = await store.outbox.due(now + timedelta(hours=1))
    assert [row.room for row in due if row.channel == "discourse"] == ["topic/5"]
    assert [event.id for event in await store.journal.due(now + timedelta(hours=1))] == ["5/1"]
    await store.close()
