"""Edits committed with git: one commit each, by the moderator; git can neither hold them up nor run anything."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.knowledge.editor import Editor
from bot.knowledge.git import GitFailed, GitHistory
from bot.knowledge.models import Entry
from tests.knowledge.editing import FR, NEW, another, known


def git(folder: Path, *arguments: str) -> str:
    """What the operator's git says."""
    command = ["git", "-c", "user.name=Op", "-c", "user.email=op@example.org", *arguments]
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)  # noqa: S603
    return said.stdout.strip()


@pytest.fixture
def repository(folder: Path) -> Path:
    git(folder.parent, "init", "-q", "-b", "main")
    git(folder.parent, "add", ".")
    git(folder.parent, "commit", "-qm", "first")
    return folder


def keeping(folder: Path) -> Editor:
    return Editor(folder, GitHistory("Concierge", FR))


def said(editor: Editor, theme: str = "formations", entry: Entry = NEW) -> str:
    """Why an entry that was written was not committed."""
    note = editor.add(entry, theme).note
    assert note
    return note.say(FR)


def commits(folder: Path) -> int:
    return int(git(folder, "rev-list", "--count", "HEAD", "--"))


def test_a_change_is_one_commit_of_that_file_by_the_moderator(repository: Path) -> None:
    (repository / "autre.txt").write_text("x", encoding="utf-8")
    git(repository, "add", "autre.txt")
    assert keeping(repository).add(NEW, "formations", who="Ana Ñandú").note is None
    assert git(repository, "log", "-1", "--format=%an|%cn|%s") == "Ana Ñandú|Concierge|Ajout de neuve"
    assert git(repository, "show", "--name-only", "--format=") == "knowledge/formations.yaml"
    assert git(repository, "status", "--porcelain") == "A  knowledge/autre.txt"
    keeping(repository).add(another("b"), "Nouveau thème")
    assert git(repository, "show", "--name-only", "--format=") == "knowledge/nouveau-theme.yaml"


def test_what_was_edited_by_hand_is_a_commit_of_its_own(repository: Path) -> None:
    """And not under the name of the moderator who comes next."""
    file, editor = repository / "formations.yaml", keeping(repository)
    for before, after, entry, who in (("Ici.", "Là.", NEW, "Ana"), ("Là.", "Ailleurs.", another("b"), "Bob")):
        file.write_text(file.read_text("utf-8").replace(before, after), encoding="utf-8")
        assert editor.add(entry, "formations", who=who).note is None
        assert f'+    answer: "{after}"' in git(repository, "show", "HEAD~1")
        assert f'+    answer: "{after}"' not in git(repository, "show", "HEAD")
    log = git(repository, "log", "-4", "--format=%an|%cn|%s").splitlines()
    by_hand = "édité à la main|Concierge|Modification de formations.yaml"
    assert log == ["Bob|Concierge|Ajout de b", by_hand, "Ana|Concierge|Ajout de neuve", by_hand]


def test_no_name_is_an_option_and_no_hook_of_the_repository_is_run(repository: Path) -> None:
    names = {"--amend": "amend", "a <b@c>\nx: y": "a b@c x: y", "🚀": "🚀", "a\x00\ud800\u202eb": "a b"}
    for number, (who, author) in enumerate(names.items()):
        assert keeping(repository).add(another(f"id{number}"), "formations", who=who).note is None
        assert (commits(repository), git(repository, "log", "-1", "--format=%an")) == (number + 2, author)
    # one of them might push, or refuse
    ran, hooks = repository.parent / "ran", repository.parent / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "post-index-change"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch '{ran}'\nexit 1\n", encoding="utf-8")
        (hooks / name).chmod(0o755)
    assert keeping(repository).add(NEW, "formations").note is None
    assert (commits(repository), ran.exists()) == (6, False)


