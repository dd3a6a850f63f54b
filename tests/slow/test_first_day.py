"""`init` without a keyboard (with one: test_plain_installation.py): flags say it all, or what is missing is said."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from bot.demo.homeserver import Homeserver
from bot.locale import wording
from tests.conftest import NewAccount, NewMember
from tests.member import Member

ROOT = Path(__file__).parents[2]
FR = wording("fr")
COMMAND = (sys.executable, "-m", "bot")


def environment(home: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(ROOT), "COLUMNS": "80", "TERM": "dumb"}


async def concierge(folder: Path, *command: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *command, cwd=folder, env=environment(folder), stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    out, err = await process.communicate()
    return process.returncode, (out + err).decode()


async def test_flags_answer_all_and_a_second_time_nothing_changes(
    tmp_path: Path, homeserver: Homeserver, account: NewAccount, member: NewMember
) -> None:
    ana, bot = await member("ana"), await account("concierge")
    room = await ana.create_room(preset="public_chat")
    (tmp_path / "pw").write_text(bot.password, encoding="utf-8")
    flags = ["--yes", "--homeserver", homeserver.url, "--account", bot.user, "--password-file", "pw", "--room", room]
    code, said = await concierge(tmp_path, "init", *flags, "--no-shipped")
    assert code == 0, said
    assert FR("doctor.sum_right") in said
    assert FR("doctor.no_team") in said
    before = (tmp_path / "config.yaml").read_bytes()
    code, said = await concierge(tmp_path, "init", *flags)
    assert (code, FR("init.unchanged", file="config.yaml") in said) == (0, True), said
    assert (tmp_path / "config.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("flags", "code", "said"),
    [
        ((), 2, FR("init.no_network")),
        (("--account", "concierge"), 1, "@concierge:exemple.org"),
        (("--account", "@concierge:localhost"), 2, "--password-file"),
        (("--account", "@concierge:localhost", "--password-file", "pw"), 1, "CONCIERGE_MATRIX_PASSWORD"),
        (("--account", "@concierge:localhost", "--password-file", "none"), 2, "none"),
        (("--add-room", "--room", "#cafe"), 2, "config.yaml"),
        (("--account", "@c:localhost", "--homeserver", "http://127.0.0.1:1", "--password-file", "pw"), 1, "homeserver"),
    ],
)
async def test_what_is_missing_or_wrong_is_said_and_nothing_is_written(
    tmp_path: Path, homeserver: Homeserver, flags: tuple[str, ...], code: int, said: str
) -> None:
    (tmp_path / "pw").write_text("not the password", encoding="utf-8")
    server = () if "--homeserver" in flags else ("--homeserver", homeserver.url)
    ended, shown = await concierge(tmp_path, "init", "--yes", *server, *flags)
    assert (ended, said in shown) == (code, True), shown
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pw"]


async def test_whoever_gives_up_leaves_no_login_behind(
    tmp_path: Path, homeserver: Homeserver, account: NewAccount
) -> None:
    bot = await account("concierge")
    (tmp_path / "pw").write_text(bot.password, encoding="utf-8")
    async with Member(homeserver.url, bot.access_token) as self:
        before = await self.call("GET", "devices")
        flags = ("--yes", "--homeserver", homeserver.url, "--account", bot.user, "--password-file", "pw")
        code, said = await concierge(tmp_path, "init", *flags)  # no room is named
        assert (code, "--room" in said) == (2, True)
        after = await self.call("GET", "devices")
    assert [one["device_id"] for one in after["devices"]] == [one["device_id"] for one in before["devices"]]
