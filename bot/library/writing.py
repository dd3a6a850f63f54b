"""The knowledge folder changed by moderators, one entry at a time: checked before it is written, and never half."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from bot.knowledge import Entry
from bot.library import splicing
from bot.library.differences import difference
from bot.library.drafts import FILE, draft, file_for, line
from bot.library.folder import Folder
from bot.library.history import History
from bot.library.loaded import assembled
from bot.library.parts import Part, read_part
from bot.library.refusal import Changed, NotWritten, Refused, Unwritable
from bot.library.remarks import folded, remarks
from bot.library.rendering import fields_of, yaml_of
from bot.library.shelves import Book, Shelf, books, named
from bot.library.storing import Busy, Closed, Overtaken, alone, store
from bot.yamltext import Problem

__all__ = ["Changed", "Editor", "Refused", "Shelf", "Unwritable", "Written"]

DRAFTS, DRAFTS_THEME = "brouillons.yaml", "Brouillons"


@dataclass(frozen=True, slots=True)
class Written:
    """What a change comes to. With `dry=True` nothing has been written yet, everything else is the same."""

    file: Path
    id: str
    entry: Entry | None  # as it reads from the file; None: removed
    diff: str  # the changed lines of the file, each after `-` or `+`
    warnings: tuple[Problem, ...] = ()  # what the change brings up
    note: Problem | None = None  # why there is no commit though one was wanted; each reason is given once


@dataclass(frozen=True, slots=True)
class _Wish:
    what: str  # for the history: added, changed, removed, phrased, proposed
    id: str
    splice: Callable[[str], str]
    yaml: str = ""  # to paste by hand where the file cannot be written


class Editor:
    """Blocking: call it from a thread (`asyncio.to_thread`). One at a time, also across processes.

    `who` is the moderator's name as the history shows it. `seen` is the entry as the moderator saw it before deciding:
    when it has changed since, Changed is raised and says how. `theme` is a file's name, its stem or its title, folding
    case and accents; anything else makes a new file with that title. `called`: as for a Library.

    Raises Refused, Changed or Unwritable; the files are then as they were.
    """

    def __init__(self, folder: Path, history: History | None = None, called: str | None = None) -> None:
        self._folder, self._history = Folder(folder, called), history

    def shelves(self) -> list[Shelf]:
        """The sound files, in order; drafts last."""
        found = [book.shelf for book in books(self._folder) if book.shelf]
        return sorted(found, key=lambda shelf: shelf.drafts)

    def taken(self) -> set[str]:
        """The ids that no new entry may have: given in a file, sound or not, drafts included, or referred to."""
        found = [book.part for book in books(self._folder)]
        referred = {id for part in found for entry, _ in part.entries for id in entry.see_also}
        return _given(found) | referred

    def entry(self, id: str) -> Entry:
        """As it stands in the files now, drafts included."""
        return self._holding(id)[1]

    def excerpt(self, id: str) -> str:
        """Its lines in the file, comments included."""
        return splicing.excerpt(self._holding(id)[0].text, id)

    def add(self, entry: Entry, theme: str, *, who: str = "", dry: bool = False, used: Container[str] = ()) -> Written:
        """`used`: ids that were given before, and are not given again."""
        with self._alone():
            found = books(self._folder)
            book = named(found, theme) or named(found, Path(file_for(theme)).stem)
            if book and book.part.kind != "theme":
                raise Refused(Problem(FILE, 0, "edit_theme", {"theme": line(theme)}))
            if entry.id in used and entry.id not in _given([one.part for one in found]):
                raise Refused(Problem(FILE, 0, "edit_used", {"id": entry.id}))
            return self._put(entry, book or Book.new(self._folder, file_for(theme)), line(theme), "added", who, dry)

    def propose(self, entry: Entry, *, who: str = "", dry: bool = False) -> Written:
        """Put it among the drafts."""
        with self._alone():
            there = next((book for book in books(self._folder) if book.part.kind == "drafts"), None)
            return self._put(entry, there or Book.new(self._folder, DRAFTS), DRAFTS_THEME, "proposed", who, dry)

    def change(
        self, id: str, changes: Mapping[str, object], *, seen: Entry | None = None, who: str = "", dry: bool = False
    ) -> Written:
        """`changes` by field; None or nothing takes a field away. An id is kept for ever."""
        with self._alone():
            book, now = self._as_seen(id, seen, dict(changes))
            if changes.get("id", id) != id:
                raise Refused(Problem(FILE, 0, "edit_id"))
            clean = draft({**fields_of(now), **changes})
            wanted = now.model_copy(update={name: getattr(clean, name) for name in changes})
            new = {name: fields_of(wanted).get(name) for name in changes if name != "id"}
            wish = _Wish("changed", id, lambda text: splicing.changed(text, id, new), yaml_of(wanted))
            return self._write(book, wish, wanted, who, dry)

    def add_phrase(
        self, id: str, phrase: str, *, seen: Entry | None = None, who: str = "", dry: bool = False
    ) -> Written:
        with self._alone():
            book, now = self._as_seen(id, seen, {"questions": [phrase]})
            text = draft({**fields_of(now), "questions": [phrase]}).questions[0]
            if folded(text) in map(folded, now.questions):
                raise Refused(Problem(book.name, 0, "edit_known_phrase", {"id": id}))
            wanted = now.model_copy(update={"questions": (*now.questions, text)})
            wish = _Wish("phrased", id, lambda whole: splicing.with_phrase(whole, id, text), yaml_of(wanted))
            return self._write(book, wish, wanted, who, dry)

    def remove(self, id: str, *, seen: Entry | None = None, who: str = "", dry: bool = False) -> Written:
        with self._alone():
            book, _ = self._as_seen(id, seen, {})
            return self._write(book, _Wish("removed", id, lambda text: splicing.removed(text, id)), None, who, dry)

    def _put(self, given: Entry, book: Book, theme: str, what: str, who: str, dry: bool) -> Written:
        entry = draft(fields_of(given))
        if entry.id in _given([one.part for one in books(self._folder)]):
            raise Refused(Problem(FILE, 0, "edit_taken", {"id": entry.id}))
        wish = _Wish(what, entry.id, lambda text: splicing.added(text, entry, theme), yaml_of(entry))
        return self._write(book, wish, entry, who, dry)

    def _holding(self, id: str) -> tuple[Book, Entry]:
        for book in books(self._folder):
            for entry, _ in book.part.entries:
                if entry.id == id:
                    return book, entry
        raise Refused(Problem(FILE, 0, "edit_unknown", {"id": id}))

    def _as_seen(self, id: str, seen: Entry | None, changes: Mapping[str, object]) -> tuple[Book, Entry]:
        try:
            book, now = self._holding(id)
        except Refused as refusal:
            if seen is None:
                raise
            raise Changed(*refusal.problems, now=None, difference=_difference(seen, None)) from None
        if seen is None or seen == now:
            return book, now
        mine = yaml_of({**fields_of(seen), **changes})
        told = Problem(book.name, 0, "edit_changed", {"id": id})
        raise Changed(told, now=now, difference=_difference(seen, now), yaml=mine)

    def _write(self, book: Book, wish: _Wish, wanted: Entry | None, who: str, dry: bool) -> Written:
        """Splice, check that nothing else has changed by it, and only then put it in the file's place."""
        if not book.part.good:
            raise Refused(*(problem for problem in book.part.problems if not problem.warning), yaml=wish.yaml)
        text = _spliced(book, wish)
        part = read_part(text.encode(), book.name)
        _check(book, part, wish, wanted)
        warnings = _fresh(books(self._folder), book, part)
        written = Written(book.path, wish.id, wanted, difference(book.text, text), warnings)
        return written if dry or text == book.text else self._stored(book, text, wish, written, who)

    def _stored(self, book: Book, text: str, wish: _Wish, written: Written, who: str) -> Written:
        try:
            store(book.path, book.raw, text.encode())
        except Overtaken:
            raise Refused(Problem(book.name, 0, "edit_overtaken"), yaml=wish.yaml) from None
        except OSError as error:
            reason = {"reason": error.strerror or str(error)}
            raise Unwritable(Problem(book.name, 0, "edit_unwritable", reason), yaml=wish.yaml) from error
        note = self._history.keep(book.path, wish.id, wish.what, who) if self._history else None
        return replace(written, note=note and replace(note, file=str(self._folder.called)))

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            with alone(self._folder.path):
                yield
        except Busy:
            raise Refused(Problem(str(self._folder.called), 0, "edit_busy")) from None
        except Closed as error:
            raise Unwritable(Problem(str(self._folder.called), 0, "edit_unwritable", {"reason": str(error)})) from error


