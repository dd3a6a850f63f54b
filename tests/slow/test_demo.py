"""`make demo`, whole: three scenes in a real room, of which the last one is the digest, then whoever sits there."""

import asyncio
import os
import re
import sys
import time
from pathlib import Path

import httpx
import pytest

from bot.demo.console import Transcript
from bot.demo.stage import INTERRUPTED, beside_bot
from tests.terminal import terminal
from tests.waiting import PATIENCE


@pytest.mark.usefixtures("shipped_embeddings")
async def test_whoever_sits_at_the_keyboard_speaks_for_members_and_moderators(tmp_path: Path) -> None:
    environ = os.environ | {"TERM": "xterm", "COLUMNS": "200", "TMPDIR": str(tmp_path)}
    async with terminal([sys.executable, "-m", "bot", "demo"], env=environ) as screen:
        begun = await screen.waits_for("Ctrl-D pour finir")
        week = begun.partition("Semaine du")[2]
        assert week.index("Nouvelles réponses") < week.index("Quel filament") < week.index("Tout est là")
        await screen.answer("concierge : où trouver une fiche de poste de concierge ?")
        assert (await screen.waits_for("nextformation.com")).count("où trouver une fiche de poste de concierge") == 1
        await screen.answer("concierge quelle formation pour devenir fabmanager ?")  # each line is said to it
        await screen.waits_for("Devenir fabmanager")
        for typed, told in (
            *(("/bof", "tombée à côté"), ("/moderation !questions", "Questions ouvertes")),
            ("/non", "le message est retiré"),
        ):
            await screen.answer(typed)
            await screen.waits_for(told)
        (address,) = set(re.findall(r"sur cette machine : (http://127\.0\.0\.1:\d+)", begun.replace("\u00a0", " ")))
        async with httpx.AsyncClient() as http:
            assert "r/fiche-fabmanager" in (await http.get(f"{address}/t/fiches-de-poste")).text
            await screen.answer("/prive !page")
            link = re.search(rf"{address}/desk/\w+/\w+", await screen.waits_for("Ce lien ne sert qu’une fois"))
            assert link
            assert "sacha" in (await http.get(link[0])).text.lower()
        await screen.answer("/truc")
        await screen.waits_for("/aide dit ce qu’il y a")
        before = time.monotonic()
        screen.interrupt()
        assert await screen.end() == INTERRUPTED
        assert time.monotonic() - before < PATIENCE / 2
        assert ("Au revoir" in screen.shown, "Traceback" in screen.shown) == (True, False)
        assert list(tmp_path.iterdir()) == []
        assert screen.has_echo


async def test_who_waits_for_a_bot_that_has_ended_is_told_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    async def ends() -> int:
        raise OSError("plus de place")

    async def waits() -> int:
        await asyncio.Event().wait()
        return 0

    assert await beside_bot(ends(), asyncio.Event(), waits(), Transcript()) == 1
    assert "Concierge s’est arrêté, plus personne ne répond (plus de place)." in capsys.readouterr().out
