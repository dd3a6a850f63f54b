"""The bot on a machine whose disk, database or clock does not do what it should."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from bot.app import clock, main
from bot.app.clock import ClockJumps, SkewedClock
from bot.config.loading import load
from bot.demo.homeserver import free_port
from bot.messages import Event, Reply
from bot.store import Damaged, Post, Store
from bot.store.journal import Journal
from tests.app.figures import read, scraped
from tests.conftest import NewBot, NewMember
from tests.databases import end_lease, execute, held
from tests.member import Member
from tests.running import ASKED, Running, from_bot
from tests.waiting import PATIENCE, until


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.app.tenant.FIRST_PAUSE", 0.05)
    monkeypatch.setattr("bot.store.sqlite.PATIENCE", 0.1)


async def logged(caplog: pytest.LogCaptureFixture, words: str) -> None:
    await until(lambda: words in caplog.text)


async def replies(running: Running, ana: Member, room: str, to: str) -> int:
    return len([raw for raw in await ana.history(room) if from_bot(running, to)(raw)])


async def test_a_store_that_takes_nothing_for_a_while_loses_no_question_and_doubles_none(
    member: NewMember, new_bot: NewBot, knowledge: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Its figures count on through the restart."""
    ana = await member("ana")
    room = await ana.create_room()
    running = await new_bot(room, knowledge=knowledge, web={"address": (port := free_port())})
    async with running.up(), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        await ana.wait_for(room, from_bot(running))
        before = await ana.say(room, f"concierge : {ASKED}")
        await ana.wait_for(room, from_bot(running, before))
        with held(tmp_path / "var" / "concierge.db"):
            during = await ana.say(room, "concierge : Où trouver une fiche de poste ?")
            await logged(caplog, "is being written by another program. Retrying in")
            resting, _ = await scraped(http, lambda now: read(now, "log_lines_total", level="error") > 0)
        await ana.wait_for(room, from_bot(running, during))
        after = await ana.say(room, "concierge : un modele de fiche de poste svp")
        await ana.wait_for(room, from_bot(running, after))
        found, _ = await scraped(http, lambda now: read(now, "ready") == 1)
    assert [await replies(running, ana, room, asked) for asked in (before, during, after)] == [1, 1, 1]
    answers = [read(now, "decisions_total", channel="matrix", decision="answer") for now in (resting, found)]
    assert (read(resting, "ready"), answers) == (0, [1, 2])  # the third is another phrasing of the second


BREAK_OFF = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'concierge'"


