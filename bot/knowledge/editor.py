"""The editor of the knowledge folder: one entry at a time, checked before it is written, written atomically."""

import contextlib
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bot.knowledge import yaml_edit
from bot.knowledge.atomic_write import ConcurrentWrite, LockTimeout, folder_lock, replace_file
from bot.knowledge.edit_result import EditConflict, EditError, EditRejected, EditResult, Unwritable, difference
from bot.knowledge.entry_input import INPUT, file_for, short_line
from bot.knowledge.entry_input import draft as entry_of
from bot.knowledge.file_parser import ParsedFile, parse_file
from bot.knowledge.folder import Folder, KnowledgeFile, LibraryError, ThemeInfo, find_theme
from bot.knowledge.git import GitHistory
from bot.knowledge.models import Entry, Misread
from bot.knowledge.rendering import fields_of, yaml_of
from bot.knowledge.yaml.problems import Problem
from bot.locale import system_reason
from bot.text.accents import plain_words

DRAFTS, DRAFTS_THEME, READINGS = "brouillons.yaml", "Brouillons", "lectures.yaml"


@dataclass(frozen=True, slots=True)
class _Edit:
    action: str  # as the git history names it: added, changed, removed, phrased, read
    id: str
    entry: Entry | None  # the entry afterwards; None: removed
    apply: Callable[[str], str]  # the file's old text to its new text


