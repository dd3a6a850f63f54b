"""`concierge run` as an operator meets it: a process, its sentences and its exit code."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import sqlite3
import stat
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest

from bot.demo.homeserver import Homeserver
from tests.command_line import Run
from tests.conftest import NewAccount, NewMember
from tests.member import Member
from tests.waiting import PATIENCE

KNOWLEDGE = """\
theme: "Formations"
entries:
  - id: formation
    title: "Se former"
    questions: ["Où trouver une formation de facilitateur ?"]
    links: [{title: "La formation", url: "https://formation.example/"}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "knowledge").mkdir()
    (tmp_path / "knowledge" / "formations.yaml").write_text(KNOWLEDGE, encoding="utf-8")
    return tmp_path


def configure(folder: Path, **matrix: Any) -> None:
    settings = {"language": "en", "matching": {"encoder": False}, "matrix": matrix}
    (folder / "config.json").write_text(json.dumps(settings), encoding="utf-8")


@contextlib.asynccontextmanager
async def concierge(folder: Path, password: str, **more: str) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run", "--config", str(folder / "config.json")),
        env=os.environ | {"CONCIERGE_MATRIX_PASSWORD": password} | more,
        cwd=Path(__file__).parents[2],
        stderr=PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def said(process: Process, words: str) -> str:
    """What the program says until these words come, all of it."""
    assert process.stderr
    heard = ""
    async with asyncio.timeout(PATIENCE):
        while words not in heard:
            line = (await process.stderr.readline()).decode()
            assert line, f"it ended after: {heard}"
            heard += line
    return heard


@pytest.mark.parametrize("password", ["not the password", "secret"])
def test_a_wrong_password_or_no_place_for_the_keys_ends_it_with_a_sentence(
    homeserver: Homeserver, folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    bot = asyncio.run(homeserver.register(f"concierge-{token_hex(4)}", "secret"))
    monkeypatch.setenv("CONCIERGE_MATRIX_PASSWORD", password)
    configure(folder, homeserver=homeserver.url, user=bot.user, rooms=["!room:localhost"])
    if password == bot.password:
        (folder / "var").mkdir()
        (folder / "var" / "keys").touch()
        sentence = f"the encryption keys cannot be kept in {folder / 'var' / 'keys'}"
    else:
        sentence = "password"
    code, _, heard = run("run", "--config", "config.json")
    assert (code, sentence in heard) == (2, True), heard
    assert "not the password" not in heard
    assert "Traceback" not in heard


async def test_a_log_for_programs_holds_objects_alone_neither_words_nor_secrets_and_says_that_the_account_is_gone(
    homeserver: Homeserver, member: NewMember, account: NewAccount, folder: Path
) -> None:
    ana, bot = await member("ana"), await account("concierge")
    room = await ana.create_room()
    configure(folder, homeserver=homeserver.url, user=bot.user, rooms=[room, "#nowhere:localhost"])
    running = concierge(folder, bot.password, CONCIERGE_LOG="json")
    async with running as process, Member(homeserver.url, bot.access_token) as itself:
        await ana.wait_for(room, lambda raw: raw["sender"] == bot.user and raw["type"] == "m.room.message")
        question = await ana.say(room, "concierge: où trouver une formation de facilitateur ?")
        await ana.wait_for(room, lambda raw: raw["sender"] == bot.user and question in json.dumps(raw))
        proof = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": bot.user}}
        await itself.call("POST", "account", "deactivate", body={"auth": proof | {"password": bot.password}})
        heard = (await asyncio.wait_for(process.communicate(), PATIENCE))[1].decode()
    assert process.returncode == 2
    rows = [json.loads(line) for line in heard.splitlines()]
    assert all({"time", "level", "logger", "message"} <= row.keys() for row in rows)
    for words in ("#nowhere:localhost", "the login has ended, or the account is gone"):
        assert any(words in row["message"] for row in rows)
    assert stat.S_IMODE((folder / "var" / "concierge.db").stat().st_mode) == 0o600
    token = json.loads(kept(folder / "var" / "concierge.db"))["token"]
    for secret in (bot.password, token, "facilitateur", "https://formation.example/", "Traceback"):
        assert secret not in heard


def kept(database: Path) -> str:
    """The login, as the store keeps it."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return str(connection.execute("SELECT value FROM memory WHERE name = 'matrix.session'").fetchone()[0])


async def test_an_unreachable_homeserver_is_said_and_waited_for(folder: Path) -> None:
    configure(folder, homeserver="http://127.0.0.1:9", user="@concierge:localhost", rooms=["!room:localhost"])
    async with concierge(folder, "secret") as process:
        heard = await said(process, "trying again")
        assert "127.0.0.1:9 does not answer" in heard
        assert process.returncode is None
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0


def test_a_store_of_a_newer_version_is_refused_as_the_guide_says(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONCIERGE_MATRIX_PASSWORD", "secret")
    guide = (Path(__file__).parents[2] / "docs" / "operators.md").read_text(encoding="utf-8")
    (sentence,) = re.findall(r"^> (The store was .*)$", guide, re.MULTILINE)
    configure(folder, homeserver="http://127.0.0.1:9", user="@concierge:localhost", rooms=["!room:localhost"])
    (folder / "var").mkdir()
    with contextlib.closing(sqlite3.connect(folder / "var" / "concierge.db")) as store:
        store.execute("CREATE TABLE alembic_version (version_num TEXT)")
        store.execute("INSERT INTO alembic_version VALUES ('9999')")
        store.commit()
    code, _, heard = run("run", "--config", "config.json")
    assert (code, heard.splitlines()[-1]) == (1, sentence)
