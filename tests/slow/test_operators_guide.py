"""docs/operators.md, followed word for word: its blocks are run as they stand, in a fresh folder, and a member asks."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
import sqlite3
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from bot.demo.homeserver import free_port
from tests.member import Member
from tests.waiting import PATIENCE

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
TEN_MINUTES = GUIDE.partition("in ten minutes\n")[2].partition("\n## ")[0]
BLOCKS = re.findall(r"```sh\n(.*?)```", TEN_MINUTES, re.DOTALL)
(QUESTION,) = re.findall(r"^> (.*)$", TEN_MINUTES, re.MULTILINE)
OF_ITS_OWN = re.compile(r"# in a \w+ terminal; Ctrl-C ends it\n")

# All that differs from what an operator types. Nothing is fetched: what pip would install is the environment of this
# test. The two ports must be free ones, as the guide names them and in what Synapse's own command writes.
INSTEAD = {
    "python3 -m venv venv\n": f"ln -s '{sys.prefix}' venv\n",
    "\nvenv/bin/pip install .\n": "\ntest -x venv/bin/concierge\n",
    "python3 -m venv homeserver/venv\n": f"mkdir homeserver\nln -s '{sys.prefix}' homeserver/venv\n",
    "homeserver/venv/bin/pip install matrix-synapse\n": "test -x homeserver/venv/bin/register_new_matrix_user\n",
}
HOMESERVER, DOOR = "8008", "8080"


class Follower:
    """Follows the guide in a folder that holds of the repository what an operator needs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ports = {port: str(free_port()) for port in (HOMESERVER, DOOR)}
        self.url = f"http://127.0.0.1:{self._ports[HOMESERVER]}"
        self.door = f"http://127.0.0.1:{self._ports[DOOR]}"
        self._first_signs = iter((f"{self.url}/_matrix/client/versions", f"{self.door}/ready"))

    async def follow(self, block: str, terminals: AsyncExitStack) -> None:
        """A block with a terminal of its own goes on there; the next step waits for its first sign of life."""
        if OF_ITS_OWN.match(block):
            running = await terminals.enter_async_context(self._left_running(block))
            answers = asyncio.create_task(self._answers(next(self._first_signs)))
            await asyncio.wait([answers, running], return_when=asyncio.FIRST_COMPLETED)
            assert not running.done(), running.result()[0].decode()
            await answers
        else:
            process = await self._typed(block)
            said, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
            assert process.returncode == 0, f"{block}\n{said.decode()}"

    async def _typed(self, block: str) -> Process:
        for line, other in INSTEAD.items():
            block = block.replace(line, other)
        generates = "--generate-config" in block
        for port, free in self._ports.items():
            block = block.replace(port, free)
        if generates:
            block += f"sed -i 's/port: {HOMESERVER}/port: {self._ports[HOMESERVER]}/' homeserver.yaml\n"
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("CONCIERGE_", "SYNAPSE_"))}
        return await asyncio.create_subprocess_exec(
            "bash", "-e", "-c", block, cwd=self._folder, env=environ, stdout=PIPE, stderr=STDOUT, start_new_session=True
        )

    @contextlib.asynccontextmanager
    async def _left_running(self, block: str) -> AsyncIterator[asyncio.Task[tuple[bytes, bytes]]]:
        """Until its Ctrl-C; the task is done with what it said when it ends by itself."""
        process = await self._typed(block)
        heard = asyncio.create_task(process.communicate())
        try:
            yield heard
        finally:
            for number in (signal.SIGINT, signal.SIGKILL):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, number)
                await asyncio.wait([heard], timeout=PATIENCE)

    async def _answers(self, url: str) -> None:
        async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as http:
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    async with http.get(url) as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(0.1)


async def token(url: str, password: str) -> str:
    login = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": "ana"}, "password": password}
    async with aiohttp.ClientSession() as http, http.post(f"{url}/_matrix/client/v3/login", json=login) as answer:
        return str((await answer.json())["access_token"])


@pytest.mark.skipif(shutil.which("curl") is None, reason="the guide is typed with curl")
async def test_who_follows_the_guide_has_a_bot_that_answers_in_a_room(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "knowledge", tmp_path / "knowledge")
    follower = Follower(tmp_path)
    async with AsyncExitStack() as terminals:
        for block in BLOCKS:
            await follower.follow(block, terminals)
        password = (tmp_path / "secrets" / "ana").read_text(encoding="utf-8").strip()
        async with Member(follower.url, await token(follower.url, password)) as ana:
            room = (await ana.call("GET", "directory", "room", "#cafe:localhost"))["room_id"]
            question = await ana.say(room, QUESTION)
            reply = await ana.wait_for(room, lambda raw: question in str(raw) and raw["sender"] != ana.user)
    assert reply["sender"] == "@concierge:localhost"
    assert "https://" in reply["content"]["body"]
    assert (tmp_path / "var" / "concierge.db").exists()


async def test_a_store_of_a_newer_version_is_refused_as_the_guide_says(tmp_path: Path) -> None:
    (sentence,) = re.findall(r"^> (The store was .*)$", GUIDE, re.MULTILINE)
    (tmp_path / "knowledge").mkdir()
    forum = '{"language": "en", "discourse": {"url": "http://127.0.0.1:9", "username": "concierge"}}'
    (tmp_path / "config.json").write_text(forum, encoding="utf-8")
    (tmp_path / "var").mkdir()
    with contextlib.closing(sqlite3.connect(tmp_path / "var" / "concierge.db")) as store:
        store.execute("CREATE TABLE alembic_version (version_num TEXT)")
        store.execute("INSERT INTO alembic_version VALUES ('9999')")
        store.commit()
    command = [sys.executable, "-m", "bot", "run", "--config", str(tmp_path / "config.json")]
    key = os.environ | {"CONCIERGE_DISCOURSE_API_KEY": "key"}
    process = await asyncio.create_subprocess_exec(*command, env=key, cwd=ROOT, stderr=PIPE)
    _, said = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert (process.returncode, said.decode().splitlines()[-1]) == (1, sentence)


def test_the_guide_puts_everything_where_the_service_looks_for_it() -> None:
    unit = (ROOT / "deploy" / "concierge.service").read_text(encoding="utf-8")
    service = GUIDE.partition("\n## As a systemd service\n")[2].partition("\n## ")[0]
    (state,), (user,) = (re.findall(rf"^{key}=(\S+)", unit, re.MULTILINE) for key in ("WorkingDirectory", "User"))
    (program,), (secret,) = (
        re.findall(rf"^{key}(\S+)", unit, re.MULTILINE) for key in ("ExecStart=", "LoadCredential=.*:")
    )
    assert f"install -m 600 secrets/{Path(secret).name} {Path(secret).parent}/\n" in service
    assert f"cp -r config.yaml knowledge var {state}/\n" in service
    assert f"python3 -m venv {Path(program).parents[1]}\n" in service
    assert f"useradd --system --home-dir {state} --shell /usr/sbin/nologin {user}\n" in service


def test_the_test_replaces_lines_that_the_guide_has() -> None:
    typed = "".join(BLOCKS)
    assert [line for line in [*INSTEAD, HOMESERVER, DOOR] if line not in typed] == []
