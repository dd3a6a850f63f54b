"""Parser of a knowledge file: bytes in, entries with their lines and all problems out. Pure; `folder.py` reads."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath
from typing import Any, Literal

from bot.knowledge.models import Entry, Misread, Origin, Readings, Synonyms, Theme
from bot.knowledge.yaml.problems import Document, Faulty, Problem, in_file_order
from bot.knowledge.yaml.reader import load
from bot.knowledge.yaml.suggestions import closest

FileKind = Literal["theme", "drafts", "synonyms", "readings"]

# By the file's name without its ending, in French or English.
KINDS: dict[str, FileKind] = {"synonymes": "synonyms", "lectures": "readings", "brouillons": "drafts"}
KINDS |= {kind: kind for kind in KINDS.values()}
_NUMBERED = re.compile(r"-\d{1,4}$")


@dataclass(frozen=True)
class ParsedFile:
    """The content of a file; it has no entries, synonyms or readings if there is an error among its problems."""

    file: str
    kind: FileKind
    problems: tuple[Problem, ...] = ()
    entries: tuple[tuple[Entry, Origin], ...] = ()
    theme: str = ""  # its title
    synonyms: tuple[tuple[str, ...], ...] = ()
    readings: tuple[Misread, ...] = ()
    unusable_ids: tuple[str, ...] = ()  # of a theme with errors

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if not problem.warning]


def kind_of(file: str) -> FileKind:
    """Return the kind of a file by its name; a numbered one (`brouillons-2.yaml`) has the kind of the first."""
    return KINDS.get(_NUMBERED.sub("", PurePath(file).stem.casefold()), "theme")


@lru_cache(maxsize=64)  # an edit is parsed to check it, and again by the next edit and by the library
def parse_file(raw: bytes, file: str) -> ParsedFile:
    """Parse the content of a file. `file`: its path as named in problems."""
    kind = kind_of(file)
    is_blank = all(not line.strip() or line.lstrip().startswith(b"#") for line in raw.splitlines())
    if kind != "theme" and is_blank:
        return ParsedFile(file, kind)  # an empty file is a problem only where a theme is expected
    try:
        if kind == "synonyms":
            words, document = load(raw, file, Synonyms)
            return ParsedFile(file, kind, document.warnings, synonyms=words.synonyms)
        if kind == "readings":
            misread, document = load(raw, file, Readings)
            return ParsedFile(file, kind, document.warnings, readings=misread.readings)
        theme, document = load(raw, file, Theme)
        if repeated := _repeated_ids(document):
            ids = tuple(entry.id for entry in theme.entries)
            return ParsedFile(file, kind, (*document.warnings, *repeated), theme=theme.theme, unusable_ids=ids)
    except Faulty as fault:
        problems = _all_problems(fault.problems, fault.document) if fault.document else fault.problems
        if fault.document and is_blank:
            problems = (Problem(file, 1, "empty_file"),)
        unusable = (str(entry.get("id", "")) for _, entry in _entries(fault.document) if kind == "theme")
        return ParsedFile(file, kind, problems, unusable_ids=tuple(unusable))
    entries = []
    for number, entry in enumerate(theme.entries):
        line, fields = document.position("entries", number)
        lines = {str(name): tuple(one.line for one in inner.values()) or (at,) for name, (at, inner) in fields.items()}
        entries.append((entry, Origin(file, line, theme.theme, lines)))
    return ParsedFile(file, kind, document.warnings, tuple(entries), theme.theme)


def _all_problems(known: tuple[Problem, ...], document: Document) -> tuple[Problem, ...]:
    """Return the reader's problems, and those that other errors hid from it."""
    problems = [problem for problem in known if problem.key != "answer_or_links"]
    for number, entry in _entries(document):
        # An answer under a misspelt key is one: the key is reported already.
        keys = {closest(key, Entry.model_fields) for key, value in entry.items() if value}
        if keys.isdisjoint(("answer", "links")):
            problems.append(Problem(document.file, document.line("entries", number), "answer_or_links"))
    return in_file_order(problems + _repeated_ids(document))


def _entries(document: Document | None) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the entries of a file that may have errors, with their numbers; not those that are no mapping."""
    entries = document.value("entries") if document else ()
    for number, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict):
            yield number, entry


def _repeated_ids(document: Document) -> list[Problem]:
    first: dict[str, int] = {}
    problems = []
    for number, entry in _entries(document):
        id, line = str(entry.get("id", "")).strip(), document.line("entries", number, "id")
        if id and first.setdefault(id, line) != line:
            values = {"id": id, "first": f"{document.file}:{first[id]}"}
            problems.append(Problem(document.file, line, "twice_id", values))
    return problems
