"""Edits committed with git: one commit each, by the moderator; git can neither hold them up nor run anything."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.knowledge.editor import Editor
from bot.knowledge.git import GitFailed, GitHistory
from tests.knowledge.editing import FILE, FR, NEW, another, known


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


def reason(editor: Editor, theme: str = "formations") -> str:
    """Why an entry that was written was not committed."""
    note = editor.add(NEW, theme).note
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
    file = repository / "formations.yaml"
    file.write_text(FILE.replace("Ici.", "Là."), encoding="utf-8")
    assert keeping(repository).add(NEW, "formations", who="Ana").note is None
    keeping(repository).add(another("b"), "formations", who="Ana")
    log = git(repository, "log", "-3", "--format=%an|%cn|%s").splitlines()
    by_hand = "édité à la main|Concierge|Modification de formations.yaml"
    assert log == ["Ana|Concierge|Ajout de b", "Ana|Concierge|Ajout de neuve", by_hand]
    assert '+    answer: "Là."' in git(repository, "show", "HEAD~2")
    assert '+    answer: "Là."' not in git(repository, "show", "HEAD~1")
    editor = keeping(repository)
    editor.add(another("c"), "formations", who="Ana")
    file.write_text(file.read_text("utf-8").replace("Là.", "Ailleurs."), encoding="utf-8")
    editor.add(another("d"), "formations", who="Bob")
    log = git(repository, "log", "-3", "--format=%an|%cn|%s").splitlines()
    assert log == ["Bob|Concierge|Ajout de d", by_hand, "Ana|Concierge|Ajout de c"]


def test_one_change_after_another_asks_git_no_more_than_their_commits_need(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many imported answers are kept at once, and somebody waits."""
    editor, asked = keeping(repository), list[Path]()
    editor.add(NEW, "formations")
    monkeypatch.setattr(GitHistory, "commit_by_hand", lambda _, file: asked.append(file))
    editor.add(another("b"), "formations")
    assert (asked, commits(repository)) == ([], 3)


@pytest.mark.parametrize(
    ("who", "author"),
    [("--amend", "amend"), ("a <b@c>\nx: y", "a b@c x: y"), ("🚀", "🚀"), ("a\x00\ud800\u202eb", "a b")],
)
def test_no_name_is_an_option(repository: Path, who: str, author: str) -> None:
    assert keeping(repository).add(NEW, "formations", who=who).note is None
    assert (commits(repository), git(repository, "log", "-1", "--format=%an")) == (2, author)


def test_no_hook_of_the_repository_is_run(repository: Path) -> None:
    """One of them might push, or refuse."""
    ran, hooks = repository.parent / "ran", repository.parent / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "post-index-change"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch '{ran}'\nexit 1\n", encoding="utf-8")
        (hooks / name).chmod(0o755)
    assert keeping(repository).add(NEW, "formations").note is None
    assert (commits(repository), ran.exists()) == (2, False)


def test_a_lock_does_not_hold_a_change_up_and_the_reason_is_told_once(repository: Path) -> None:
    editor = keeping(repository)
    (repository.parent / ".git" / "index.lock").touch()
    assert "git n’a pas enregistré" in reason(editor)
    assert editor.add(another("b"), "formations").note is None
    assert "b" in known(repository)


def test_without_a_repository_the_file_is_written_all_the_same(folder: Path) -> None:
    assert reason(keeping(folder))
    assert "neuve" in known(folder)


def test_git_that_hangs_is_ended_and_leaves_no_lock(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.knowledge.git.PATIENCE", 1.0)
    (repository.parent / ".git" / "logs" / "HEAD").unlink()
    os.mkfifo(repository.parent / ".git" / "logs" / "HEAD")  # where nobody reads
    assert "git n’a pas enregistré" in reason(keeping(repository))
    assert "neuve" in known(repository)
    assert [*(repository.parent / ".git").rglob("*.lock")] == []


def test_no_secret_and_no_other_repository_reaches_git(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, spy = tmp_path / "seen", tmp_path / "git"
    spy.write_text(f"#!/bin/sh\nenv >> '{seen}'\nexec '{shutil.which('git')}' \"$@\"\n", encoding="utf-8")
    spy.chmod(0o755)
    with monkeypatch.context() as patch:
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


@pytest.mark.parametrize("place", ["rebase-merge", "MERGE_HEAD"])
def test_what_the_operator_has_under_way_is_not_meddled_with(repository: Path, place: str) -> None:
    (repository.parent / ".git" / place).mkdir()
    assert place in reason(keeping(repository))
    assert commits(repository) == 1
    assert "neuve" in known(repository)


def test_files_that_git_is_to_ignore_are_written_and_the_reason_is_said(repository: Path) -> None:
    (repository.parent / ".gitignore").write_text("pret.yaml\n", encoding="utf-8")
    assert "ignored" in reason(keeping(repository), "Prêt")
    assert (repository / "pret.yaml").exists()


def test_a_folder_s_name_is_no_pattern(folder: Path) -> None:
    odd = folder.rename(folder.with_name("k[ab]*: -x"))
    git(odd.parent, "init", "-q")
    assert keeping(odd).add(NEW, "formations").note is None
    assert commits(odd) == 2  # what stood there, and the new entry


def test_a_change_that_somebody_else_has_committed_is_none_of_git_s_faults(repository: Path) -> None:
    history = GitHistory("Concierge", FR)
    assert history.commit(repository / "formations.yaml", "fiche", "changed", "Ana") is None
    assert commits(repository) == 1


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("fatal: Unable to create '/srv/concierge/.git/index.lock': File exists.", "'…/index.lock': File exists."),
        ("fatal: detected dubious ownership in repository at '/srv/concierge'\nTo add…", "repository at '…/concierge'"),
        ("error: the paths are ignored: knowledge/themes/x.yaml", "ignored: knowledge/themes/x.yaml"),
    ],
)
def test_why_there_is_no_commit_does_not_tell_where_the_files_lie(said: str, reason: str) -> None:
    assert GitFailed(said).reason.endswith(reason)
