"""Knowledge files changed through the bot: as meant and where they must, or not at all, with a sentence."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.knowledge import yaml_edit
from bot.knowledge.edit_result import EditError, EditRejected, Unwritable
from bot.knowledge.editor import Editor
from bot.knowledge.entry_input import draft, file_for, id_for, parse_changes, parse_entry
from bot.knowledge.library import Library
from bot.knowledge.models import Entry, Theme
from bot.knowledge.rendering import yaml_of
from bot.knowledge.yaml.reader import LARGEST, load
from tests.knowledge.editing import FILE, FR, NEW, TODAY, another, content, known

MISLEADING = "\u202e \u2066 \u2069 \x00 \x1b \ufeff \ud800 \uffff \u00ad".split(" ")


def entries(text: str) -> dict[str, Entry]:
    found, _ = load(text, "f", Theme)
    return {entry.id: entry for entry in found.entries}


# As text, beside test_any_knowledge_file.py


def test_the_first_entry_of_a_file() -> None:
    for text in ("", "# rien encore\n", "theme: F\nentries: []  # vide\n", "theme: F\nentries:\n  []\n"):
        after = yaml_edit.add_entry(text, NEW, "Formations")
        assert entries(after) == {"neuve": NEW}, text
        assert "#" not in text or text[text.index("#") :].split("\n")[0] in after, text


# From chat


def test_an_id_is_made_from_a_title_and_never_given_twice_nor_changed(folder: Path) -> None:
    assert id_for("Devenir fabmanager : où ?", set()) == "devenir-fabmanager-ou"
    assert id_for("Devenir fabmanager : où ?", {"devenir-fabmanager-ou"}) == "devenir-fabmanager-ou-2"
    assert id_for("🚀🚀", {"reponse"}) == "reponse-2"
    assert len(id_for("mot " * 200, set())) <= 60
    assert "déjà pris" in refusal(folder, entry=another("fiche")).say(FR)
    with pytest.raises(EditRejected) as refused:
        Editor(folder).change("fiche", {"id": "autre"})
    assert "ne change jamais" in refused.value.say(FR)


def test_what_cannot_be_a_theme_is_refused() -> None:
    for theme in ("..", "/", "🚀", "", "synonymes", "Brouillons", "🚀\n../"):
        with pytest.raises(EditRejected) as refused:
            file_for(theme)
        assert "thème" in refused.value.say(FR)


EVIL = ['x"\n  - id: evil\n    title: "y', "--- \n---\nid: evil", "&a *a !!python/object x", "null"]


@pytest.mark.parametrize("evil", [*EVIL, "| > ' \" \\ # : - [ ] { } x", "\u2028x\x85y", "a".join(MISLEADING)])
def test_no_words_from_chat_become_yaml(evil: str) -> None:
    entry = draft({"id": "x", "title": evil, "questions": [evil], "answer": evil, "contacts": [evil], "source": evil})
    assert entries(yaml_edit.add_entry(FILE, entry)) == {**entries(FILE), "x": entry}
    assert not set(yaml_of(entry)) & {*MISLEADING, "\u2028", "\x85"}


def test_emojis_and_all_scripts_stay() -> None:
    text = "👩\u200d🔧 ❤\ufe0f 🇫🇷 \U0001fae8 \U0001facd ŒUVRE — « ça » l’été שלום\u200f"
    entry = draft({"id": "x", "title": text, "questions": ["q"], "answer": text})
    assert entry.title == entry.answer == entries(yaml_edit.add_entry(FILE, entry))["x"].title == text


@given(st.text(max_size=80), st.sampled_from(["", "id: x\n", "- id: x\n  title: ", "answer: |\n", "links:\n- "]))
@settings(max_examples=int(os.environ.get("CONCIERGE_EXAMPLES", "150")), deadline=None)
def test_whatever_is_typed_is_an_entry_or_refused(text: str, before: str) -> None:
    fields = {"title": text, "id": text, "answer": text, "links": [text]}
    for read in (parse_entry, parse_changes, lambda _: draft(fields)):
        said = "an entry"
        try:
            read(before + text)
        except EditRejected as refusal:
            said = refusal.say(FR)
        assert said
    assert id_for(text, set())


def test_an_entry_or_a_part_of_it_is_typed_with_a_dash_or_without_and_what_is_wrong_is_told() -> None:
    for text in ("- id: x\n  title: X\n  questions: [q]\n  answer: a", "id: x\ntitle: X\nquestions:\n- q\nanswer: a"):
        assert parse_entry(text).questions == ("q",)
    two = "".join(f"- {{id: {id}, title: A, questions: [q], answer: a}}\n" for id in "ab")
    unknown = "id: x\ntitle: X\nlien: y\nquestions: [q]\nanswer: a"
    for text, said in ((unknown, "message:3: La clé «\u00a0lien\u00a0» est inconnue"), (two, "à la fois")):
        with pytest.raises(EditRejected) as refused:
            parse_entry(text)
        assert said in refused.value.say(FR)
    assert parse_changes("answer: |\n  a\n  b\ncontacts:\n") == {"answer": "a\nb\n", "contacts": None}
    for wrong in ("id: y", "lien: y", "rien"):
        with pytest.raises(EditRejected):
            parse_changes(wrong)


# In the folder


def test_a_new_entry_lands_in_the_file_of_its_theme_or_in_a_new_one(folder: Path) -> None:
    editor = Editor(folder)
    assert editor.add(NEW, "formations", dry=True).file.name == "formations.yaml"
    assert (folder / "formations.yaml").read_text(encoding="utf-8") == FILE
    assert editor.add(NEW, "FORMATIONS").diff == "".join(f"+ {line}\n" for line in yaml_of(NEW).splitlines())
    assert editor.add(another("autre"), "Prêt & matériel").file == folder / "pret-materiel.yaml"
    loaded = Library(folder).load(TODAY)
    assert set(loaded.knowledge.entries) == {"facilitateur", "fiche", "neuve", "autre"}
    assert loaded.knowledge.origins["autre"].theme == "Prêt & matériel"
    assert [info.theme for info in editor.themes()] == ["Formations", "Prêt & matériel"]
    (folder / "le-jardin.yml").write_text('theme: "Potager"\nentries: []\n', encoding="utf-8")
    for theme in ("Le jardin !", "POTAGER"):
        assert editor.add(another("b"), theme, dry=True).file.name == "le-jardin.yml"
    (folder / "brouillons.yaml").write_text('theme: "À relire"\nentries: []\n', encoding="utf-8")
    with pytest.raises(EditRejected):
        editor.add(another("b"), "brouillons")


def refusal(folder: Path, theme: str = "formations", entry: Entry = NEW) -> EditError:
    """Why an entry was not added; all files are as they were."""
    before = content(folder)
    with pytest.raises(EditError) as refused:
        Editor(folder).add(entry, theme)
    assert content(folder) == before
    return refused.value


@pytest.mark.parametrize(("shut", "themes"), [("formations.yaml", ["formations"]), (".", ["formations", "Nouveau"])])
def test_what_may_not_be_written_stays_and_its_text_is_given(folder: Path, shut: str, themes: list[str]) -> None:
    mode = (folder / shut).stat().st_mode
    (folder / shut).chmod(mode & ~0o222)
    for theme in themes:
        refused = refusal(folder, theme)
        assert (type(refused), refused.yaml) == (Unwritable, yaml_of(NEW))
        assert "à la main" in refused.say(FR)
    assert Editor(folder).add(NEW, "formations", dry=True).diff
    (folder / shut).chmod(mode)


def test_no_write_on_a_full_disk_through_links_or_over_who_saves(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("bot.knowledge.atomic_write.os.fsync", full)
        assert "le disque est plein" in refusal(folder).say(FR)
    (folder / "pret.yaml").symlink_to(folder.parent / "dehors")
    assert refusal(folder, "Prêt")
    assert not (folder.parent / "dehors").exists()
    with pytest.raises(Unwritable) as refused:
        Editor(folder / "ailleurs").add(NEW, "formations")
    assert str(folder / "ailleurs") in refused.value.say(FR)
    write = os.fsync

    def saved_meanwhile(handle: int) -> None:
        (folder / "formations.yaml").write_text(FILE + "# à la main\n", encoding="utf-8")
        write(handle)

    with monkeypatch.context() as patch:
        patch.setattr("bot.knowledge.atomic_write.os.fsync", saved_meanwhile)
        with pytest.raises(EditError) as refused:
            Editor(folder).add(NEW, "formations")
    assert "au même moment" in refused.value.say(FR)
    assert content(folder) == {"formations.yaml": f"{FILE}# à la main\n".encode()}
    monkeypatch.setattr("bot.knowledge.atomic_write.PATIENCE", 0.0)
    held = os.open(folder, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    assert "en cours" in refusal(folder).say(FR)
    os.close(held)
    assert Editor(folder).add(NEW, "formations").entry == NEW


def test_link_owner_and_mode_of_a_file_stay(folder: Path) -> None:
    (folder / "ailleurs").mkdir()
    real = (folder / "formations.yaml").rename(folder / "ailleurs" / "f.yaml")
    (folder / "formations.yaml").symlink_to(real)
    if os.geteuid() == 0:
        os.chown(real, 1234, 4321)
    real.chmod(0o660)
    before = real.stat()
    Editor(folder).add(NEW, "formations")
    after = real.stat()
    assert (folder / "formations.yaml").is_symlink()
    assert (after.st_uid, after.st_gid, after.st_mode) == (before.st_uid, before.st_gid, before.st_mode)
    assert "neuve" in real.read_text(encoding="utf-8")
    umask = os.umask(0o007)
    written = Editor(folder).add(another("b"), "Nouveau")
    os.umask(umask)
    assert written.file.stat().st_mode & 0o777 == 0o660  # as the operator has it for new files


def test_no_file_grows_too_large_by_a_long_answer(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.knowledge.yaml.reader.LARGEST", 250_000)
    long = draft({"id": "x", "title": "X " * 5000, "questions": ["q"], "answer": "mot " * 50_000})
    Editor(folder).add(long, "formations")
    assert known(folder)["x"] == long
    larger = draft({"id": "y", "title": "Y", "questions": ["q"], "answer": "mot " * 15_000})
    assert "dépasse un Mo" in refusal(folder, entry=larger).say(FR)


def test_an_entry_with_odd_signs_of_its_own_can_be_changed_and_no_change_writes_nothing(folder: Path) -> None:
    (folder / "formations.yaml").write_text(FILE.replace("de poste", "de po\u00adste\u200b"), encoding="utf-8")
    before = (folder / "formations.yaml").stat()
    assert Editor(folder).change("fiche", {"answer": "Ici."}).diff == ""
    assert (folder / "formations.yaml").stat() == before
    assert Editor(folder).change("fiche", {"answer": "Là."}).diff == '-     answer: "Ici."\n+     answer: "Là."\n'
    assert Editor(folder).add_phrase("fiche", "elle est où").entry.title == "Fiche de po\u00adste\u200b"
    with pytest.raises(EditRejected):  # it is there
        Editor(folder).add_phrase("fiche", "Elle est où ?")


# Themes and files


@pytest.mark.parametrize(
    "theme", ["../../dehors", "/etc/passwd", ".caché", "C:\\x", "a\n---\nb: c", 'x"\nentries: []', "\u202eT\x00 : # é"]
)
def test_a_theme_makes_a_file_in_the_folder_whatever_its_name(folder: Path, theme: str) -> None:
    assert Editor(folder).add(NEW, theme).file.parent == folder
    assert known(folder).keys() == {"facilitateur", "fiche", "neuve"}
    assert sorted(path.name for path in folder.parent.iterdir()) == ["knowledge"]


def test_neighbours_that_are_no_files_or_cannot_be_used_do_not_stop_a_change(folder: Path) -> None:
    os.mkfifo(folder / "tube.yaml")
    (folder / "dossier.yaml").mkdir()
    (folder / "perdu.yaml").symlink_to("nulle-part")
    (folder / "gros.yaml").write_bytes(b"#" * (LARGEST + 10))
    (folder / "faux.yaml").write_text("theme: x\nentries:\n  - id: [", encoding="utf-8")
    Editor(folder).add(NEW, "formations")
    assert "neuve" in known(folder)


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
    assert known(folder).keys() == {"facilitateur", "fiche", *(f"{name}{n}" for name in "ab" for n in range(5))}