def _spliced(book: Book, wish: _Wish) -> str:
    try:
        return wish.splice(book.text)
    except Refused as refusal:
        placed = (replace(problem, file=book.name) for problem in refusal.problems)
        raise Refused(*placed, yaml=wish.yaml) from None


def _check(book: Book, part: Part, wish: _Wish, wanted: Entry | None) -> None:
    """All other entries equal, this one as wanted, no error."""
    if not part.good:
        raise Refused(*(problem for problem in part.problems if not problem.warning), yaml=wish.yaml)
    before = {entry.id: entry for entry, _ in book.part.entries}
    after = {entry.id: entry for entry, _ in part.entries}
    expected = before | ({wish.id: wanted} if wanted else {})
    if wanted is None:
        expected.pop(wish.id, None)
    if after != expected:
        raise NotWritten(Problem(book.name, 0, "edit_flow"), yaml=wish.yaml)


def _given(parts: list[Part]) -> set[str]:
    return {id for part in parts for id in (*part.unusable, *(entry.id for entry, _ in part.entries))}


def _difference(seen: Entry, now: Entry | None) -> str:
    return difference(yaml_of(seen), yaml_of(now) if now else "")


def _fresh(found: list[Book], book: Book, part: Part) -> tuple[Problem, ...]:
    """What the change brings up, in its file and beside others."""
    others = [one.part for one in found if one.path != book.path]
    before = {_told(problem) for problem in _remarks([*others, book.part])}
    return tuple(problem for problem in _remarks([*others, part]) if _told(problem) not in before)


def _remarks(parts: list[Part]) -> list[Problem]:
    sound = sorted((part for part in parts if part.good), key=lambda part: part.file)
    unusable = {id for part in parts for id in part.unusable}
    own = [problem for part in sound for problem in part.problems]
    return [*own, *remarks(assembled(sound, ()), date.min, unusable)]


def _told(problem: Problem) -> str:
    """The same for a problem that has only moved to another line."""
    places = {name: re.sub(r":\d+$", "", str(value)) for name, value in problem.values.items()}
    return f"{problem.key} {sorted(places.items())}"
