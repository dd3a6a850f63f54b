"""The knowledge folder changed by moderators, one entry at a time: checked before it is written, and never half."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import ndiff
from itertools import takewhile
from pathlib import Path

from bot.knowledge import yaml_edit
from bot.knowledge.atomic_write import Busy, Closed, ConcurrentWrite, alone, store
from bot.knowledge.edit_errors import EditConflict, EditError, EditRejected, Unwritable
from bot.knowledge.entry_input import FILE, draft, file_for, line
from bot.knowledge.files import ParsedFile, parse_file
from bot.knowledge.folder import Folder, assembled
from bot.knowledge.git import GitHistory
from bot.knowledge.lint import folded, remarks
from bot.knowledge.models import Entry
from bot.knowledge.rendering import fields_of, yaml_of
from bot.knowledge.themes import KnowledgeFile, ThemeInfo, knowledge_files, named
from bot.knowledge.yaml.problems import Problem
from bot.knowledge.yaml_source import split

__all__ = ["EditConflict", "EditRejected", "EditResult", "Editor", "ThemeInfo", "Unwritable"]

DRAFTS, DRAFTS_THEME = "brouillons.yaml", "Brouillons"


@dataclass(frozen=True, slots=True)
class EditResult:
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

    def __init__(self, folder: Path, history: GitHistory | None = None, called: str | None = None) -> None:
        self._folder, self._history = Folder(folder, called), history

    def shelves(self) -> list[ThemeInfo]:
        """The sound files, in order; drafts last."""
        found = [book.shelf for book in knowledge_files(self._folder) if book.shelf]
        return sorted(found, key=lambda shelf: shelf.drafts)

    def taken(self) -> set[str]:
        """The ids that no new entry may have: given in a file, sound or not, drafts included, or referred to."""
        found = [book.part for book in knowledge_files(self._folder)]
        referred = {id for part in found for entry, _ in part.entries for id in entry.see_also}
        return _given(found) | referred

    def entry(self, id: str) -> Entry:
        """As it stands in the files now, drafts included."""
        return self._holding(id)[1]

    def excerpt(self, id: str) -> str:
        """Its lines in the file, comments included."""
        return yaml_edit.excerpt(self._holding(id)[0].text, id)

    def add(
        self, entry: Entry, theme: str, *, who: str = "", dry: bool = False, used: Container[str] = ()
    ) -> EditResult:
        """`used`: ids that were given before, and are not given again."""
        with self._alone():
            found = knowledge_files(self._folder)
            book = named(found, theme) or named(found, Path(file_for(theme)).stem)
            if book and book.part.kind != "theme":
                raise EditRejected(Problem(FILE, 0, "edit_theme", {"theme": line(theme)}))
            if entry.id in used and entry.id not in _given([one.part for one in found]):
                raise EditRejected(Problem(FILE, 0, "edit_used", {"id": entry.id}))
            return self._put(
                entry, book or KnowledgeFile.new(self._folder, file_for(theme)), line(theme), "added", who, dry
            )

    def propose(self, entry: Entry, *, who: str = "", dry: bool = False) -> EditResult:
        """Put it among the drafts."""
        with self._alone():
            there = next((book for book in knowledge_files(self._folder) if book.part.kind == "drafts"), None)
            return self._put(
                entry, there or KnowledgeFile.new(self._folder, DRAFTS), DRAFTS_THEME, "proposed", who, dry
            )

    def change(
        self, id: str, changes: Mapping[str, object], *, seen: Entry | None = None, who: str = "", dry: bool = False
    ) -> EditResult:
        """`changes` by field; None or nothing takes a field away. An id is kept for ever."""
        with self._alone():
            book, now = self._as_seen(id, seen, dict(changes))
            if changes.get("id", id) != id:
                raise EditRejected(Problem(FILE, 0, "edit_id"))
            clean = draft({**fields_of(now), **changes})
            wanted = now.model_copy(update={name: getattr(clean, name) for name in changes})
            new = {name: fields_of(wanted).get(name) for name in changes if name != "id"}
            wish = _Wish("changed", id, lambda text: yaml_edit.changed(text, id, new), yaml_of(wanted))
            return self._write(book, wish, wanted, who, dry)

    def add_phrase(
        self, id: str, phrase: str, *, seen: Entry | None = None, who: str = "", dry: bool = False
    ) -> EditResult:
        with self._alone():
            book, now = self._as_seen(id, seen, {"questions": [phrase]})
            text = draft({**fields_of(now), "questions": [phrase]}).questions[0]
            if folded(text) in map(folded, now.questions):
                raise EditRejected(Problem(book.name, 0, "edit_known_phrase", {"id": id}))
            wanted = now.model_copy(update={"questions": (*now.questions, text)})
            wish = _Wish("phrased", id, lambda whole: yaml_edit.with_phrase(whole, id, text), yaml_of(wanted))
            return self._write(book, wish, wanted, who, dry)

    def remove(self, id: str, *, seen: Entry | None = None, who: str = "", dry: bool = False) -> EditResult:
        with self._alone():
            book, _ = self._as_seen(id, seen, {})
            return self._write(book, _Wish("removed", id, lambda text: yaml_edit.removed(text, id)), None, who, dry)

    def _put(self, given: Entry, book: KnowledgeFile, theme: str, what: str, who: str, dry: bool) -> EditResult:
        entry = draft(fields_of(given))
        if entry.id in _given([one.part for one in knowledge_files(self._folder)]):
            raise EditRejected(Problem(FILE, 0, "edit_taken", {"id": entry.id}))
        wish = _Wish(what, entry.id, lambda text: yaml_edit.added(text, entry, theme), yaml_of(entry))
        return self._write(book, wish, entry, who, dry)

    def _holding(self, id: str) -> tuple[KnowledgeFile, Entry]:
        for book in knowledge_files(self._folder):
            for entry, _ in book.part.entries:
                if entry.id == id:
                    return book, entry
        raise EditRejected(Problem(FILE, 0, "edit_unknown", {"id": id}))

    def _as_seen(self, id: str, seen: Entry | None, changes: Mapping[str, object]) -> tuple[KnowledgeFile, Entry]:
        try:
            book, now = self._holding(id)
        except EditRejected as refusal:
            if seen is None:
                raise
            raise EditConflict(*refusal.problems, now=None, difference=_difference(seen, None)) from None
        if seen is None or seen == now:
            return book, now
        mine = yaml_of({**fields_of(seen), **changes})
        told = Problem(book.name, 0, "edit_changed", {"id": id})
        raise EditConflict(told, now=now, difference=_difference(seen, now), yaml=mine)

    def _write(self, book: KnowledgeFile, wish: _Wish, wanted: Entry | None, who: str, dry: bool) -> EditResult:
        """Splice, check that nothing else has changed by it, and only then put it in the file's place."""
        if not book.part.good:
            raise EditRejected(*(problem for problem in book.part.problems if not problem.warning), yaml=wish.yaml)
        text = _spliced(book, wish)
        part = parse_file(text.encode(), book.name)
        _check(book, part, wish, wanted)
        warnings = _fresh(knowledge_files(self._folder), book, part)
        written = EditResult(book.path, wish.id, wanted, difference(book.text, text), warnings)
        return written if dry or text == book.text else self._stored(book, text, wish, written, who)

    def _stored(self, book: KnowledgeFile, text: str, wish: _Wish, written: EditResult, who: str) -> EditResult:
        try:
            store(book.path, book.raw, text.encode())
        except ConcurrentWrite:
            raise EditRejected(Problem(book.name, 0, "edit_overtaken"), yaml=wish.yaml) from None
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
            raise EditRejected(Problem(str(self._folder.called), 0, "edit_busy")) from None
        except Closed as error:
            raise Unwritable(Problem(str(self._folder.called), 0, "edit_unwritable", {"reason": str(error)})) from error