async def test_a_database_that_breaks_off_again_and_again_loses_no_question_and_doubles_none(
    member: NewMember, new_bot: NewBot, knowledge: Path, postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    ana = await member("ana")
    room = await ana.create_room()
    running = await new_bot(room, knowledge=knowledge, flood={"questions": 0})
    running.database = postgres_url
    async with running.up():
        await ana.wait_for(room, from_bot(running))
        asked = []
        for _ in range(6):
            asked.append(await ana.say(room, f"concierge : {ASKED}"))
            await asyncio.to_thread(execute, postgres_url, BREAK_OFF)
            await asyncio.sleep(0.05)
        last = await ana.say(room, "concierge : un modele de fiche de poste svp")
        async with asyncio.timeout(PATIENCE):
            while not all([await replies(running, ana, room, question) for question in (*asked, last)]):  # noqa: ASYNC110
                await asyncio.sleep(0.5)
    assert [await replies(running, ana, room, question) for question in (*asked, last)] == [1] * 7


async def test_who_lost_its_network_to_another_process_is_silent_until_it_has_it_back_and_loses_no_question(
    member: NewMember, new_bot: NewBot, knowledge: Path, postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    ana = await member("ana")
    room = await ana.create_room()
    running = await new_bot(room, knowledge=knowledge)
    running.database = postgres_url
    async with running.up():
        await ana.wait_for(room, from_bot(running))
        before = await ana.say(room, f"concierge : {ASKED}")
        await ana.wait_for(room, from_bot(running, before))
        execute(postgres_url, "UPDATE leases SET worker = 'another', fence = fence + 1, until = 'infinity'")
        during = await ana.say(room, "concierge : Où trouver une fiche de poste ?")
        await logged(caplog, "Another process, another, serves this network since")
        await logged(caplog, "Waiting until it ends.")
        assert await replies(running, ana, room, during) == 0
        end_lease(postgres_url)
        await ana.wait_for(room, from_bot(running, during))
    assert [await replies(running, ana, room, question) for question in (before, during)] == [1, 1]


async def test_a_store_that_is_damaged_ends_it(
    member: NewMember, new_bot: NewBot, knowledge: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await member("ana")
    room = await ana.create_room()
    running = await new_bot(room, knowledge=knowledge)
    settings = load(running.settings, {"CONCIERGE_MATRIX_PASSWORD": running.bot.password})
    task = asyncio.create_task(main.run(settings, stop=running.stop))
    await ana.wait_for(room, from_bot(running))

    async def damaged(*_: object) -> None:
        raise Damaged("damaged", name="concierge.db")

    monkeypatch.setattr(Journal, "receive", damaged)
    await ana.say(room, "hello")
    with pytest.raises(Damaged):
        await asyncio.wait_for(task, PATIENCE)


async def test_a_bot_that_waits_for_another_to_end_can_be_stopped(
    new_bot: NewBot, knowledge: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    running = await new_bot("!room", knowledge=knowledge)
    other = await Store.open(f"sqlite:///{tmp_path}/var/concierge.db")
    async with running.up():
        await logged(caplog, "Waiting until it ends.")
    await other.close()


@pytest.mark.parametrize("hours", [-10, pytest.param(10, marks=pytest.mark.soak)], ids=["set back", "set forward"])
async def test_a_clock_that_is_wrong_and_jumps_is_said_once_and_every_question_is_answered_on(
    member: NewMember,
    new_bot: NewBot,
    knowledge: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    hours: float,
) -> None:
    """Two days ahead at first: no question is too old for that."""
    monkeypatch.setattr(clock, "TICK", 0.05)
    monkeypatch.setattr("bot.conversation.policy.OVERHEARD_DELAY", timedelta(seconds=6))
    ana = await member("ana")
    room = await ana.create_room()
    running = await new_bot(room, knowledge=knowledge)
    shift = timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + shift)
    async with running.up():
        await ana.wait_for(room, from_bot(running))
        first = await ana.say(room, f"concierge : {ASKED}")
        await ana.wait_for(room, from_bot(running, first))
        waiting = await ana.say(room, "Où trouver une fiche de poste ?")
        assert (await running.settled(waiting)).retry_at
        shift += timedelta(hours=hours)
        await logged(caplog, "system clock jumped by")
        question = await ana.say(room, f"concierge : {ASKED}")
        for asked in (question, waiting):
            await ana.wait_for(room, from_bot(running, asked))
    warned = [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]
    assert len([line for line in warned if "jumped by" in line]) == 1
    assert len([line for line in warned if "please sync it (NTP)" in line]) == 1


async def test_what_is_left_of_a_network_that_was_taken_out_of_the_settings_waits_and_harms_nothing(
    member: NewMember, new_bot: NewBot, knowledge: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ana = await member("ana")
    room = await ana.create_room()
    running = await new_bot(room, knowledge=knowledge)
    (tmp_path / "var").mkdir()
    database = f"sqlite:///{tmp_path}/var/concierge.db"
    store, now = await Store.open(database), datetime.now(UTC)
    await store.journal.receive("discourse", [Event("discourse", "5/1", "topic/5", "ben", "message", now, "{}")], "{}")
    await store.outbox.post("discourse", Post(Reply("topic/5", "Voici."), "note"), "a key", now)
    await store.close()
    async with running.up():
        await ana.wait_for(room, from_bot(running))
        question = await ana.say(room, f"concierge : {ASKED}")
        await ana.wait_for(room, from_bot(running, question))
    assert not [record for record in caplog.records if record.exc_info]
    store = await Store.open(database)
    due = await store.outbox.due(now + timedelta(hours=1))
    assert [row.room for row in due if row.channel == "discourse"] == ["topic/5"]
    assert [event.id for event in await store.journal.due(now + timedelta(hours=1))] == ["5/1"]
    await store.close()


NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_jump_is_said_once_and_a_gentle_correction_never() -> None:
    steadiness = ClockJumps(NOW, 100)
    hour = timedelta(hours=1)
    looks = [(timedelta(seconds=10), 110), (hour, 120), (hour + timedelta(seconds=10), 130), (timedelta(), 140)]
    jumps = [round(steadiness.jump(NOW + ahead, at).total_seconds()) for ahead, at in looks]
    assert jumps == [0, 3580, 0, -3620]
    assert not steadiness.is_steady(150, 3600)
    assert steadiness.is_steady(140 + 3600, 3600)


def test_the_time_is_the_machines_until_that_is_far_from_what_the_network_says() -> None:
    machine, seconds = NOW, 100.0
    time = SkewedClock(lambda: machine, lambda: seconds)
    assert time() == NOW
    time.on_server_time(NOW + timedelta(seconds=30))
    assert time() == NOW
    machine, seconds = NOW + timedelta(hours=10), 110.0
    assert time() == NOW + timedelta(seconds=40)
    assert time.ahead == timedelta(hours=10) - timedelta(seconds=40)
    time.on_server_time(machine)
    assert time() == machine
