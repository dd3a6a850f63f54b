"""Knowledge files changed through the bot: only the lines that must change do, and nothing is ever half written."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import pytest

from bot.knowledge import yaml_edit
from bot.knowledge.edit_result import EditConflict, EditError, EditRejected, Unwritable
from bot.knowledge.editor import Editor
from bot.knowledge.entry_input import draft, file_for, id_for, parse_changes, parse_entry
from bot.knowledge.git import GitHistory
from bot.knowledge.library import Library
from bot.knowledge.models import Entry, Theme
from bot.knowledge.rendering import fields_of, yaml_of
from bot.knowledge.yaml.reader import load
from bot.locale import wording

FR = wording("fr")
FILE = """\
# Nos formations
theme: "Formations"
entries:
  # la première
  - id: facilitateur
    title: "Se former : où ?"
    questions:
      - "Où se former ?"  # souvent posée
      # encore une
      - quelle formation pour devenir concierge
    keywords: [RS5142, 'Coopérative']
    answer: |
      Une coopérative **forme**.

      Et elle certifie.
    links:
      - title: "La formation"
        url: "https://formation.example/"
  - id: fiche
    title: Fiche de poste
    questions: ["Où est la fiche ?"]
    answer: "Ici."
# fin
"""
EMPTY = "theme: F\nentries:\n  []\n"
NEW = draft({"id": "neuve", "title": "Une : neuve # 3", "questions": ["Quoi de @neuf ?"], "answer": "Ceci.\n\nCela."})


def changes(before: str, after: str) -> tuple[list[str], list[str]]:
    """Lines taken out, and lines put in."""
    old, new = before.splitlines(), after.splitlines()
    found = [code for code in SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if code[0] != "equal"]
    taken = [line for _, i, j, _, _ in found for line in old[i:j]]
    return taken, [line for _, _, _, k, m in found for line in new[k:m]]


def entries(text: str) -> dict[str, Entry]:
    found, _ = load(text, "f", Theme)
    return {entry.id: entry for entry in found.entries}


# As text


def test_a_day_of_thousands_of_digits_is_refused() -> None:
    with pytest.raises(EditRejected):
        parse_entry(f"id: a\ntitle: b\nquestions: [c]\nanswer: d\nupdated: {'1' * 5_000} 2 3")


def test_a_new_entry_adds_lines_and_takes_none() -> None:
    after = yaml_edit.add_entry(FILE, NEW)
    assert changes(FILE, after) == ([], yaml_of(NEW).splitlines())
    assert entries(after) == {**entries(FILE), "neuve": NEW}
    assert after.endswith("# fin\n")


@pytest.mark.parametrize(
    ("style", "restyled"),
    [
        ("CRLF", lambda text: text.replace("\n", "\r\n")),
        ("a byte order mark", lambda text: "\ufeff" + text),
        ("no line end at the end", lambda text: text.removesuffix("\n# fin\n")),
        ("dashes at the margin", lambda text: "\n".join(line.removeprefix("  ") for line in text.split("\n"))),
        ("blank lines between", lambda text: text.replace("  - id: fiche", "\n  - id: fiche")),
        ("the theme last", lambda text: text.replace('theme: "Formations"\n', "") + 'theme: "Formations"\n'),
        ("a document mark", lambda text: "---\n" + text),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_keeps_its_style(style: str, restyled: Callable[[str], str]) -> None:
    before = restyled(FILE)
    after = yaml_edit.add_entry(before, NEW)
    taken, put = changes(before, after)
    assert (taken, len(put) - put.count("")) == ([], len(yaml_of(NEW).splitlines()) - yaml_of(NEW).count("\n\n"))
    assert entries(after) == {**entries(before), "neuve": NEW}
    assert after.startswith("\ufeff") == before.startswith("\ufeff")
    assert after.endswith("\n") == before.endswith("\n")
    assert after.count("\r\n") in (0, after.count("\n"))


@pytest.mark.parametrize(
    "text",
    ["", "# rien encore\n", 'theme: "Formations"\nentries: []\n', "theme: F\nentries: []  # vide\n", EMPTY],
)
def test_the_first_entry_of_a_file(text: str) -> None:
    after = yaml_edit.add_entry(text, NEW, "Formations")
    assert entries(after) == {"neuve": NEW}
    assert "#" not in text or text[text.index("#") :].split("\n")[0] in after


@pytest.mark.parametrize(
    ("given", "taken", "put"),
    [
        ({"title": "Autre"}, ['    title: "Se former : où ?"'], ['    title: "Autre"']),
        (
            {"questions": ["Où se former ?", "quelle formation pour devenir concierge", "et où ?"]},
            [],
            ['      - "et où ?"'],
        ),
        ({"questions": ["quelle formation pour devenir concierge"]}, ['      - "Où se former ?"  # souvent posée'], []),
        ({"keywords": ["RS5142"]}, ["    keywords: [RS5142, 'Coopérative']"], ["    keywords: [RS5142]"]),
        ({"keywords": None}, ["    keywords: [RS5142, 'Coopérative']"], []),
        ({"contacts": ["ana"]}, [], ['    contacts: ["ana"]']),
        (
            {"answer": "Court."},
            ["      Une coopérative **forme**.", "", "      Et elle certifie."],
            ["      Court."],
        ),
        (
            {"links": [{"title": "La formation", "url": "https://formation.example/"}, {"title": "B", "url": "https://b.example"}]},
            [],
            ['      - title: "B"', '        url: "https://b.example"'],
        ),
    ],
)  # fmt: skip
def test_a_changed_field_changes_its_lines_alone(given: Mapping[str, Any], taken: list[str], put: list[str]) -> None:
    after = yaml_edit.change_entry(FILE, "facilitateur", given)
    assert changes(FILE, after) == (taken, put)
    expected = draft({**fields_of(entries(FILE)["facilitateur"]), **given})
    assert entries(after) == {**entries(FILE), "facilitateur": expected}


def test_a_remark_behind_a_value_stays() -> None:
    after = yaml_edit.change_entry(
        FILE.replace("Fiche de poste", "Fiche de poste  # le titre"), "fiche", {"title": "Autre"}
    )
    assert '    title: "Autre"  # le titre\n' in after


def test_the_dash_moves_on_when_its_field_goes() -> None:
    rest = "    title: X\n    questions: [q]\n    answer: a\n"
    text = f"theme: T\nentries:\n  - keywords: [a]\n    # sur l’id\n    id: x\n{rest}"
    after = yaml_edit.change_entry(text, "x", {"keywords": None})
    assert entries(after)["x"].keywords == ()
    assert "# sur l’id" in after


def test_a_removed_entry_takes_its_lines_and_the_last_one_leaves_an_empty_list() -> None:
    once = yaml_edit.remove_entry(FILE, "facilitateur")
    assert list(entries(once)) == ["fiche"]
    assert "# la première" in once
    empty = yaml_edit.remove_entry(once, "fiche")
    assert entries(empty) == {}
    assert empty.startswith("# Nos formations\n")
    assert empty.endswith("# fin\n")
    assert entries(yaml_edit.add_entry(empty, NEW)) == {"neuve": NEW}


@pytest.mark.parametrize(
    "text",
    [
        '{"theme": "T", "entries": [{"id": "x", "title": "X", "questions": ["q"], "answer": "a"}]}',
        "theme: T\nentries:\n  - {id: x, title: X, questions: [q], answer: a}\n",
    ],
)
def test_what_is_written_in_braces_is_left_alone_with_a_sentence(text: str) -> None:
    with pytest.raises(EditRejected) as refused:
        yaml_edit.change_entry(text, "x", {"title": "Autre"})
    assert "entre accolades" in refused.value.say(FR)


# From chat


def test_an_id_is_made_from_a_title_and_never_twice() -> None:
    assert id_for("Devenir fabmanager : où ?", set()) == "devenir-fabmanager-ou"
    assert id_for("Devenir fabmanager : où ?", {"devenir-fabmanager-ou"}) == "devenir-fabmanager-ou-2"
    assert id_for("🚀🚀", {"reponse"}) == "reponse-2"
    assert len(id_for("mot " * 200, set())) <= 60


@pytest.mark.parametrize("theme", ["..", "/", "🚀", "", "synonymes", "Brouillons"])
def test_what_cannot_be_a_theme_is_refused(theme: str) -> None:
    with pytest.raises(EditRejected) as refused:
        file_for(theme)
    assert "thème" in refused.value.say(FR)


@pytest.mark.parametrize("theme", ["../../etc/passwd", "a/../../b", ".caché", "C:\\x"])
def test_a_theme_is_never_a_path(theme: str) -> None:
    assert Path(file_for(theme)).name == file_for(theme)
    assert not file_for(theme).startswith(".")


@pytest.mark.parametrize(
    "evil",
    [
        'x"\n  - id: evil\n    title: "y',
        "--- \n---\nid: evil",
        "&a *a !!python/object x",
        "a\x00b\x1b[31m\ufeffc\u202ed",
        "| > ' \" \\ # : - [ ] { } x",
        "null",
        "\u2028x\x85y",
    ],
)
def test_no_words_from_chat_become_yaml(evil: str) -> None:
    entry = draft({"id": "x", "title": evil, "questions": [evil], "answer": evil, "contacts": [evil], "source": evil})
    after = yaml_edit.add_entry(FILE, entry)
    assert entries(after) == {**entries(FILE), "x": entry}
    assert not set(yaml_of(entry)) & set("\x00\x1b\ufeff\u202e\u2028\x85")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "https://u:p@x.example"]
)
def test_links_that_harm_are_refused(url: str) -> None:
    with pytest.raises(EditRejected):
        draft({"id": "x", "title": "X", "questions": ["q"], "links": [{"title": "t", "url": url}]})


@pytest.mark.parametrize(
    "text", ["- id: x\n  title: X\n  questions: [q]\n  answer: a", "id: x\ntitle: X\nquestions:\n- q\nanswer: a"]
)
def test_an_entry_may_be_typed_with_its_dash_or_without(text: str) -> None:
    assert parse_entry(text).questions == ("q",)


def test_slips_in_what_was_typed_are_told_with_their_line() -> None:
    with pytest.raises(EditRejected) as refused:
        parse_entry("id: x\ntitle: X\nlien: y\nquestions: [q]\nanswer: a")
    assert "message:3:" in refused.value.say(FR)
    assert "links" in refused.value.say(FR)


def test_changes_are_fields_and_an_empty_one_takes_it_away() -> None:
    assert parse_changes("answer: |\n  a\n  b\ncontacts:\n") == {"answer": "a\nb\n", "contacts": None}
    for wrong in ("id: y", "lien: y", "rien"):
        with pytest.raises(EditRejected):
            parse_changes(wrong)


# In the folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "formations.yaml").write_text(FILE, encoding="utf-8")
    return tmp_path


def today() -> date:
    return datetime.now(UTC).date()


def test_a_new_entry_lands_in_the_file_of_its_theme_or_in_a_new_one(folder: Path) -> None:
    editor = Editor(folder)
    assert editor.add(NEW, "formations", dry=True).file.name == "formations.yaml"
    assert (folder / "formations.yaml").read_text(encoding="utf-8") == FILE
    written = editor.add(NEW, "FORMATIONS")
    assert written.diff == "".join(f"+ {line}\n" for line in yaml_of(NEW).splitlines())
    other = editor.add(NEW.model_copy(update={"id": "autre"}), "Prêt & matériel")
    assert other.file == folder / "pret-materiel.yaml"
    loaded = Library(folder).load(today())
    assert set(loaded.knowledge.entries) == {"facilitateur", "fiche", "neuve", "autre"}
    assert loaded.knowledge.origins["autre"].theme == "Prêt & matériel"
    assert [info.theme for info in editor.themes()] == ["Formations", "Prêt & matériel"]


def test_drafts_stand_apart_and_are_never_answered_with(folder: Path) -> None:
    editor = Editor(folder)
    assert editor.propose(NEW).file == folder / "brouillons.yaml"
    editor.propose(NEW.model_copy(update={"id": "autre"}))
    assert "neuve" not in Library(folder).load(today()).knowledge.entries
    assert editor.taken_ids() >= {"neuve", "autre", "fiche"}
    with pytest.raises(EditRejected):
        editor.add(NEW.model_copy(update={"id": "encore"}), "brouillons")


def test_an_id_is_never_given_twice(folder: Path) -> None:
    with pytest.raises(EditRejected) as refused:
        Editor(folder).add(NEW.model_copy(update={"id": "fiche"}), "formations")
    assert "déjà pris" in refused.value.say(FR)


def test_who_decides_on_an_old_version_is_told_what_changed(folder: Path) -> None:
    editor = Editor(folder)
    seen = editor.entry("fiche")
    editor.change("fiche", {"answer": "Là-bas."}, seen=seen)
    with pytest.raises(EditConflict) as changed:
        editor.change("fiche", {"title": "La fiche"}, seen=seen)
    assert "Là-bas." in changed.value.difference
    assert "a changé" in changed.value.say(FR)
    editor.remove("fiche")
    with pytest.raises(EditConflict) as gone:
        editor.add_phrase("fiche", "où ?", seen=seen)
    assert gone.value.now is None


def test_a_phrase_is_added_once(folder: Path) -> None:
    editor = Editor(folder)
    assert editor.add_phrase("fiche", "elle est où la fiche").entry == editor.entry("fiche")
    with pytest.raises(EditRejected):
        editor.add_phrase("fiche", "elle est où la fiche")


def test_a_file_with_errors_is_not_made_worse(folder: Path) -> None:
    (folder / "formations.yaml").write_text(FILE + "  oups\n", encoding="utf-8")
    with pytest.raises(EditRejected) as refused:
        Editor(folder).add(NEW, "formations.yaml")
    assert "formations.yaml:" in refused.value.say(FR)
    assert refused.value.yaml == yaml_of(NEW)


def test_a_file_that_may_not_be_written_stays_and_its_text_is_given_to_paste(folder: Path) -> None:
    (folder / "formations.yaml").chmod(0o444)
    with pytest.raises(Unwritable) as refused:
        Editor(folder).add(NEW, "formations")
    assert refused.value.yaml == yaml_of(NEW)
    assert "à la main" in refused.value.say(FR)
    assert [path.name for path in folder.iterdir()] == ["formations.yaml"]


def test_an_editor_who_saves_at_the_same_moment_is_not_overwritten(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = os.fsync

    def saved_meanwhile(handle: int) -> None:
        (folder / "formations.yaml").write_text(FILE + "# à la main\n", encoding="utf-8")
        replace(handle)

    monkeypatch.setattr("bot.knowledge.atomic_write.os.fsync", saved_meanwhile)
    with pytest.raises(EditError) as refused:
        Editor(folder).add(NEW, "formations")
    assert "au même moment" in refused.value.say(FR)
    assert (folder / "formations.yaml").read_text(encoding="utf-8") == FILE + "# à la main\n"


def test_an_edit_reads_the_folder_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "autre.yaml").write_text('theme: "Autre"\nentries: []\n', encoding="utf-8")
    opened: list[str] = []
    read = Path.open

    def counted(path: Path, *arguments: Any) -> Any:
        opened.append(path.name)
        return read(path, *arguments)

    monkeypatch.setattr(Path, "open", counted)
    Editor(folder).add(NEW, "formations", dry=True)
    assert opened == ["autre.yaml", "formations.yaml"]


def test_mode_and_link_of_a_file_stay(folder: Path) -> None:
    (folder / "ailleurs").mkdir()
    real = folder / "ailleurs" / "f.yaml"
    real.write_text(FILE, encoding="utf-8")
    real.chmod(0o640)
    (folder / "formations.yaml").unlink()
    (folder / "formations.yaml").symlink_to(real)
    Editor(folder).add(NEW, "formations")
    assert (folder / "formations.yaml").is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert "neuve" in real.read_text(encoding="utf-8")


def test_many_moderators_at_once_lose_nothing(folder: Path) -> None:
    some = [NEW.model_copy(update={"id": f"n{number}"}) for number in range(12)]
    workers = [threading.Thread(target=Editor(folder).add, args=(entry, "formations")) for entry in some]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert {entry.id for entry in some} <= set(Library(folder).load(today()).knowledge.entries)


# With git


def git(folder: Path, *arguments: str) -> str:
    command = ["git", *arguments]
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)  # noqa: S603
    return said.stdout.strip()


@pytest.fixture
def repository(folder: Path) -> Path:
    git(folder, "init", "-q")
    git(folder, "config", "user.email", "op@example.org")
    git(folder, "config", "user.name", "Op")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    return folder


def keeping(folder: Path) -> Editor:
    return Editor(folder, GitHistory("Concierge", FR))


def test_a_change_is_one_commit_of_that_file_by_the_moderator(repository: Path) -> None:
    (repository / "autre.txt").write_text("x", encoding="utf-8")
    git(repository, "add", "autre.txt")
    assert keeping(repository).add(NEW, "formations", who="Ana Ñandú").note is None
    assert git(repository, "log", "-1", "--format=%an|%cn|%s") == "Ana Ñandú|Concierge|Ajout de neuve"
    assert git(repository, "show", "--name-only", "--format=") == "formations.yaml"
    assert git(repository, "status", "--porcelain") == "A  autre.txt"
    keeping(repository).add(NEW.model_copy(update={"id": "b"}), "Nouveau thème")
    assert git(repository, "show", "--name-only", "--format=") == "nouveau-theme.yaml"


@pytest.mark.parametrize("who", ["--amend", "a <b@c>\nx: y", "", "🚀", "-" * 200])
def test_no_name_is_an_option(repository: Path, who: str) -> None:
    assert keeping(repository).add(NEW, "formations", who=who).note is None
    assert git(repository, "rev-list", "--count", "HEAD") == "2"


def test_hooks_and_locks_do_not_hold_a_change_up_and_the_reason_is_told_once(repository: Path) -> None:
    hook = repository / ".git" / "hooks" / "pre-commit"
    hook.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    editor = keeping(repository)
    assert editor.add(NEW, "formations").note is None
    (repository / ".git" / "index.lock").touch()
    note = editor.add(NEW.model_copy(update={"id": "b"}), "formations").note
    assert note
    assert "git n’a pas enregistré" in note.say(FR)
    assert editor.add(NEW.model_copy(update={"id": "c"}), "formations").note is None
    assert "c" in Library(repository).load(today()).knowledge.entries


def test_without_a_repository_the_file_is_written_all_the_same(folder: Path) -> None:
    assert keeping(folder).add(NEW, "formations").note
    assert "neuve" in Library(folder).load(today()).knowledge.entries