def test_what_keeps_git_from_committing_is_told_once_and_holds_no_change_up(repository: Path) -> None:
    """A lock, files that it is to ignore, and what the operator has under way, which is not meddled with."""
    tree = repository.parent
    (tree / ".gitignore").write_text("pret.yaml\n", encoding="utf-8")
    assert "ignored" in said(keeping(repository), "Prêt")
    for number, place in enumerate(("rebase-merge", "MERGE_HEAD")):
        (tree / ".git" / place).mkdir()
        assert place in said(keeping(repository), "formations", another(f"id{number}"))
        (tree / ".git" / place).rmdir()
    (tree / ".git" / "index.lock").touch()
    editor = keeping(repository)
    assert "git n’a pas enregistré" in said(editor, "formations", another("a"))
    assert editor.add(another("b"), "formations").note is None
    assert commits(repository) == 1
    assert {"neuve", "id0", "id1", "a", "b"} <= known(repository).keys()


def test_git_that_hangs_is_ended_and_leaves_no_lock(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.knowledge.git.PATIENCE", 1.0)
    (repository.parent / ".git" / "logs" / "HEAD").unlink()
    os.mkfifo(repository.parent / ".git" / "logs" / "HEAD")  # where nobody reads
    assert "git n’a pas enregistré" in said(keeping(repository))
    assert "neuve" in known(repository)
    assert [*(repository.parent / ".git").rglob("*.lock")] == []


def test_no_secret_and_no_other_repository_reaches_git(repository: Path, tmp_path: Path) -> None:
    seen, spy = tmp_path / "seen", tmp_path / "git"
    spy.write_text(f"#!/bin/sh\nenv >> '{seen}'\nexec '{shutil.which('git')}' \"$@\"\n", encoding="utf-8")
    spy.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONCIERGE_MATRIX_PASSWORD", "s3cret")
        patch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        patch.setenv("GIT_DIR", "/nowhere")
        patch.setenv("GIT_INDEX_FILE", "/nowhere/index")
        assert keeping(repository).add(NEW, "formations", who="Ana").note is None
    assert "s3cret" not in seen.read_text(encoding="utf-8")
    assert commits(repository) == 2


SETTINGS = """\
[core]
    fsmonitor = "{command}"
    hooksPath = hooks
[log]
    showSignature = true
[gpg]
    program = "{command}"
[filter "spy"]
    clean = "{command}; cat"
[diff "spy"]
    textconv = "{command}; cat"
    command = "{command}"
"""


@pytest.mark.parametrize("place", ["knowledge", "."])
@pytest.mark.parametrize(("attribute", "kept"), [("filter", 1), ("diff", 2)])
def test_nothing_runs_that_stands_in_the_files(repository: Path, place: str, attribute: str, kept: int) -> None:
    """As contributors may commit them: attributes, and a bare repository that has the folder as its work tree."""
    tree, ran = repository.parent, repository.parent / "ran"
    (repository / ".gitattributes").write_text(f"* {attribute}=spy\n", encoding="utf-8")
    for name in ("objects", "refs"):
        (tree / place / name).mkdir()
    (tree / place / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")
    settings = SETTINGS.format(command=f"touch '{ran}'")
    (tree / place / "config").write_text(f"[core]\n    worktree = .\n{settings}", encoding="utf-8")
    (tree / ".git" / "commands").write_text(settings, encoding="utf-8")  # the operator's, for other files
    git(tree, "config", "include.path", "commands")
    note = keeping(repository).add(NEW, "formations", who="Ana").note
    assert not ran.exists()
    assert (note is None, commits(tree)) == (kept == 2, kept)
    assert note is None or "filter=spy" in note.say(FR)


def test_without_a_repository_the_file_is_written_all_the_same_and_a_folder_s_name_is_no_pattern(folder: Path) -> None:
    odd = folder.rename(folder.with_name("k[ab]*: -x"))
    assert said(keeping(odd))
    assert "neuve" in known(odd)
    git(odd.parent, "init", "-q")
    assert keeping(odd).add(another("b"), "formations").note is None
    assert commits(odd) == 2  # what stood there, and the new entry


def test_why_there_is_no_commit_does_not_tell_where_the_files_lie() -> None:
    for message, reason in (
        ("fatal: Unable to create '/srv/concierge/.git/index.lock': File exists.", "'…/index.lock': File exists."),
        ("fatal: detected dubious ownership in repository at '/srv/concierge'\nTo add…", "repository at '…/concierge'"),
        ("error: the paths are ignored: knowledge/themes/x.yaml", "ignored: knowledge/themes/x.yaml"),
    ):
        assert GitFailed(message).reason.endswith(reason), message