class Editor:
    """Edits the knowledge folder, one edit at a time, also across processes. Blocks: call it with `asyncio.to_thread`.

    `who`: the moderator's name for the git history. `seen`: the entry as the moderator saw it; EditConflict tells how
    it has changed since. `theme`: a file's name, its stem or its title, ignoring case, accents and punctuation;
    anything else makes a new file with that title. `dry`: check without writing. `label`: as for a Library.

    Raises EditRejected, EditConflict or Unwritable; the files are then unchanged.
    """

    def __init__(self, folder: Path, history: GitHistory | None = None, label: str | None = None) -> None:
        self._folder, self._history = Folder(folder, label), history
        self._written: dict[Path, bytes] = {}  # what it left in each file; anything else there is somebody's hand

    def themes(self) -> list[ThemeInfo]:
        """Return the themes in order; those with errors last."""
        themes = (file for file in self._files() if file.parsed.kind == "theme")
        infos = (ThemeInfo(file.path.name, file.title, bool(file.parsed.errors)) for file in themes)
        return sorted(infos, key=lambda info: info.broken)

    def taken_ids(self) -> set[str]:
        """Return the ids that no new entry may have: defined in any file, even a draft or a faulty one, or referred
        to."""
        files = self._files()
        return _ids(files) | {id for file in files for entry, _ in file.parsed.entries for id in entry.see_also}

    def entry(self, id: str) -> Entry:
        """Return the current state of an entry in the files, drafts included."""
        return _find(self._files(), id)[1]

    def phrasings(self) -> dict[str, str]:
        """Return the entry's id for each title and phrasing, drafts included."""
        entries = [entry for file in self._files() for entry, _ in file.parsed.entries]
        return {text: entry.id for entry in entries for text in (entry.title, *entry.questions)}

    def fault_of(self, id: str) -> Problem | None:
        """Return the first error of the unusable file that defines the id, or None."""
        for file in self._files():
            named = (line.partition("id:")[2].strip(" \"'") for line in file.text.splitlines())
            if file.parsed.errors and (id in file.parsed.unusable_ids or id in named):
                return file.parsed.errors[0]
        return None

    def excerpt(self, id: str) -> str:
        """Return the entry's lines in its file, comments included."""
        return yaml_edit.excerpt(_find(self._files(), id)[0].text, id)

    def drafts(self) -> tuple[list[Entry], list[Problem]]:
        """Return the entries of the files of drafts, and the first error of each such file that cannot be read."""
        parsed = [file.parsed for file in self._files() if file.parsed.kind == "drafts"]
        return [entry for one in parsed for entry, _ in one.entries], [one.errors[0] for one in parsed if one.errors]

    def add(
        self,
        entry: Entry,
        theme: str,
        *,
        draft: Entry | None = None,
        who: str = "",
        dry: bool = False,
        used: Container[str] = (),
    ) -> EditResult:
        """Add an entry. `used`: ids of earlier entries, which are never reused.

        `draft`: the one of the same id, as seen, which leaves its file; a crash in between leaves both.
        """
        with self._locked() as files:
            source = _find_draft(files, draft) if draft else None
            file = find_theme(files, theme) or find_theme(files, Path(file_for(theme)).stem)
            if file and file.parsed.kind != "theme":
                raise EditRejected(Problem(INPUT, 0, "edit_theme", {"theme": short_line(theme)}))
            if entry.id in used and entry.id not in _ids(files):
                raise EditRejected(Problem(INPUT, 0, "edit_used", {"id": entry.id}))
            file = file or self._folder.new_file(file_for(theme))
            clean = entry_of(fields_of(entry))
            if clean.id in _ids(other for other in files if other is not source):
                raise EditRejected(Problem(INPUT, 0, "edit_taken", {"id": clean.id}))
            edit = _Edit("added", clean.id, clean, lambda text: yaml_edit.add_entry(text, clean, short_line(theme)))
            result = self._write(file, edit, who, dry)
            if source:
                self._write(source, _removal(entry.id), who, dry)
            return result

    def change(
        self, id: str, changes: Mapping[str, object], *, seen: Entry | None = None, who: str = "", dry: bool = False
    ) -> EditResult:
        """Change fields of an entry; None or an empty value removes a field. An id never changes."""
        with self._locked() as files:
            file, now = _find_as_seen(files, id, seen, changes)
            if changes.get("id", id) != id:
                raise EditRejected(Problem(INPUT, 0, "edit_id"))
            clean = entry_of({**fields_of(now), **changes})
            entry = now.model_copy(update={name: getattr(clean, name) for name in changes})
            values = {name: fields_of(entry).get(name) for name in changes if name != "id"}
            edit = _Edit("changed", id, entry, lambda text: yaml_edit.change_entry(text, id, values))
            return self._write(file, edit, who, dry)

    def add_phrase(
        self, id: str, phrase: str, *, seen: Entry | None = None, who: str = "", dry: bool = False
    ) -> EditResult:
        with self._locked() as files:
            file, now = _find_as_seen(files, id, seen, {"questions": [phrase]})
            clean = entry_of({**fields_of(now), "questions": [phrase]}).questions[0]
            if plain_words(clean) in map(plain_words, now.questions):
                raise EditRejected(Problem(file.name, 0, "edit_known_phrase", {"id": id}))
            questions = (*now.questions, clean)
            entry = now.model_copy(update={"questions": questions})
            edit = _Edit("phrased", id, entry, lambda text: yaml_edit.change_entry(text, id, {"questions": questions}))
            return self._write(file, edit, who, dry)

    def remove(self, id: str, *, seen: Entry | None = None, who: str = "", dry: bool = False) -> EditResult:
        with self._locked() as files:
            file, _ = _find_as_seen(files, id, seen, {})
            return self._write(file, _removal(id), who, dry)

    def discard(self, draft: Entry, who: str = "") -> EditResult:
        """Remove a draft, as seen, from its file."""
        with self._locked() as files:
            return self._write(_find_draft(files, draft), _removal(draft.id), who, dry=False)

    def add_reading(self, misread: Misread, *, who: str = "") -> EditResult:
        with self._locked() as files:
            file = next((one for one in files if one.parsed.kind == "readings"), self._folder.new_file(READINGS))
            edit = _Edit("read", misread.read_as, None, lambda text: yaml_edit.add_reading(text, misread))
            return self._write(file, edit, who, dry=False)

    def _files(self) -> list[KnowledgeFile]:
        try:
            return self._folder.files(fresh=True)
        except LibraryError as error:
            raise Unwritable(*error.problems) from None

    @contextlib.contextmanager
    def _locked(self) -> Iterator[list[KnowledgeFile]]:
        """Yield the files, read once, while no other Editor writes."""
        label = str(self._folder.label)
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(folder_lock(self._folder.path))
            except LockTimeout:
                raise EditRejected(Problem(label, 0, "edit_busy")) from None
            except OSError as error:
                raise Unwritable(Problem(label, 0, "edit_unwritable", {"reason": system_reason(error)})) from error
            yield self._files()

    def _write(self, file: KnowledgeFile, edit: _Edit, who: str, dry: bool) -> EditResult:
        """Edit the text, check it (no errors, this entry as intended, all others unchanged), and only then replace the
        file."""
        try:
            _reject_errors(file.parsed)
            try:
                text = edit.apply(file.text)
            except EditRejected as error:
                raise EditRejected(*(replace(problem, file=file.name) for problem in error.problems)) from None
            parsed = parse_file(text.encode(), file.name)
            _reject_errors(parsed)
            expected = {entry.id: entry for entry, _ in file.parsed.entries if entry.id != edit.id}
            if edit.entry:
                expected[edit.id] = edit.entry
            if expected != {entry.id: entry for entry, _ in parsed.entries}:
                raise EditError(Problem(file.name, 0, "edit_flow"))
            result = EditResult(file.path, edit.entry, difference(file.text, text))
            if dry or text == file.text:
                return result
            is_by_hand = file.raw and file.raw != self._written.get(file.path)
            by_hand = self._history.commit_by_hand(file.path) if self._history and is_by_hand else None
            try:
                replace_file(file.path, file.raw, text.encode())
                self._written[file.path] = text.encode()
            except ConcurrentWrite:
                raise EditRejected(Problem(file.name, 0, "edit_overtaken")) from None
            except OSError as error:
                raise Unwritable(Problem(file.name, 0, "edit_unwritable", {"reason": system_reason(error)})) from error
        except EditError as refusal:
            refusal.yaml = yaml_of(edit.entry) if edit.entry else ""
            raise
        reason = by_hand or (self._history.commit(file.path, edit.id, edit.action, who) if self._history else None)
        label, values = str(self._folder.label), {"reason": reason}
        return replace(result, note=Problem(label, 0, "edit_no_commit", values, warning=True)) if reason else result


