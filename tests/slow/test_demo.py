"""`make demo ARGS=--once`, whole: three scenes in a real room, of which the last one is the digest."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path

import pytest

from bot.demo.stage import demo
from bot.linkcheck.probe import ProbePolicy
from bot.workers import link_check

SHIPPED = Path(__file__).parents[2] / "knowledge"


async def test_the_demo_ends_with_the_week_that_tells_of_what_was_learnt_before(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, "bot")  # as the demo sets it, but for this test alone
    assert await demo(SHIPPED, once=True) == 0
    shown = " ".join(capsys.readouterr().out.split())
    week = shown[shown.index("Semaine du") :]
    assert "Nouvelles réponses - Quel filament" in week
    assert "Tout est là" in week


async def test_a_demo_that_is_left_open_asks_for_no_address_of_the_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def resolve(host: str, _: int) -> list[str]:
        asked.append(host)
        return []

    monkeypatch.setattr(link_check, "POLITE", ProbePolicy(resolve=resolve))
    monkeypatch.setattr(link_check, "FIRST", timedelta())  # ten minutes on
    monkeypatch.setattr(link_check, "TICK", 0.1)
    assert await demo(SHIPPED, once=True) == 0
    assert asked == []
