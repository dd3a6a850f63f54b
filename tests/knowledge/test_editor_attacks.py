"""What somebody may type, link, lock or break: a knowledge file is changed as meant, or not at all, with a sentence."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.knowledge.edit_result import EditError, EditRejected, Unwritable
from bot.knowledge.editor import Editor
from bot.knowledge.entry_input import draft, file_for, id_for, parse_changes, parse_entry
from bot.knowledge.git import GitFailed, GitHistory
from bot.knowledge.library import Library, LoadResult
from bot.knowledge.models import Entry
from bot.knowledge.rendering import yaml_of
from bot.knowledge.yaml.problems import Problem
from bot.knowledge.yaml.reader import LARGEST
from bot.locale import wording
from tests.waiting import PATIENCE

FR = wording("fr")
TODAY = date(2026, 11, 24)
FILE = """\
theme: "Formations"
entries:
  - id: fiche
    title: "Fiche de poste"
    questions: ["Où est la fiche ?"]
    answer: "Ici."
"""
NEW = draft({"id": "neuve", "title": "Neuve", "questions": ["quoi de neuf ?"], "answer": "Ceci."})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "knowledge"
    folder.mkdir()
    (folder / "formations.yaml").write_text(FILE, encoding="utf-8")
    return folder


def another(id: str) -> Entry:
    return NEW.model_copy(update={"id": id})


def known(folder: Path) -> dict[str, Entry]:
    return dict(Library(folder).load(TODAY).knowledge.entries)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


# Words


MISLEADING = "\u202e \u2066 \u2069 \x00 \x1b \ufeff \ud800 \uffff \u00ad".split(" ")


@pytest.mark.parametrize("sign", MISLEADING)
def test_signs_that_mislead_do_not_reach_a_file(folder: Path, sign: str) -> None:
    fields: dict[str, Any] = dict.fromkeys(("title", "answer", "source"), f"a{sign}b")
    written = Editor(folder).add(draft({"id": "x", "questions": [f"{sign}a"], **fields}), "formations")
    assert known(folder)["x"] == written.entry
    assert not set(written.diff) & set(MISLEADING)


@pytest.mark.parametrize(
    "text", ["👩\u200d🔧 ❤\ufe0f 🇫🇷", "\U0001fae8 \U0001facd", "ŒUVRE — « ça » l’été", "שלום\u200f"]
)
def test_emojis_and_all_scripts_stay(folder: Path, text: str) -> None:
    entry = draft({"id": "x", "title": text, "questions": ["q"], "answer": text})
    Editor(folder).add(entry, "formations")
    assert known(folder)["x"].title == known(folder)["x"].answer == text


def test_a_very_long_answer_is_written_and_a_file_that_would_grow_too_large_is_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.knowledge.yaml.reader.LARGEST", 250_000)
    long = draft({"id": "x", "title": "X " * 5000, "questions": ["q"], "answer": "mot " * 50_000})
    Editor(folder).add(long, "formations")
    assert known(folder)["x"] == long
    before = content(folder)
    larger = draft({"id": "y", "title": "Y", "questions": ["q"], "answer": "mot " * 15_000})
    with pytest.raises(EditRejected) as refused:
        Editor(folder).add(larger, "formations")
    assert "dépasse un Mo" in refused.value.say(FR)
    assert refused.value.yaml == yaml_of(larger)
    assert content(folder) == before


@pytest.mark.parametrize("key", ["x\n  - id", "url", "é", "", "id: evil", "\x00"])
def test_an_unknown_field_is_told_whatever_its_name(key: str) -> None:
    with pytest.raises(EditRejected):
        draft({"id": "x", "title": "X", "questions": ["q"], "answer": "a", key: "v"})


def drafted(text: str) -> Entry:
    return draft({"title": text, "id": text, "answer": text, "links": [text]})


def answered(read: Callable[[str], object], text: str) -> str:
    """Nothing else may come out of it than an entry or sentences."""
    try:
        read(text)
    except EditRejected as refusal:
        return refusal.say(FR)
    return "taken"


@given(st.text(max_size=80), st.sampled_from(["", "id: x\n", "- id: x\n  title: ", "answer: |\n", "links:\n- "]))
@settings(max_examples=int(os.environ.get("CONCIERGE_EXAMPLES", "150")), deadline=None)
def test_whatever_is_typed_is_an_entry_or_refused(text: str, before: str) -> None:
    for read in (
        parse_entry,
        parse_changes,
        lambda text: draft({"title": text, "id": text, "answer": text, "links": [text]}),
    ):
        assert answered(read, before + text)
    assert id_for(text, set())


def test_two_entries_at_once_are_not_taken_for_one() -> None:
    with pytest.raises(EditRejected) as refused:
        parse_entry(
            "- id: a\n  title: A\n  questions: [q]\n  answer: a\n- id: b\n  title: B\n  questions: [q]\n  answer: b"
        )
    assert "à la fois" in refused.value.say(FR)


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest", "http://localhost/", "mailto:ana@example.org"])
def test_an_address_inside_a_network_is_a_link_like_another_here(url: str) -> None:
    """A member may be inside; it is the check of links that asks no such address."""
    assert draft({"id": "x", "title": "X", "questions": ["q"], "links": [{"title": "t", "url": url}]}).links


def test_an_entry_with_odd_signs_of_its_own_can_be_changed(folder: Path) -> None:
    (folder / "formations.yaml").write_text(FILE.replace("de poste", "de po\u00adste\u200b"), encoding="utf-8")
    changed = Editor(folder).change("fiche", {"answer": "Là."})
    assert changed.diff == '-     answer: "Ici."\n+     answer: "Là."\n'
    phrased = Editor(folder).add_phrase("fiche", "elle est où")
    assert phrased.entry
    assert phrased.entry.title == "Fiche de po\u00adste\u200b"


def test_what_changes_nothing_writes_nothing(folder: Path) -> None:
    before = (folder / "formations.yaml").stat()
    assert Editor(folder).change("fiche", {"answer": "Ici."}).diff == ""
    assert (folder / "formations.yaml").stat() == before


def test_an_id_cannot_be_changed(folder: Path) -> None:
    with pytest.raises(EditRejected) as refused:
        Editor(folder).change("fiche", {"id": "autre"})
    assert "ne change jamais" in refused.value.say(FR)


def test_what_a_change_brings_up_elsewhere_is_said(folder: Path) -> None:
    (folder / "autre.yaml").write_text('theme: "A"\nentries: []\n', encoding="utf-8")
    entry = draft({"id": "x", "title": "X", "questions": ["où est la FICHE"], "answer": "a", "see_also": ["fich"]})
    warnings = [problem.say(FR) for problem in Editor(folder).add(entry, "A", dry=True).warnings]
    assert len(warnings) == 2
    assert "sans doute" in warnings[0] + warnings[1]
    assert "déjà une formulation" in warnings[0] + warnings[1]
    assert [problem.key for problem in Editor(folder).remove("fiche").warnings] == []


def test_what_a_change_brings_up_in_other_files_is_said_and_nothing_else(folder: Path) -> None:
    editor = Editor(folder)
    for id, see_also in {"a": ["fiche"], "b": ["rien"], "c": []}.items():
        fields = {"id": id, "title": id, "questions": ["à quoi bon ?"], "answer": "a", "see_also": see_also}
        editor.add(draft(fields), id)

    def said(warnings: Iterable[Problem]) -> list[tuple[str, str]]:
        return [(Path(one.file).name, one.key) for one in warnings]

    assert said(editor.remove("fiche", dry=True).warnings) == [("a.yaml", "see_also")]
    assert said(editor.add(another("riens"), "formations", dry=True).warnings) == [("b.yaml", "see_also_near")]
    [other] = editor.remove("a").warnings  # b is the first now, and c repeats it
    assert (Path(other.file).name, Path(str(other.values["first"])).name) == ("c.yaml", "b.yaml:6")


# Themes and files


@pytest.mark.parametrize(
    "theme", ["../../dehors", "/etc/passwd", "a\n---\nb: c", 'x"\nentries: []', "\u202eT\x00 : # é"]
)
def test_a_theme_makes_a_file_in_the_folder_whatever_its_name(folder: Path, theme: str) -> None:
    written = Editor(folder).add(NEW, theme)
    assert written.file.parent == folder
    assert known(folder).keys() == {"fiche", "neuve"}
    assert sorted(path.name for path in folder.parent.iterdir()) == ["knowledge"]


def test_a_theme_whose_file_is_there_under_another_title_goes_into_that_file(folder: Path) -> None:
    (folder / "pret-materiel.yml").write_text('theme: "Prêts"\nentries: []\n', encoding="utf-8")
    assert Editor(folder).add(NEW, "Prêt & matériel").file.name == "pret-materiel.yml"
    assert Editor(folder).add(another("b"), "PRÊTS").file.name == "pret-materiel.yml"


def test_a_link_that_leads_nowhere_creates_nothing_elsewhere(folder: Path) -> None:
    (folder / "pret.yaml").symlink_to(folder.parent / "dehors")
    with pytest.raises(EditError):
        Editor(folder).add(NEW, "Prêt")
    assert not (folder.parent / "dehors").exists()


def test_a_folder_that_may_not_be_written_is_not(folder: Path) -> None:
    folder.chmod(0o555)
    try:
        for theme in ("formations", "Nouveau"):
            with pytest.raises(Unwritable) as refused:
                Editor(folder).add(NEW, theme)
            assert refused.value.yaml == yaml_of(NEW)
        assert Editor(folder).add(NEW, "formations", dry=True).diff
    finally:
        folder.chmod(0o755)
    assert list(content(folder)) == ["formations.yaml"]


def test_a_folder_that_is_gone_is_said(folder: Path) -> None:
    (folder / "formations.yaml").unlink()
    folder.rmdir()
    with pytest.raises(Unwritable) as refused:
        Editor(folder).add(NEW, "formations")
    assert str(folder) in refused.value.say(FR)


def test_a_full_disk_leaves_the_file_as_it_was(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bot.knowledge.atomic_write.os.fsync", full)
    with pytest.raises(Unwritable) as refused:
        Editor(folder).add(NEW, "formations")
    assert "le disque est plein" in refused.value.say(FR)
    assert content(folder) == {"formations.yaml": FILE.encode()}


def test_neighbours_that_are_no_files_or_cannot_be_used_do_not_stop_a_change(folder: Path) -> None:
    os.mkfifo(folder / "tube.yaml")
    (folder / "dossier.yaml").mkdir()
    (folder / "perdu.yaml").symlink_to("nulle-part")
    (folder / "gros.yaml").write_bytes(b"#" * (LARGEST + 10))
    (folder / "faux.yaml").write_text("theme: x\nentries:\n  - id: [", encoding="utf-8")
    Editor(folder).add(NEW, "formations")
    assert "neuve" in known(folder)


def test_an_owner_and_a_mode_stay(folder: Path) -> None:
    file = folder / "formations.yaml"
    if os.geteuid() == 0:
        os.chown(file, 1234, 4321)
    file.chmod(0o660)
    before = file.stat()
    Editor(folder).add(NEW, "formations")
    after = file.stat()
    assert (after.st_uid, after.st_gid, after.st_mode) == (before.st_uid, before.st_gid, before.st_mode)
    assert list(content(folder)) == ["formations.yaml"]


def test_a_new_theme_is_open_to_whom_the_operator_opens_files(folder: Path) -> None:
    old = os.umask(0o007)
    try:
        written = Editor(folder).add(NEW, "Nouveau")
    finally:
        os.umask(old)
    assert written.file.stat().st_mode & 0o777 == 0o660


# Others at the same time

WORKER = """
import sys
from pathlib import Path
from bot.knowledge.entry_input import draft
from bot.knowledge.editor import Editor
folder, name = Path(sys.argv[1]), sys.argv[2]
for n in range(5):
    entry = draft({"id": f"{name}{n}", "title": "T", "questions": ["q"], "answer": "a"})
    Editor(folder).add(entry, "formations")
