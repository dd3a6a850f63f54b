"""Several networks in one process: each answers for itself, and what one suffers the others do not feel."""

import asyncio
import contextlib
import json
import logging
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from socket import gethostname
from typing import Any

import pytest
import pytest_asyncio

from bot.app import main
from bot.demo.homeserver import Credentials, Homeserver
from tests.app.test_trouble import logged
from tests.conftest import NewAccount, NewMember
from tests.databases import held
from tests.member import Member, Raw
from tests.reliability.harness import answered, is_said_by
from tests.running import ASKED, FORMATION, write_network
from tests.waiting import PATIENCE, until


@dataclass
class Network:
    """A network of the folder, and the room of its one member."""

    folder: Path
    server: str
    bot: Credentials
    room: str
    ana: Member

    async def asks(self, text: str = ASKED) -> str:
        await self.ana.wait_for(self.room, lambda raw: is_said_by(raw, self.bot.user))
        question = await self.ana.say(self.room, f"concierge : {text}")
        reply = await self.ana.wait_for(self.room, lambda raw: self.is_reply(raw, question))
        return str(reply["content"]["formatted_body"])

    def is_reply(self, raw: Raw, question: str) -> bool:
        return is_said_by(raw, self.bot.user) and answered(raw) == question

    async def close_account(self) -> None:
        user = {"type": "m.id.user", "user": self.bot.user}
        auth = {"type": "m.login.password", "identifier": user, "password": self.bot.password}
        async with Member(self.server, self.bot.access_token) as bot:
            await bot.call("POST", "account", "deactivate", body={"auth": auth})

    def change(self, **more: Any) -> None:
        file = self.folder / "config.yaml"
        file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | more), "utf-8")


OTHER = "un modele de fiche de poste svp"
AddNetwork = Callable[..., Awaitable[Network]]


@pytest.fixture
def networks(tmp_path: Path) -> Path:
    (folder := tmp_path / "networks").mkdir()
    return folder


@pytest_asyncio.fixture
async def add(networks: Path, homeserver: Homeserver, account: NewAccount, member: NewMember) -> AddNetwork:
    ana = await member("ana")

    async def added(name: str, /, **more: Any) -> Network:
        bot, room = await account("concierge"), await ana.create_room()
        answers = FORMATION.replace("Une coopérative", f"À {name}, on")
        matrix = {"homeserver": homeserver.url, "user": bot.user, "rooms": [room]}
        write_network(folder := networks / f".{name}", bot.password, answers, matrix=matrix, **more)
        folder.rename(networks / name)
        return Network(networks / name, homeserver.url, bot, room, ana)

    return added


@contextlib.asynccontextmanager
async def running(networks: Path) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(main.run_all([networks], {}, networks / "var", stop=stop))
    try:
        yield
    finally:
        stop.set()
        assert await asyncio.wait_for(task, PATIENCE) == 0


async def test_each_answers_and_goes_alone(networks: Path, add: AddNetwork, caplog: pytest.LogCaptureFixture) -> None:
    """Comes and changes, too."""
    caplog.set_level(logging.INFO, "bot")
    nancy, brest = await add("nancy"), await add("brest", store="sqlite:///elsewhere.db")
    async with running(networks):
        assert "À nancy, on <strong>forme" in await nancy.asks()
        assert "À brest, on <strong>forme" in await brest.asks()
        caen = await add("caen")
        assert "À caen, on <strong>forme" in await caen.asks()
        caen.change(answers={"feedback": "perhaps"})
        await until(lambda: "config.yaml:1" in caplog.text and "feedback" in caplog.text)
        caen.change(answers={"feedback": False})
        assert "👍" in await nancy.asks(OTHER)
        assert "👍" not in await caen.asks(OTHER)
        shutil.rmtree(caen.folder)
        await until(lambda: caplog.messages.count("stopped") == 2)
        twin = await add("twin", store=f"sqlite:///{brest.folder}/elsewhere.db")
        await until(lambda: "twin has the same `store` as brest, which keeps it" in caplog.text)
        shutil.rmtree(brest.folder)
        assert "À twin" in await twin.asks()
    assert caplog.messages.count("stopped") == 5


async def test_what_one_suffers_the_others_do_not_feel(
    networks: Path, add: AddNetwork, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broken answer file, a store that takes nothing, a flood, an account that is closed."""
    monkeypatch.setattr("bot.store.sqlite.PATIENCE", 0.5)
    nancy, brest, caen = await add("nancy", flood={"questions": 0}), await add("brest"), await add("caen")

    async def others_answer() -> None:
        for other in (brest, caen):
            assert "formation.example" in await other.asks()

    async with running(networks):
        assert "À nancy" in await nancy.asks()
        (nancy.folder / "knowledge" / "a.yaml").write_text("entries: [", "utf-8")
        await logged(caplog, "a.yaml:1")
        await others_answer()
        with held(nancy.folder / "var" / "concierge.db"):
            unheard = await nancy.ana.say(nancy.room, f"concierge : {ASKED}")
            await logged(caplog, "is being written by another program. Retrying in")
            await others_answer()
        await nancy.ana.wait_for(nancy.room, lambda raw: nancy.is_reply(raw, unheard))
        flood = [await nancy.ana.say(nancy.room, f"concierge : {ASKED} {number}") for number in range(20)]
        await others_answer()
        await nancy.ana.wait_for(nancy.room, lambda raw: nancy.is_reply(raw, flood[-1]))
        await nancy.close_account()
        await logged(caplog, "the login has ended")
        await others_answer()


async def test_what_ended_it_counts_as_a_try(networks: Path, add: AddNetwork, caplog: pytest.LogCaptureFixture) -> None:
    """In the journal of its network."""
    nancy = await add("nancy")
    async with running(networks):
        await nancy.asks()
        event = await nancy.ana.say(nancy.room, "bonjour tout le monde")
        question = await nancy.ana.say(nancy.room, f"concierge : {OTHER}")
        await nancy.ana.wait_for(nancy.room, lambda raw: nancy.is_reply(raw, question))
    with closing(sqlite3.connect(nancy.folder / "var" / "concierge.db")) as store, store:
        store.execute("UPDATE journal SET done_at = NULL WHERE event = ?", [event])  # it was being handled
    file = networks / "var" / f"watchdog-{gethostname()}.txt"
    file.write_text(json.dumps([["nancy", "matrix", event]]) + "\nCurrent thread 0x1:\n", "utf-8")
    async with running(networks):
        await until(lambda: json.loads(file.read_text("utf-8").partition("\n")[0] or "[]") == [])
        assert "the last process was ended" in caplog.text
    with closing(sqlite3.connect(nancy.folder / "var" / "concierge.db")) as store:
        assert store.execute("SELECT tries FROM journal WHERE event = ?", [event]).fetchall() == [(1,)]
