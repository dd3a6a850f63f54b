"""From an empty folder and an account on a homeserver to a bot that answers: `init` on a real terminal, then `run`."""

from __future__ import annotations

import asyncio
import os
import pty
import select
import signal
import stat
import subprocess
import sys
import termios
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import yaml

from bot.demo.homeserver import Homeserver
from bot.locale import wording
from tests.conftest import NewAccount, NewMember
from tests.member import Member, Raw
from tests.waiting import PATIENCE

ROOT = Path(__file__).parents[2]
FR = wording("fr")
COMMAND = (sys.executable, "-m", "bot")


def environment(home: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(ROOT), "COLUMNS": "80", "TERM": "dumb"}


class Terminal:
    """A program on a pseudo-terminal of 80 columns."""

    def __init__(self, folder: Path, *command: str) -> None:
        self.own, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (24, 80))
        self.process = subprocess.Popen(  # noqa: S603
            [*COMMAND, *command], cwd=folder, env=environment(folder), stdin=theirs, stdout=theirs, stderr=theirs
        )
        os.close(theirs)
        self.shown = ""

    async def until(self, text: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while text not in self.shown:
                self.shown += await asyncio.to_thread(self._read) or ""

    async def answer(self, text: str, *, hidden: bool = False) -> None:
        """What is typed before a hidden prompt has turned the echo off is thrown away by it."""
        async with asyncio.timeout(PATIENCE):
            while hidden and termios.tcgetattr(self.own)[3] & termios.ECHO:  # noqa: ASYNC110 (a terminal tells nobody)
                await asyncio.sleep(0.01)
        self.shown = ""
        os.write(self.own, f"{text}\n".encode())

    async def end(self) -> int:
        async with asyncio.timeout(PATIENCE):
            while (chunk := await asyncio.to_thread(self._read)) is not None:
                self.shown += chunk
        os.close(self.own)
        return await asyncio.to_thread(self.process.wait)

    def _read(self) -> str | None:
        """What came within a moment; None: the other end is closed."""
        if not select.select([self.own], [], [], 0.1)[0]:
            return ""
        try:
            return os.read(self.own, 4096).decode("utf-8", "replace")
        except OSError:
            return None


async def concierge(folder: Path, *command: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *command, cwd=folder, env=environment(folder), stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    out, err = await process.communicate()
    return process.returncode, (out + err).decode()


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(*COMMAND, "run", cwd=folder, env=environment(folder), stderr=PIPE)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        await process.communicate()
    assert process.returncode == 0


async def test_from_an_empty_folder_to_a_bot_that_answers(
    tmp_path: Path, homeserver: Homeserver, account: NewAccount, member: NewMember
) -> None:
    ana, bot = await member("ana"), await account("concierge")
    room = await ana.create_room(name="Le moulin", invite=[bot.user])
    screen = Terminal(tmp_path, "init", "--homeserver", homeserver.url)
    for asked, answer in (
        ("account", bot.user),
        ("password", "not the password"),
        ("password", bot.password),
        ("rooms", "1"),
        ("moderators_room", ""),
        ("forum", ""),
    ):
        await screen.until(FR(f"init.{asked}")[:40])
        if asked == "rooms":
            assert f"1. {room}" in screen.shown
            assert "Le moulin" in screen.shown
        await screen.answer(answer, hidden=asked == "password")
    assert await screen.end() == 0
    assert "concierge run" in screen.shown
    settings = yaml.safe_load((tmp_path / "config.yaml").read_text(encoding="utf-8"))
    assert settings["matrix"] == {"homeserver": homeserver.url, "user": bot.user, "rooms": [room]}
    secret = tmp_path / "secrets" / "matrix_password"
    assert (secret.read_text().strip(), stat.S_IMODE(secret.stat().st_mode)) == (bot.password, 0o600)
    assert settings.keys() == {"language", "timezone", "name", "knowledge", "matrix"}

    def from_the_bot(raw: Raw) -> bool:
        return raw["type"] == "m.room.message" and raw["sender"] == bot.user

    async with running(tmp_path):
        await ana.wait_for(room, from_the_bot)  # it introduces itself
        question = await ana.say(room, "concierge : comment ajouter une réponse ?")
        answer_of = await ana.wait_for(
            room, lambda raw: from_the_bot(raw) and question in str(raw["content"].get("m.relates_to"))
        )
    assert "!ajouter" in answer_of["content"]["body"]


async def test_flags_answer_all_and_nothing_is_overwritten(
    tmp_path: Path, homeserver: Homeserver, account: NewAccount, member: NewMember
) -> None:
    ana, bot = await member("ana"), await account("concierge")
    room = await ana.create_room(preset="public_chat")
    (tmp_path / "pw").write_text(bot.password, encoding="utf-8")
    flags = ["--yes", "--homeserver", homeserver.url, "--account", bot.user, "--password-file", "pw", "--room", room]
    code, said = await concierge(tmp_path, "init", *flags)
    assert code == 0, said
    assert FR("doctor.sum_right") in said
    assert FR("doctor.no_team") in said
    before = (tmp_path / "config.yaml").read_bytes()
    code, said = await concierge(tmp_path, "init", *flags)
    assert (code, FR("program.kept", file="config.yaml", option="--config") in said) == (1, True)
    assert (tmp_path / "config.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("flags", "code", "said"),
    [
        ((), 2, FR("init.no_network")),
        (("--account", "concierge"), 1, "@concierge:exemple.org"),
        (("--account", "@concierge:localhost"), 2, "--password-file"),
        (("--account", "@concierge:localhost", "--password-file", "pw"), 1, "CONCIERGE_MATRIX_PASSWORD"),
        (("--account", "@concierge:localhost", "--password-file", "none"), 2, "none"),
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
