"""`make demo ARGS=--once`, whole: three scenes in a real room, of which the last one is the digest."""

from __future__ import annotations

import asyncio
import codecs
import logging
import os
import pty
import re
import select
import signal
import sys
import termios
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.demo.console import Transcript
from bot.demo.stage import INTERRUPTED, beside_bot, demo
from bot.linkcheck.probe import ProbePolicy
from bot.workers import link_check
from tests.waiting import PATIENCE

pytestmark = pytest.mark.usefixtures("shipped_embeddings")

CTRL_C = "\x03"
SHIPPED = Path(__file__).parents[2] / "knowledge"


async def test_the_demo_ends_with_the_week_that_tells_of_what_was_learnt_and_asks_for_no_address_of_the_answers(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.ERROR, "bot")  # as the demo sets it, but for this test alone
    asked: list[str] = []

    async def resolve(host: str, _: int) -> list[str]:
        asked.append(host)
        return []

    monkeypatch.setattr(link_check, "POLITE", ProbePolicy(resolve=resolve))
    monkeypatch.setattr(link_check, "FIRST", timedelta())  # ten minutes on
    monkeypatch.setattr(link_check, "TICK", 0.1)
    assert await demo(SHIPPED, once=True) == 0
    shown = " ".join(capsys.readouterr().out.split())
    week = shown[shown.index("Semaine du") :]
    assert "Nouvelles réponses - Quel filament" in week
    assert "Tout est là" in week
    assert asked == []


class Terminal:
    """The demo on a terminal of its own, its temporary files in a folder of its own."""

    def __init__(self, temporary: Path) -> None:
        self.shown, self._read = "", 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")  # a block may end within a character
        self.process, self._keyboard = pty.fork()
        if self.process == 0:
            os.environ.update(TERM="xterm", COLUMNS="200", TMPDIR=str(temporary))
            os.execv(sys.executable, [sys.executable, "-m", "bot", "demo"])  # noqa: S606

    def type(self, keys: str) -> None:
        self._read = len(self.shown)
        os.write(self._keyboard, keys.encode())

    def waits_for(self, text: str) -> str:
        """What was shown since the last key, up to this text."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.shown[self._read :]:
            assert time.monotonic() < deadline, self.shown[-3000:]
            assert self._shows_more(), self.shown[-3000:]
        return self.shown[self._read :]

    def end(self) -> int:
        while self._shows_more():
            continue
        process, self.process = self.process, 0
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])

    def has_echo(self) -> bool:
        return bool(termios.tcgetattr(self._keyboard)[3] & termios.ECHO)

    def _shows_more(self) -> bool:
        """False: the program has ended."""
        if not select.select([self._keyboard], [], [], PATIENCE)[0]:
            return False
        try:
            block = os.read(self._keyboard, 65536)
        except OSError:
            return False
        self.shown += self._decoder.decode(block)
        return bool(block)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    made = Terminal(tmp_path)
    yield made
    os.close(made._keyboard)
    if made.process:
        os.kill(made.process, signal.SIGKILL)
        os.waitpid(made.process, 0)


def test_whoever_sits_at_the_keyboard_speaks_for_members_and_moderators(terminal: Terminal, tmp_path: Path) -> None:
    terminal.waits_for("Ctrl-D pour finir")
    terminal.type("concierge : où trouver une fiche de poste de concierge ?\n")
    assert terminal.waits_for("nextformation.com").count("où trouver une fiche de poste de concierge") == 1
    terminal.type("concierge quelle formation pour devenir fabmanager ?\n")  # each line is said to it
    terminal.waits_for("Devenir fabmanager")
    terminal.type("/bof\n")
    terminal.waits_for("Nouvelle question")
    terminal.type("/moderation !questions\n")
    terminal.waits_for("Questions ouvertes")
    terminal.type("/non\n")
    terminal.waits_for("le message est retiré")
    (address,) = set(
        re.findall(r"sur cette machine : (http://127\.0\.0\.1:\d+)", terminal.shown.replace("\u00a0", " "))
    )
    assert "r/fiche-fabmanager" in httpx.get(f"{address}/t/fiches-de-poste").text
    terminal.type("/prive !page\n")
    link = re.search(rf"{address}/desk/\w+/\w+", terminal.waits_for("Ce lien sert une fois"))
    assert link
    assert "sacha" in httpx.get(link[0]).text.lower()
    terminal.type("/truc\n")
    terminal.waits_for("/aide dit ce qu’il y a")
    begun = time.monotonic()
    terminal.type(CTRL_C)
    assert terminal.end() == INTERRUPTED
    assert time.monotonic() - begun < PATIENCE / 2
    assert "Au revoir" in terminal.shown
    assert "Traceback" not in terminal.shown
    assert list(tmp_path.iterdir()) == []
    assert terminal.has_echo()


async def test_who_waits_for_a_bot_that_has_ended_is_told_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    async def ends() -> int:
        raise OSError("plus de place")

    async def waits() -> int:
        await asyncio.Event().wait()
        return 0

    assert await beside_bot(ends(), asyncio.Event(), waits(), Transcript()) == 1
    assert "Concierge s’est arrêté, plus personne ne répond (plus de place)." in capsys.readouterr().out