def _spliced(book: KnowledgeFile, wish: _Wish) -> str:
    try:
        return wish.splice(book.text)
    except EditRejected as refusal:
        placed = (replace(problem, file=book.name) for problem in refusal.problems)
        raise EditRejected(*placed, yaml=wish.yaml) from None


def _check(book: KnowledgeFile, part: ParsedFile, wish: _Wish, wanted: Entry | None) -> None:
    """All other entries equal, this one as wanted, no error."""
    if not part.good:
        raise EditRejected(*(problem for problem in part.problems if not problem.warning), yaml=wish.yaml)
    before = {entry.id: entry for entry, _ in book.part.entries}
    after = {entry.id: entry for entry, _ in part.entries}
    expected = before | ({wish.id: wanted} if wanted else {})
    if wanted is None:
        expected.pop(wish.id, None)
    if after != expected:
        raise EditError(Problem(book.name, 0, "edit_flow"), yaml=wish.yaml)


def _given(parts: list[ParsedFile]) -> set[str]:
    return {id for part in parts for id in (*part.unusable, *(entry.id for entry, _ in part.entries))}


def _difference(seen: Entry, now: Entry | None) -> str:
    return difference(yaml_of(seen), yaml_of(now) if now else "")


def _fresh(found: list[KnowledgeFile], book: KnowledgeFile, part: ParsedFile) -> tuple[Problem, ...]:
    """What the change brings up, in its file and beside others."""
    others = [one.part for one in found if one.path != book.path]
    before = {_told(problem) for problem in _remarks([*others, book.part])}
    return tuple(problem for problem in _remarks([*others, part]) if _told(problem) not in before)


def _remarks(parts: list[ParsedFile]) -> list[Problem]:
    sound = sorted((part for part in parts if part.good), key=lambda part: part.file)
    unusable = {id for part in parts for id in part.unusable}
    own = [problem for part in sound for problem in part.problems]
    return [*own, *remarks(assembled(sound, ()), date.min, unusable)]


def _told(problem: Problem) -> str:
    """The same for a problem that has only moved to another line."""
    places = {name: re.sub(r":\d+$", "", str(value)) for name, value in problem.values.items()}
    return f"{problem.key} {sorted(places.items())}"


def difference(before: str, after: str) -> str:
    """Each changed line after `-` or `+`. What is the same at both ends is not compared: files are long."""
    old, new = split(before), split(after)
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    lines = ndiff(old[head : len(old) - tail], new[head : len(new) - tail])
    return "".join(f"{line}\n" for line in lines if line[:1] in "+-")


def _alike(some: Sequence[str], others: Sequence[str]) -> int:
    """How many lines are the same from the beginning on."""
    return sum(1 for _ in takewhile(lambda both: both[0] == both[1], zip(some, others, strict=False)))
