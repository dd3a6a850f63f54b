"""`concierge backup` and `concierge restore` as an operator meets them."""

import asyncio
from pathlib import Path

import pytest

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
    nothing = "There is nothing to back up: the bot has not run with these settings yet, and "
    assert run("backup", "b.zip") == (1, "", f"{nothing}{tmp_path}/var/concierge.db holds no store.\n")
    asyncio.run(lived(f"sqlite:///{tmp_path}/var/concierge.db"))
    code, out, err = run("backup", "b.zip")
    assert (code, err) == (0, "")
    assert out.startswith("Backup written to b.zip (rows of the store: ")
    there = "b.zip is there already. Give another name, or --force to put the new backup in its place.\n"
    assert run("backup", "b.zip")[::2] == (1, there)
    assert run("backup", "--force", "b.zip")[0] == 0
    code, _, err = run("backup", "--force", ".")
    assert (code, ". is a folder" in err) == (1, True)
    for file, words in (
        ("b.zip", "it is not empty. Move it away first"),
        ("gone.zip", "gone.zip cannot be read: no such file or folder"),
        ("config.yaml", "is no backup of Concierge"),
    ):
        code, _, err = run("restore", file)
        assert (code, words in err) == (1, True), err
    (tmp_path / "var").rename(tmp_path / "away")
    code, out, err = run("restore", "b.zip")
    assert (code, err) == (0, "")
    assert "Start the bot" in out