def _ids(files: Iterable[KnowledgeFile]) -> set[str]:
    parsed = [file.parsed for file in files]
    return {id for one in parsed for id in (*one.unusable_ids, *(entry.id for entry, _ in one.entries))}


def _find(files: Iterable[KnowledgeFile], id: str) -> tuple[KnowledgeFile, Entry]:
    for file in sorted(files, key=lambda file: file.parsed.kind == "drafts"):
        for entry, _ in file.parsed.entries:
            if entry.id == id:
                return file, entry
    raise EditRejected(Problem(INPUT, 0, "edit_unknown", {"id": id}))


def _find_as_seen(
    files: Iterable[KnowledgeFile], id: str, seen: Entry | None, changes: Mapping[str, object]
) -> tuple[KnowledgeFile, Entry]:
    for file in files:
        if id in file.parsed.unusable_ids:
            _reject_errors(file.parsed)
    try:
        file, now = _find(files, id)
    except EditRejected as error:
        if seen is None:
            raise
        raise EditConflict(*error.problems, now=None, difference=difference(yaml_of(seen), "")) from None
    if seen is None or seen == now:
        return file, now
    problem = Problem(file.name, 0, "edit_changed", {"id": id})
    yaml = yaml_of({**fields_of(seen), **changes})
    raise EditConflict(problem, now=now, difference=difference(yaml_of(seen), yaml_of(now)), yaml=yaml)


def _find_draft(files: Iterable[KnowledgeFile], seen: Entry) -> KnowledgeFile:
    """Return the file of drafts that has it as seen. Raises EditRejected if one that cannot be read may have it."""
    drafts = [file for file in files if file.parsed.kind == "drafts"]
    try:
        return _find_as_seen(drafts, seen.id, seen, {})[0]
    except EditConflict as conflict:
        if conflict.now is None and (errors := [error for file in drafts for error in file.parsed.errors]):
            raise EditRejected(*errors) from None
        raise


def _removal(id: str) -> _Edit:
    return _Edit("removed", id, None, lambda text: yaml_edit.remove_entry(text, id))


def _reject_errors(parsed: ParsedFile) -> None:
    if parsed.errors:
        raise EditRejected(*parsed.errors)
