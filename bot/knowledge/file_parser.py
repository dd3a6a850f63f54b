"""Parser of a knowledge file: bytes in, entries with their lines and all problems out. Pure; `folder.py` reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath
from typing import Literal

from bot.knowledge.models import Entry, Misread, Origin, Readings, Synonyms, Theme
from bot.knowledge.yaml.problems import Document, Faulty, Problem, in_file_order
from bot.knowledge.yaml.reader import load
from bot.knowledge.yaml.suggestions import closest

FileKind = Literal["theme", "drafts", "synonyms", "readings"]

KINDS: dict[str, FileKind] = {  # by the file's name without its ending
    "synonymes": "synonyms",
    "synonyms": "synonyms",
    "lectures": "readings",
    "readings": "readings",
    "brouillons": "drafts",
    "drafts": "drafts",
}


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

    @property
    def is_sound(self) -> bool:
        return not self.errors


def kind_of(file: str) -> FileKind:
    """Return the kind of a file by its name; a numbered one (`brouillons-2.yaml`) has the kind of the first."""
    return KINDS.get(_NUMBERED.sub("", PurePath(file).stem.casefold()), "theme")


@lru_cache(maxsize=64)  # an edit is parsed to check it, and again by the next edit and by the library
def parse_file(raw: bytes, file: str) -> ParsedFile:
    """Parse the content of a file. `file`: its path as named in problems."""
    kind = kind_of(file)
    if kind != "theme" and _is_blank(raw):
        return ParsedFile(file, kind)  # an empty file is a problem only where a theme is expected
    try:
        match kind:
            case "synonyms":
                words, document = load(raw, file, Synonyms)
                return ParsedFile(file, kind, document.warnings, synonyms=words.synonyms)
            case "readings":
                misread, document = load(raw, file, Readings)
                return ParsedFile(file, kind, document.warnings, readings=misread.readings)
            case _:
                return _parse_theme(raw, file, kind)
    except Faulty as fault:
        ids = _ids(fault.document) if fault.document else []
        problems = _all_problems(fault, raw, ids)
        return ParsedFile(file, kind, problems, unusable_ids=tuple(ids) if kind == "theme" else ())


def _is_blank(raw: bytes) -> bool:
    return all(not line.strip() or line.lstrip().startswith(b"#") for line in raw.splitlines())


def _parse_theme(raw: bytes, file: str, kind: FileKind) -> ParsedFile:
    theme, document = load(raw, file, Theme)
    ids = [entry.id for entry in theme.entries]
    if repeated := _repeated_ids(document, ids):
        problems = (*document.warnings, *repeated)
        return ParsedFile(file, kind, problems, theme=theme.theme, unusable_ids=tuple(ids))
    entries = tuple((entry, _origin(document, n, theme.theme)) for n, entry in enumerate(theme.entries))
    return ParsedFile(file, kind, document.warnings, entries, theme.theme)


def _origin(document: Document, number: int, theme: str) -> Origin:
    position = document.position("entries", number)
    inner = position.inner
    lines: dict[str, tuple[int, ...]] = {
        name: (inner.get(name, position).line,) for name in ("id", "title", "region", "review_by")
    }
    for name in inner.keys() & {"questions", "not_questions", "see_also", "rooms"}:
        lines[str(name)] = tuple(item.line for item in inner[name].inner.values())
    return Origin(document.file, position.line, theme, lines)


def _all_problems(fault: Faulty, raw: bytes, ids: list[str]) -> tuple[Problem, ...]:
    """Return the reader's problems, and those that other errors hid from it."""
    document = fault.document
    if document is None:
        return fault.problems
    if _is_blank(raw):
        return (Problem(document.file, 1, "empty_file"),)
    known = [problem for problem in fault.problems if problem.key != "answer_or_links"]
    return in_file_order(known + _unanswered(document) + _repeated_ids(document, ids))


def _entries(document: Document) -> list[object]:
    entries = document.value("entries")
    return list(entries) if isinstance(entries, list) else []


def _ids(document: Document) -> list[str]:
    return [str(entry.get("id", "")) if isinstance(entry, dict) else "" for entry in _entries(document)]


def _unanswered(document: Document) -> list[Problem]:
    return [
        Problem(document.file, document.line("entries", number), "answer_or_links")
        for number, entry in enumerate(_entries(document))
        if isinstance(entry, dict) and not _has_answer(entry)
    ]


def _has_answer(entry: dict[str, object]) -> bool:
    """Whether there is an answer, even under a misspelt key: that one is reported already."""
    keys = {closest(key, Entry.model_fields) for key, value in entry.items() if value}
    return not keys.isdisjoint(("answer", "links"))


def _repeated_ids(document: Document, ids: list[str]) -> list[Problem]:
    first: dict[str, int] = {}
    problems = []
    for number, id in enumerate(ids):
        line = document.line("entries", number, "id")
        if id and first.setdefault(id, line) != line:
            values = {"id": id, "first": f"{document.file}:{first[id]}"}
            problems.append(Problem(document.file, line, "twice_id", values))
    return problems
