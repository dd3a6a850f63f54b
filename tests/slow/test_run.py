"""`concierge run` as an operator meets it: a process, its sentences and its exit code."""

import asyncio
import contextlib
import json
import os
import re
import sqlite3
import stat
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest

from bot.demo.homeserver import Homeserver
from tests.command_line import Run
from tests.conftest import NewAccount, NewMember
from tests.member import Member
from tests.waiting import PATIENCE

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.usefixtures("knowledge")  # beside the settings


def configure(folder: Path, **matrix: Any) -> None:
    settings = {"language": "en", "matching": {"encoder": False}, "matrix": matrix}
    (folder / "config.json").write_text(json.dumps(settings), encoding="utf-8")


@pytest.mark.parametrize("password", ["not the password", "secret"])
def test_a_wrong_password_or_no_place_for_the_keys_ends_it_with_a_sentence(
    homeserver: Homeserver, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    bot = asyncio.run(homeserver.register(f"concierge-{token_hex(4)}", "secret"))
    monkeypatch.setenv("CONCIERGE_MATRIX_PASSWORD", password)
    configure(tmp_path, homeserver=homeserver.url, user=bot.user, rooms=["!room:localhost"])
    if password == bot.password:
        (tmp_path / "var").mkdir()
        (tmp_path / "var" / "keys").touch()
        sentence = f"the encryption keys cannot be kept in {tmp_path / 'var' / 'keys'}"
    else:
        sentence = "password"
    code, _, heard = run("run", "--config", "config.json")
    assert (code, sentence in heard) == (2, True), heard
    assert ("not the password" in heard, "Traceback" in heard) == (False, False)


async def test_a_log_for_programs_holds_objects_alone_neither_words_nor_secrets_and_says_that_the_account_is_gone(
    homeserver: Homeserver, member: NewMember, account: NewAccount, tmp_path: Path
) -> None:
    ana, bot = await member("ana"), await account("concierge")
    room = await ana.create_room()
    configure(tmp_path, homeserver=homeserver.url, user=bot.user, rooms=[room, "#nowhere:localhost"])
    environment = os.environ | {"CONCIERGE_MATRIX_PASSWORD": bot.password, "CONCIERGE_LOG": "json"}
    command = [sys.executable, "-m", "bot", "run", "--config", str(tmp_path / "config.json")]
    process = await asyncio.create_subprocess_exec(*command, env=environment, cwd=ROOT, stderr=PIPE)
    try:
        async with Member(homeserver.url, bot.access_token) as itself:
            await ana.wait_for(room, lambda raw: raw["sender"] == bot.user and raw["type"] == "m.room.message")
            question = await ana.say(room, "concierge: où trouver une formation de facilitateur ?")
            await ana.wait_for(room, lambda raw: raw["sender"] == bot.user and question in json.dumps(raw))
            proof = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": bot.user}}
            await itself.call("POST", "account", "deactivate", body={"auth": proof | {"password": bot.password}})
            heard = (await asyncio.wait_for(process.communicate(), PATIENCE))[1].decode()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    assert process.returncode == 2
    rows = [json.loads(line) for line in heard.splitlines()]
    assert all({"time", "level", "logger", "message"} <= row.keys() for row in rows)
    for words in ("#nowhere:localhost", "the login has ended, or the account is gone"):
        assert any(words in row["message"] for row in rows)
    assert stat.S_IMODE((tmp_path / "var" / "concierge.db").stat().st_mode) == 0o600
    with contextlib.closing(sqlite3.connect(tmp_path / "var" / "concierge.db")) as store:
        [(login,)] = store.execute("SELECT value FROM memory WHERE name = 'matrix.session'").fetchall()
    for secret in (bot.password, json.loads(login)["token"], "facilitateur", "https://formation.example/", "Traceback"):
        assert secret not in heard


def test_a_newer_store_is_refused_as_the_guide_says(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONCIERGE_MATRIX_PASSWORD", "secret")
    guide = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
    (sentence,) = re.findall(r"^> (The store was .*)$", guide, re.MULTILINE)
    configure(tmp_path, homeserver="http://127.0.0.1:9", user="@concierge:localhost", rooms=["!room:localhost"])
    (tmp_path / "var").mkdir()
    with contextlib.closing(sqlite3.connect(tmp_path / "var" / "concierge.db")) as store:
        store.execute("CREATE TABLE alembic_version (version_num TEXT)")
        store.execute("INSERT INTO alembic_version VALUES ('9999')")
        store.commit()
    code, _, heard = run("run", "--config", "config.json")
    assert (code, heard.splitlines()[-1]) == (1, sentence)
