"""The knowledge folder: what is wrong in it is said with file and line, and its changes are followed."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import pytest

from bot.knowledge.editor import Editor
from bot.knowledge.folder import Folder, LibraryError
from bot.knowledge.library import Library, LoadResult, check
from bot.locale import wording
from tests.knowledge.editing import TODAY, another
from tests.waiting import PATIENCE


def entry(id: str, question: str = "", **more: str) -> str:
    lines = [f"- id: {id}", f"  title: À propos de {id}", "  questions:", f"    - {question or f'Où est {id} ?'}"]
    lines += [f"  {name}: {value}" for name, value in ({"answer": "Oui."} | more).items() if value]
    return "\n".join(f"  {line}" for line in lines) + "\n"


def theme(*entries: str) -> str:
    return "theme: Vie du lieu\nentries:\n" + "".join(entries)


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def said(loaded: LoadResult | LibraryError, folder: Path) -> list[str]:
    """`file:line kind` of each problem; a question mark marks a warning."""
    return [f"{os.path.relpath(one.file, folder)}:{one.line} {one.key}{'?' * one.warning}" for one in loaded.problems]


def load(folder: Path) -> LoadResult:
    return Library(folder).load(TODAY)


def found(folder: Path, library: Library | None = None) -> tuple[list[str], list[str]]:
    """The ids of the entries, and what is said."""
    loaded = (library or Library(folder)).load(TODAY)
    return list(loaded.knowledge.entries), said(loaded, folder)


def watched(folder: Path) -> Library:
    """A library that has loaded one file with one entry."""
    library = Library(write(folder, a=theme(entry("cle"))))
    library.load(TODAY)
    return library


# Loading


def test_all_files_are_read_in_order_and_a_double_id_is_said_at_the_second_one(tmp_path: Path) -> None:
    write(tmp_path, b=theme(entry("porte")), a=theme(entry("cle"), entry("badge")))
    write(tmp_path, synonymes="synonyms: [[clé, clef], [badge, carte]]\n")
    (tmp_path / "c.yml").write_text(theme(entry("salle")), encoding="utf-8")
    write(tmp_path, lectures="# rien pour le moment\n", brouillons="")
    loaded = load(tmp_path)
    assert not loaded.problems
    assert list(loaded.knowledge.entries) == ["cle", "badge", "porte", "salle"]
    assert loaded.knowledge.synonyms == (("clé", "clef"), ("badge", "carte"))
    origin = loaded.knowledge.origins["badge"]
    assert (origin.file, origin.line, origin.theme) == (str(tmp_path / "a.yaml"), 8, "Vie du lieu")
    write(tmp_path, a=theme(entry("cle"), entry("badge")), b=theme(entry("porte"), entry("badge")))
    loaded = load(tmp_path)
    assert list(loaded.knowledge.entries) == ["cle", "badge", "salle"]
    [text] = [problem.say(wording("fr")) for problem in loaded.problems]
    assert (text.startswith(f"{tmp_path}/b.yaml:8: "), f"{tmp_path}/a.yaml:8" in text) == (True, True)


def test_drafts_are_checked_and_never_answered_with(tmp_path: Path) -> None:
    write(tmp_path, a=theme(entry("cle")), brouillons=theme(entry("cle"), entry("porte", answer="")))
    assert found(tmp_path) == (["cle"], ["brouillons.yaml:8 answer_or_links"])
    write(tmp_path, brouillons=theme(entry("cle"), entry("porte")))
    assert found(tmp_path) == (["cle"], ["brouillons.yaml:3 twice_id"])


def test_a_day_that_no_calendar_has_is_said_with_its_line(tmp_path: Path) -> None:
    days = {"badge": "99999999999999/1/1", "carte": f"1/1/{'9' * 5000}", "ici": "1795478400", "un": "2026-11-24T10:00"}
    write(tmp_path, a=theme(entry("cle")), b=theme(*(entry(id, updated=day) for id, day in days.items())))
    loaded = load(tmp_path)
    assert said(loaded, tmp_path) == [f"b.yaml:{line} date" for line in (8, 14, 20, 26)]
    assert "AAAA-MM-JJ" in loaded.problems[0].say(wording("fr"))


def test_a_file_with_errors_stays_out_and_everything_wrong_is_said_in_one_go(tmp_path: Path) -> None:
    write(tmp_path, a=theme(entry("cle", see_also="[porte]")), b="", c="theme: Vide\n", synonymes="synonyms: [[clé]]\n")
    faulty = (entry("porte", "@ana sait"), entry("Porte", title="x"), "  - titre: Salle\n", entry("porte"))
    write(tmp_path, d=theme(*faulty))
    assert found(tmp_path) == (
        ["cle"],
        [
            *("b.yaml:1 empty_file", "c.yaml:1 missing", "d.yaml:6 at", "d.yaml:8 id_form", "d.yaml:13 twice_key"),
            *("d.yaml:14 missing", "d.yaml:14 missing", "d.yaml:14 unknown_key_near", "d.yaml:14 answer_or_links"),
            *("d.yaml:15 twice_id", "synonymes.yaml:1 synonym_group"),
        ],
    )


def test_what_is_sound_and_still_odd_is_a_warning(tmp_path: Path) -> None:
    old = entry("cle", "Où est la clé ?", review_by="2026-11-23", see_also="[badge, ports]")
    write(tmp_path, a=theme(old, entry("badge", "ou est la CLE", review_by="2026-11-24")))
    write(tmp_path, b=theme(entry("porte", "La porte #3 est ouverte ?")))
    loaded = load(tmp_path)
    odd = ["a.yaml:8 overdue?", "a.yaml:9 see_also_near?", "a.yaml:13 repeated?", "b.yaml:6 hash?"]
    assert (list(loaded.knowledge.entries), said(loaded, tmp_path)) == (["cle", "badge", "porte"], odd)
    assert "porte" in loaded.problems[1].say(wording("fr"))
    (tmp_path / "b.yaml").unlink()
    write(tmp_path, a=theme(entry("cle", "Où est la clé ?", not_questions="[Merci pour hier, ou est la CLE]")))
    write(tmp_path, b=theme(entry("badge").replace("À propos de badge", "A propos de « CLÉ »")))
    loaded = load(tmp_path)
    assert said(loaded, tmp_path) == ["a.yaml:8 contradicted?", "b.yaml:4 same_title?"]
    for line, problem in zip((6, 4), loaded.problems, strict=True):
        assert f"{tmp_path}/a.yaml:{line}" in problem.say(wording("fr"))


def test_a_folder_without_an_answer_is_refused_and_what_is_no_knowledge_file_left_alone(tmp_path: Path) -> None:
    file = write(tmp_path / "faulty", a="theme: x\n") / "a.yaml"
    write(tmp_path / "drafts", brouillons=theme(entry("cle")))
    write(tmp_path / "empty")
    for path, kinds in [
        *((tmp_path / "missing", ["no_folder"]), (tmp_path / "empty", ["no_file"]), (file, ["no_folder_but_file"])),
        *((tmp_path / "faulty", ["no_entry", "missing"]), (tmp_path / "drafts", ["no_entry"])),
    ]:
        with pytest.raises(LibraryError) as raised:
            load(path)
        assert [problem.key for problem in raised.value.problems] == kinds
        assert raised.value.say(wording("fr")).startswith(f"{path}: ")
        assert [problem.key for problem in check(path, TODAY)] == kinds
    write(tmp_path, a=theme(entry("cle")))
    for name in (".#a.yaml", "a.yaml~", "schema.json", "README.md"):
        (tmp_path / name).write_text("no: [", encoding="utf-8")
    (tmp_path / "sub.yaml").mkdir()
    (tmp_path / "gone.yaml").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe.yaml")
    secrets = tmp_path.with_name("secrets.yaml")
    secrets.write_text("password: x", encoding="utf-8")
    (tmp_path / "out.yaml").symlink_to(secrets)
    unread = ["gone.yaml:0 unreadable", "out.yaml:0 leads_out", "pipe.yaml:0 unreadable"]
    assert found(tmp_path) == (["cle"], unread)


# Loading again


def test_what_has_not_changed_is_the_same_knowledge_and_of_a_broken_file_the_earlier_one_stays(tmp_path: Path) -> None:
    library = watched(tmp_path)
    first = library.load(TODAY)
    for same in ("cle", "clé"):  # the latter has an error
        write(tmp_path, a=theme(entry(same)))
        assert library.load(date(2027, 1, 1)).knowledge is first.knowledge
    write(tmp_path, a=theme(entry("cl2")))  # as long as before
    assert found(tmp_path, library) == (["cl2"], [])
    library = Library(write(tmp_path, a=theme(entry("cle")), b=theme(entry("porte"))))
    library.load(TODAY)
    write(tmp_path, a=theme(entry("cle", "@ana")), b=theme(entry("porte"), entry("salle")))
    assert found(tmp_path, library) == (["cle", "porte", "salle"], ["a.yaml:6 at"])
    write(tmp_path, a=theme(entry("badge")))
    assert found(tmp_path, library) == (["badge", "porte", "salle"], [])
    write(tmp_path, a=theme(entry("carte", "@ana")), b=theme(entry("porte"), entry("badge")))  # it has moved
    moved = library.load(TODAY).knowledge
    assert (list(moved.entries), moved.origins["badge"].file) == (["porte", "badge"], str(tmp_path / "b.yaml"))
    (tmp_path / "a.yaml").unlink()
    assert found(tmp_path, library) == (["porte", "badge"], [])


# Following changes

Follow = Callable[[], Awaitable[LoadResult]]


@asynccontextmanager
async def following(library: Library, patience: float = 0.05, *, to_the_end: bool = False) -> AsyncIterator[Follow]:
    """Yield a function that waits for the next change told. `to_the_end`: all that was told must be asked for."""
    told: asyncio.Queue[LoadResult] = asyncio.Queue()

    async def following_change() -> LoadResult:
        async with asyncio.timeout(PATIENCE):
            return await told.get()

    async with asyncio.TaskGroup() as tasks:
        watch = tasks.create_task(library.watch(told.put, pause=0.01, patience=patience))
        yield following_change
        watch.cancel()
    assert told.empty() or not to_the_end


async def test_each_change_is_told_once_at_once_and_whole(tmp_path: Path) -> None:
    """Not while a file is broken between two saves; one through the bot as well."""
    library = watched(tmp_path)
    async with following(library, patience=60, to_the_end=True) as change:

        async def told() -> list[str]:
            loaded = await change()
            assert loaded.problems == ()
            return list(loaded.knowledge.entries)

        write(tmp_path, a=theme(entry("badge")))
        assert await told() == ["badge"]
        write(tmp_path, a="", b=theme(entry("porte")))
        assert await told() == ["badge", "porte"]
        write(tmp_path, a=theme(entry("cle")))
        assert await told() == ["cle", "porte"]
        (tmp_path / "a.yaml").unlink()
        assert await told() == ["porte"]
        for id in ("x", "y"):
            await asyncio.to_thread(Editor(tmp_path).add, another(id), "b")
            assert id in await told()
            library.load(TODAY)  # a moderator's !recharger at the same time


async def test_a_file_that_stays_broken_is_told_once_and_the_old_knowledge_stays(tmp_path: Path) -> None:
    library = watched(tmp_path)
    first = library.load(TODAY)
    async with following(library) as change:
        write(tmp_path, a=theme(entry("cle", "@ana"), entry("badge", "@ana")))
        told = await change()
        assert told.knowledge is first.knowledge
        assert said(told, tmp_path) == ["a.yaml:6 at", "a.yaml:11 at"]
        write(tmp_path, a="# encore là, une ligne plus bas\n" + theme(entry("cle", "@ana")))
        write(tmp_path, b=theme(entry("porte")))
        told = await change()
        assert (list(told.knowledge.entries), said(told, tmp_path)) == (["cle", "porte"], ["a.yaml:7 at"])
        write(tmp_path, a=theme(entry("cle", "Qui a la clé ?")))
        assert not (await change()).problems
        write(tmp_path, a=theme(entry("cle", "@ana")))
        assert said(await change(), tmp_path) == ["a.yaml:6 at"]


async def test_a_folder_that_is_replaced_is_followed_on_also_where_links_are_swapped(tmp_path: Path) -> None:
    folder = write(tmp_path / "k", a=theme(entry("cle")))
    library = Library(folder)
    first = library.load(TODAY)
    async with following(library) as change:
        folder.rename(tmp_path / "old")
        told = await change()
        assert told.knowledge is first.knowledge
        assert [problem.key for problem in told.problems] == ["no_folder"]
        write(tmp_path / "new", a=theme(entry("badge"))).rename(folder)
        assert list((await change()).knowledge.entries) == ["badge"]
        write(folder, a=theme(entry("porte")))
        assert list((await change()).knowledge.entries) == ["porte"]
    # as Kubernetes mounts a ConfigMap: files link into a folder that is itself a link, and that link is swapped
    folder = write(tmp_path / "cluster")
    versions = [write(folder / f"..{n}", a=theme(entry(id))) for n, id in enumerate(["cle", "badge"])]
    (folder / "..data").symlink_to(versions[0])
    (folder / "a.yaml").symlink_to("..data/a.yaml")
    library = Library(folder)
    assert list(library.load(TODAY).knowledge.entries) == ["cle"]
    async with following(library) as change:
        (folder / "..swap").symlink_to(versions[1])
        (folder / "..swap").replace(folder / "..data")
        assert list((await change()).knowledge.entries) == ["badge"]
        write(versions[1], a=theme(entry("porte")))
        assert list((await change()).knowledge.entries) == ["porte"]


def test_a_file_that_an_editor_renames_away_for_a_moment_is_not_missed(tmp_path: Path) -> None:
    """While it is watched, a file is gone only when it is gone at the next look as well."""
    folder = Folder(write(tmp_path, a=theme(entry("cle"))))
    folder.files()
    (tmp_path / "a.yaml").rename(tmp_path / "a.yaml~")
    assert folder.has_lost_file()
    (tmp_path / "a.yaml~").rename(tmp_path / "a.yaml")
    assert not folder.has_lost_file()
    (tmp_path / "a.yaml").unlink()
    assert [folder.has_lost_file(), folder.has_lost_file()] == [True, False]


# Rooms and regions

ROOMS = {"#bzh:example.org": "Bretagne", "formations": None}


def test_rooms_and_regions_that_the_settings_do_not_have_are_said_where_they_stand(tmp_path: Path) -> None:
    write(tmp_path, a=theme(entry("cle", rooms='["#bzh:example.org", formation]', region="Bretagn"), entry("badge")))
    near = ["a.yaml:8 unknown_rooms_near?", "a.yaml:9 unknown_region_near?"]
    assert said(Library(tmp_path, regions=ROOMS).load(TODAY), tmp_path) == near
    assert found(tmp_path)[1] == []  # nobody knows the settings
    write(tmp_path, a=theme(entry("cle", rooms='["#ailleurs:autre.fr"]', region="Corse")))
    for regions, exist in ((ROOMS, "#bzh:example.org, formations."), ({}, "–.")):
        rooms, region = Library(tmp_path, regions=regions).load(TODAY).problems
        assert (rooms.key, region.key) == ("unknown_rooms", "unknown_region")
        assert f"existent\u00a0: {exist}" in rooms.say(wording("fr"))


def test_what_is_hidden_needs_rooms_and_entries_for_other_people_may_say_the_same(tmp_path: Path) -> None:
    write(tmp_path, a=theme(entry("cle", public="false"), entry("badge", rooms="[formations]", public="false")))
    with pytest.raises(LibraryError) as raised:
        load(tmp_path)
    assert "a.yaml:8 hidden_everywhere" in said(raised.value, tmp_path)
    write(tmp_path, a=theme(entry("cle", rooms="[#bzh:x.fr]", public="non"), entry("badge")))
    with pytest.raises(LibraryError) as raised:
        load(tmp_path)
    assert said(raised.value, tmp_path)[1:] == ["a.yaml:8 flow_list", "a.yaml:9 yes_no"]
    write(tmp_path, a=theme(entry("cle", rooms="[formations]", public="false")))
    assert not load(tmp_path).knowledge.entries["cle"].public
    twins = [entry(name, "Qui anime le réseau ?", region=name.title()) for name in ("bretagne", "corse")]
    write(tmp_path, a=theme(*twins, entry("partout", "Qui anime le réseau ?")))
    assert found(tmp_path)[1] == []
    write(tmp_path, a=theme(*twins, entry("encore", "Qui anime le réseau ?", region="Corse")))
    assert found(tmp_path)[1] == ["a.yaml:18 repeated?"]
