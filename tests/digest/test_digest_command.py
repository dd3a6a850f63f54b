"""`concierge digest`: shows and publishes from the store, without a network and without a running bot."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import cli
from bot.store import Store

SETTINGS = """\
store: sqlite:///concierge.db
matching: {semantic: false}
matrix: {homeserver: "http://127.0.0.1:1", user: "@c:x.example", rooms: ["#salon:x.example"]}
"""
DIGEST = 'digest: {day: lundi, rooms: ["#salon:x.example"]}\n'
KNOWLEDGE = """\
theme: "A"
entries:
  - {id: du, title: "Le DU", questions: ["Où se former ?"], answer: "Ici."}
"""
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "knowledge").mkdir()
    (tmp_path / "knowledge" / "a.yaml").write_text(KNOWLEDGE, encoding="utf-8")

    def run(*arguments: str, settings: str = SETTINGS + DIGEST) -> tuple[int, str, str]:
        (tmp_path / "config.yaml").write_text(settings, encoding="utf-8")
        monkeypatch.setattr(sys, "argv", ["concierge", "digest", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0), *capsys.readouterr()

    return run


async def a_bot_that_ran(folder: Path) -> None:
    store = await Store.open(f"sqlite:///{folder}/concierge.db")
    await store.remember("matrix.rooms", json.dumps({"#salon:x.example": "!salon:x.example"}))
    for entry in ("alt", "du"):
        await store.note_known({entry: "words"}, datetime.now(UTC))
    await store.close()


def test_without_a_section_or_a_store_it_says_so(run: Run) -> None:
    code, _, err = run(settings=SETTINGS)
    assert (code, "digest" in err) == (2, True)
    code, _, err = run()
    assert (code, "pas encore démarré" in err) == (1, True)


def test_it_shows_publishes_once_and_says_when_it_is_sent(run: Run, tmp_path: Path) -> None:
    import asyncio

    asyncio.run(a_bot_that_ran(tmp_path))
    assert "Le DU" in run()[1]
    assert "Rien de nouveau" in run("--since", "2999-01-01")[1]
    published = run("--publish")[1]
    assert "Mise en route" in published
    assert "prochain démarrage" in published
    code, out, _ = run("--publish", "--json")
    (place,) = json.loads(out)["places"]
    assert (code, place["done"], place["place"]) == (0, "same", "#salon:x.example")
