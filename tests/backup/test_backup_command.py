"""`concierge backup` and `concierge restore` as an operator meets them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.store import Store
from bot.store.backend import find_backend
from bot.store.rows import connected
from bot.store.schema import upgrade
from tests.backup.conftest import NewUrl
from tests.backup.samples import lived
from tests.command_line import Run

SETTINGS = """\
language: en
store: sqlite:///var/concierge.db
matrix: {homeserver: "http://127.0.0.1:1", user: "@c:x.example", rooms: ["#salon:x.example"]}
"""


@pytest.fixture(autouse=True)
def settings(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(SETTINGS, encoding="utf-8")


def test_there_and_back(run: Run, tmp_path: Path) -> None:
    assert run("backup", "b.zip") == (
        1,
        "",
        "There is nothing to back up: the bot has not run with these settings yet, and "
        f"{tmp_path}/var/concierge.db holds no store.\n",
    )
    asyncio.run(lived(f"sqlite:///{tmp_path}/var/concierge.db"))
    code, out, err = run("backup", "b.zip")
    assert (code, err) == (0, "")
    assert out.startswith("Backup written to b.zip (rows of the store: ")
    assert run("backup", "b.zip")[::2] == (
        1,
        "b.zip is there already. Give another name, or --force to put the new backup in its place.\n",
    )
    assert run("backup", "--force", "b.zip")[0] == 0
    code, _, err = run("backup", "--force", ".")
    assert (code, ". is a folder" in err) == (1, True)
    code, _, err = run("restore", "b.zip")
    assert (code, "it is not empty. Move it away first" in err) == (1, True)
    (tmp_path / "var").rename(tmp_path / "away")
    code, out, err = run("restore", "b.zip")
    assert (code, err) == (0, "")
    assert "Start the bot" in out


def test_a_bot_that_runs_is_told_of(run: Run, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/var/concierge.db"
    asyncio.run(lived(url))
    assert run("backup", "b.zip")[0] == 0

    async def beside() -> None:
        store = await Store.open(url)
        try:
            assert (await asyncio.to_thread(run, "backup", "beside.zip"))[0] == 0
            code, _, err = await asyncio.to_thread(run, "restore", "b.zip")
            assert (code, err) == (1, f"Another process uses the store {tmp_path}/var/concierge.db.\n")
        finally:
            await store.close()

    asyncio.run(beside())


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["restore", "gone.zip"], 1, "gone.zip cannot be read: no such file or folder"),
        (["restore", "config.yaml"], 1, "is no backup of Concierge"),
        (["restore"], 2, "Missing argument"),
        (["backup", "b.zip", "--config", "gone.yaml"], 2, "gone.yaml"),
    ],
)
def test_wrong_use_ends_in_a_sentence(run: Run, arguments: list[str], code: int, words: str) -> None:
    found, _, err = run(*arguments)
    assert (found, words in err) == (code, True), err
    assert "Traceback" not in err


def test_help_has_an_example(run: Run) -> None:
    for command in ("backup", "restore"):
        code, out, _ = run(command, "--help")
        assert (code, f"concierge {command} --config" in out) == (0, True)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_backup_of_an_earlier_version_is_brought_up_to_this_one(
    new_url: NewUrl, kind: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = new_url(kind), new_url(kind)
    with connected(find_backend(before), writing=True) as connection:
        upgrade(connection, "0002")
        connection.exec_driver_sql("INSERT INTO memory VALUES ('store: salt', 'ab')")
        connection.exec_driver_sql(
            "INSERT INTO questions (number, channel, room, event, asker, text, asked) VALUES "
            "(7, 'matrix', '!salon', '$7', 'hash', 'Où est le portail ?', '2026-11-24 09:00:00')"
        )
    monkeypatch.setenv("CONCIERGE_DATABASE_URL", before)
    assert run("backup", "b.zip")[0] == 0
    monkeypatch.setenv("CONCIERGE_DATABASE_URL", after)
    assert run("restore", "b.zip")[0] == 0
    store = await Store.open(after)
    (question,) = await store.queue.questions()
    assert (question.number, question.open_texts) == (7, ("Où est le portail ?",))
    await store.close()
