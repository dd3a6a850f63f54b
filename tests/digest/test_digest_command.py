"""`concierge digest` where there is no network: it shows, and says what could not be posted."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.app import digest_command
from bot.store import Store
from tests.command_line import Run

SETTINGS = """\
store: sqlite:///concierge.db
matching: {encoder: false}
matrix: {homeserver: "http://127.0.0.1:1", user: "@c:x.example", rooms: ["#salon:x.example"]}
"""
DIGEST = 'digest: {when: lundi, rooms: ["#salon:x.example"]}\n'
KNOWLEDGE = """\
theme: "A"
entries:
  - {id: du, title: "Le DU", questions: ["Où se former ?"], answer: "Ici."}
"""


@pytest.fixture(autouse=True)
def set_up(tmp_path: Path) -> None:
    (tmp_path / "knowledge").mkdir()
    (tmp_path / "knowledge" / "a.yaml").write_text(KNOWLEDGE, encoding="utf-8")
    (tmp_path / "config.yaml").write_text(SETTINGS + DIGEST, encoding="utf-8")


async def a_bot_that_ran(folder: Path) -> None:
    store = await Store.open(f"sqlite:///{folder}/concierge.db")
    await store.memory.set("matrix.rooms", json.dumps({"#salon:x.example": "!salon:x.example"}))
    for entry in ("alt", "du"):
        await store.digests.note_entries({entry: "words"}, datetime.now(UTC))
    await store.close()


def test_without_a_section_or_a_store_it_says_so(run: Run) -> None:
    code, _, err = run("digest", settings=SETTINGS)
    assert (code, "digest" in err) == (2, True)
    code, _, err = run("digest", settings=SETTINGS + DIGEST)
    assert (code, "pas encore démarré" in err) == (1, True)


def test_it_is_shown_without_a_network(run: Run, tmp_path: Path) -> None:
    asyncio.run(a_bot_that_ran(tmp_path))
    code, out, _ = run("digest")
    assert (code, "Le DU" in out) == (0, True)
    assert "Rien de nouveau" in run("digest", "--since", "2999-01-01")[1]


def test_where_no_network_is_reached_it_waits_and_the_command_says_that_it_failed(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digest_command, "LOGIN_TIMEOUT", 0.1)
    asyncio.run(a_bot_that_ran(tmp_path))
    code, out, err = run("digest", "--publish")
    assert (code, "prochain démarrage" in flat(out), "matrix: " in err) == (1, True, True)
    code, out, _ = run("digest", "--publish", "--json")
    (place,) = json.loads(out)["places"]
    assert (code, place["done"], place["place"]) == (1, "waiting", "#salon:x.example")


def flat(text: str) -> str:
    """Without the breaks of the terminal's lines."""
    return " ".join(text.split())
