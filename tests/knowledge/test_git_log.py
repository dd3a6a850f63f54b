"""The history of one entry, as git keeps it."""

from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.knowledge.editor import Editor
from bot.knowledge.git import GitHistory, git
from bot.knowledge.git_log import entry_edits
from bot.knowledge.models import Entry
from bot.locale import wording

FILE = """\
theme: Essai
entries:

  # La première.
  - id: une
    title: "Une réponse"
    questions:
      - "quoi ?"
    answer: |
      Ceci.

      - id: deux

  - title: "L’id derrière"
    id: "deux"   # là
    questions: [ "qui ?" ]
    answer: "Elle."
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "connaissances"
    folder.mkdir()
    git(tmp_path, "init", "--quiet")
    commit(folder, FILE)
    return folder


def commit(folder: Path, text: str, file: str = "essai.yaml", who: str = "Main") -> None:
    (folder / file).write_text(text, encoding="utf-8")
    names = {f"GIT_{role}_{what}": who for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    git(folder.parent, "add", "--all", environment=names)
    git(folder.parent, "commit", "--quiet", "--message=par une main", environment=names)


def editor(folder: Path) -> Editor:
    return Editor(folder, GitHistory("Concierge", wording("fr")))


def titles(entry: Entry | None) -> str | None:
    return entry.title if entry else None


def test_each_change_of_an_entry_is_told_with_its_author_the_latest_first(folder: Path) -> None:
    bot = editor(folder)
    bot.change("une", {"title": "Une autre"}, who="Ana")
    bot.change("deux", {"answer": "Lui."}, who="Bob")
    bot.remove("une", who="Cléo")
    edits = bot.edits("une")
    assert edits is not None
    assert [(one.author, titles(one.before), titles(one.after)) for one in edits] == [
        ("Cléo", "Une autre", None),
        ("Ana", "Une réponse", "Une autre"),
        ("Main", None, "Une réponse"),
    ]
    assert [one.author for one in bot.edits("deux") or ()] == ["Bob", "Main"]
    assert len({one.key for one in edits}) == 3


def test_a_change_by_hand_counts_and_one_of_a_remark_or_of_another_entry_does_not(folder: Path) -> None:
    commit(folder, FILE.replace("# La première.", "# La toute première.").replace("Elle.", "Lui."), who="Dan")
    commit(folder, FILE.replace('"qui ?"', '"qui ?", "qui donc ?"'), who="Eve")
    assert [one.author for one in entry_edits(folder, "une")] == ["Main"]
    assert [one.author for one in entry_edits(folder, "deux")] == ["Eve", "Dan", "Main"]


def test_an_entry_that_moved_to_another_file_keeps_its_past(folder: Path) -> None:
    head, _, second = FILE.partition("\n  - title")
    commit(folder, "theme: Ailleurs\nentries:\n  - title" + second, "ailleurs.yaml", "Dan")
    commit(folder, head + "\n", who="Dan")
    assert [(one.file, titles(one.before), titles(one.after)) for one in entry_edits(folder, "deux")] == [
        ("essai.yaml", "L’id derrière", None),
        ("ailleurs.yaml", None, "L’id derrière"),
        ("essai.yaml", None, "L’id derrière"),
    ]


def test_a_version_that_could_not_be_read_is_passed_over(folder: Path) -> None:
    commit(folder, FILE.replace('title: "Une réponse"', 'titel: "Une réponse"'), who="Dan")
    commit(folder, FILE, who="Eve")
    assert [(one.author, titles(one.before), titles(one.after)) for one in entry_edits(folder, "une")] == [
        ("Eve", None, "Une réponse"),
        ("Dan", "Une réponse", None),
        ("Main", None, "Une réponse"),
    ]


@pytest.mark.parametrize("seconds", ["-5", "253402300799", "99999999999999", "9" * 30])
def test_a_commit_with_a_senseless_date_hides_no_history(folder: Path, seconds: str) -> None:
    commit(folder, FILE.replace("Elle.", "Lui."), who="Dan")
    content = git(folder.parent, "cat-file", "commit", "HEAD")
    (made := folder.parent / "commit").write_text(re.sub(r"(?m)^(author .*>) \d+", rf"\1 {seconds}", content))
    name = git(folder.parent, "hash-object", "-t", "commit", "-w", "--literally", str(made)).strip()
    git(folder.parent, "update-ref", "HEAD", name)
    edits = entry_edits(folder, "deux")
    assert [one.author for one in edits] == ["Dan", "Main"]
    assert edits[0].made.astimezone(ZoneInfo("Pacific/Kiritimati")).year < 2100


@pytest.mark.parametrize("setting", ["diff.noprefix", "diff.mnemonicPrefix", "log.showRoot"])
def test_the_operators_own_settings_of_git_hide_no_history(folder: Path, setting: str) -> None:
    git(folder.parent, "config", setting, str(setting != "log.showRoot").lower())
    assert [one.author for one in entry_edits(folder, "une")] == ["Main"]


def test_nothing_is_known_of_an_id_that_no_file_had(folder: Path) -> None:
    assert entry_edits(folder, "trois") == []
    with pytest.raises(ValueError, match=r"\.\*"):
        entry_edits(folder, ".*")


def test_without_git_there_is_no_history(tmp_path: Path) -> None:
    assert Editor(tmp_path).edits("une") is None