"""


def test_two_programs_at_once_lose_nothing(folder: Path) -> None:
    commands = [[sys.executable, "-c", WORKER, str(folder), name] for name in "ab"]
    running = [subprocess.Popen(command) for command in commands]  # noqa: S603 (our own words)
    assert [one.wait(60) for one in running] == [0, 0]
    assert known(folder).keys() == {"fiche", *(f"{name}{n}" for name in "ab" for n in range(5))}


def test_one_who_holds_the_folder_for_ever_is_not_waited_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.knowledge.atomic_write.PATIENCE", 0.0)
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(EditRejected) as refused:
            Editor(folder).add(NEW, "formations")
    finally:
        os.close(held)
    assert "en cours" in refused.value.say(FR)
    assert Editor(folder).add(NEW, "formations").entry == NEW


async def test_each_change_is_taken_over_once(folder: Path) -> None:
    library, told = Library(folder), asyncio.Queue[LoadResult]()
    library.load(TODAY)

    async def hear(loaded: LoadResult) -> None:
        told.put_nowait(loaded)

    async with asyncio.TaskGroup() as tasks:
        watch = tasks.create_task(library.watch(hear, pause=0.01, patience=60))
        for id in ("a", "b"):
            await asyncio.to_thread(Editor(folder).add, another(id), "formations")
            async with asyncio.timeout(PATIENCE):
                assert id in (await told.get()).knowledge.entries
            library.load(TODAY)  # a moderator's !recharger at the same time
        watch.cancel()
    assert told.empty()


# With git


def git(folder: Path, *arguments: str) -> str:
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


def commits(folder: Path) -> int:
    return int(git(folder, "rev-list", "--count", "HEAD", "--"))


@contextmanager
def surroundings(**values: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setenv(name, value)
        yield


def test_git_that_hangs_is_ended_and_leaves_no_lock(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.knowledge.git.PATIENCE", 1.0)
    (repository.parent / ".git" / "logs" / "HEAD").unlink()
    os.mkfifo(repository.parent / ".git" / "logs" / "HEAD")  # where nobody reads
    note = keeping(repository).add(NEW, "formations").note
    assert note
    assert "git n’a pas enregistré" in note.say(FR)
    assert "neuve" in known(repository)
    assert [*(repository.parent / ".git").rglob("*.lock")] == []


def test_no_secret_and_no_other_repository_reaches_git(repository: Path, tmp_path: Path) -> None:
    seen, spy = tmp_path / "seen", tmp_path / "git"
    spy.write_text(f"#!/bin/sh\nenv >> '{seen}'\nexec '{shutil.which('git')}' \"$@\"\n", encoding="utf-8")
    spy.chmod(0o755)
    other = {"GIT_DIR": "/nowhere", "GIT_INDEX_FILE": "/nowhere/index"}
    with surroundings(CONCIERGE_MATRIX_PASSWORD="s3cret", PATH=f"{tmp_path}:{os.environ['PATH']}", **other):
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


@pytest.mark.parametrize("hook", ["pre-commit", "prepare-commit-msg", "commit-msg", "post-commit"])
def test_no_hook_of_the_repository_is_run(repository: Path, hook: str) -> None:
    """One of them might push."""
    ran = repository.parent / "ran"
    path = repository.parent / ".git" / "hooks" / hook
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\ntouch '{ran}'\n", encoding="utf-8")
    path.chmod(0o755)
    assert keeping(repository).add(NEW, "formations").note is None
    assert (commits(repository), ran.exists()) == (2, False)


@pytest.mark.parametrize("place", ["rebase-merge", "rebase-apply", "MERGE_HEAD"])
def test_what_the_operator_has_under_way_is_not_meddled_with(repository: Path, place: str) -> None:
    (repository.parent / ".git" / place).mkdir()
    note = keeping(repository).add(NEW, "formations").note
    assert note
    assert place in note.say(FR)
    assert commits(repository) == 1
    assert "neuve" in known(repository)


def test_the_first_commit_of_a_repository_may_be_ours(folder: Path) -> None:
    git(folder.parent, "init", "-q")
    assert keeping(folder).add(NEW, "formations").note is None
    assert commits(folder) == 1


def test_files_that_git_is_to_ignore_are_written_and_the_reason_is_said(repository: Path) -> None:
    (repository.parent / ".gitignore").write_text("brouillons.yaml\n", encoding="utf-8")
    note = keeping(repository).propose(NEW).note
    assert note
    assert "ignored" in note.say(FR)
    assert (repository / "brouillons.yaml").exists()


def test_a_folder_s_name_is_no_pattern(tmp_path: Path) -> None:
    folder = tmp_path / "k[ab]*: -x"
    folder.mkdir()
    (folder / "formations.yaml").write_text(FILE, encoding="utf-8")
    git(tmp_path, "init", "-q")
    assert keeping(folder).add(NEW, "formations", who="a\x00\ud800\u202eb").note is None
    assert git(tmp_path, "log", "-1", "--format=%an").split() == ["a", "b"]


def test_a_change_that_somebody_else_has_committed_is_none_of_git_s_faults(repository: Path) -> None:
    history = GitHistory("Concierge", FR)
    assert history.commit(repository / "formations.yaml", "fiche", "changed", "Ana") is None
    assert commits(repository) == 1


def test_a_theme_that_cannot_be_named_is_refused() -> None:
    with pytest.raises(EditRejected):
        file_for("🚀\n../")


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
