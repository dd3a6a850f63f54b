"""One knowledge file: bytes in, entries with their lines out, and everything that is wrong with it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath
from typing import Literal

from bot.knowledge.models import Entry, Origin, Synonyms, Theme
from bot.knowledge.yaml.key_names import near
from bot.knowledge.yaml.problems import Document, Faulty, Problem, in_order
from bot.knowledge.yaml.reader import load

Kind = Literal["theme", "drafts", "synonyms"]

KINDS: dict[str, Kind] = {  # by the file's name without its ending
    "synonymes": "synonyms",
    "synonyms": "synonyms",
    "brouillons": "drafts",
    "drafts": "drafts",
}


@dataclass(frozen=True)
class ParsedFile:
    """What one file gives. With an error among its problems it gives nothing."""

    file: str
    kind: Kind
    problems: tuple[Problem, ...] = ()
    entries: tuple[tuple[Entry, Origin], ...] = ()
    synonyms: tuple[tuple[str, ...], ...] = ()
    unusable: tuple[str, ...] = ()  # ids in a theme with errors

    @property
    def good(self) -> bool:
        return all(problem.warning for problem in self.problems)


def kind(file: str) -> Kind:
    return KINDS.get(PurePath(file).stem.casefold(), "theme")


@lru_cache(maxsize=64)
def parse_file(raw: bytes, file: str) -> ParsedFile:
    """`file` is the path as it will be named in problems. The latest are kept: a moderator's draft and its approval
    read the whole folder several times, and one file of it has changed."""
    what = kind(file)
    if what != "theme" and _blank(raw):
        return ParsedFile(file, what)  # no drafts, no synonyms: that is nothing wrong
    try:
        return _synonyms(raw, file) if what == "synonyms" else _theme(raw, file, what)
    except Faulty as fault:
        ids = _ids(fault.document) if fault.document else []
        return ParsedFile(file, what, _told(fault, raw, file, ids), unusable=tuple(ids) if what == "theme" else ())


def _blank(raw: bytes) -> bool:
    return all(not line.strip() or line.lstrip().startswith(b"#") for line in raw.splitlines())


def _synonyms(raw: bytes, file: str) -> ParsedFile:
    found, document = load(raw, file, Synonyms)
    return ParsedFile(file, "synonyms", document.warnings, synonyms=found.synonyms)


def _theme(raw: bytes, file: str, what: Kind) -> ParsedFile:
    found, document = load(raw, file, Theme)
    entries = tuple((entry, _origin(document, n, entry, found.theme)) for n, entry in enumerate(found.entries))
    twice = _twice(document, [entry.id for entry in found.entries])
    if twice:
        return ParsedFile(file, what, (*document.warnings, *twice), unusable=tuple(entry.id for entry in found.entries))
    return ParsedFile(file, what, document.warnings, entries)


def _origin(document: Document, number: int, entry: Entry, theme: str) -> Origin:
    lines = {
        name: tuple(document.line("entries", number, name, n) for n in range(len(getattr(entry, name))))
        for name in ("questions", "not_questions", "see_also")
    }
    lines |= {name: (document.line("entries", number, name),) for name in ("id", "title", "review_by")}
    return Origin(document.file, document.line("entries", number), theme, lines)


def _told(fault: Faulty, raw: bytes, file: str, ids: list[str]) -> tuple[Problem, ...]:
    """What the reader says, and what it could not see because other things were wrong as well."""
    document = fault.document
    if document is None:
        return fault.problems
    if _blank(raw):
        return (Problem(file, 1, "empty_file"),)
    known = [problem for problem in fault.problems if problem.key != "answer_or_links"]
    return in_order(known + _unanswered(document) + _twice(document, ids))


def _entries(document: Document) -> list[object]:
    found = document.value("entries")
    return list(found) if isinstance(found, list) else []


def _ids(document: Document) -> list[str]:
    return [str(one.get("id", "")) if isinstance(one, dict) else "" for one in _entries(document)]


def _unanswered(document: Document) -> list[Problem]:
    return [
        Problem(document.file, document.line("entries", number), "answer_or_links")
        for number, entry in enumerate(_entries(document))
        if isinstance(entry, dict) and not _answers(entry)
    ]


def _answers(entry: dict[str, object]) -> bool:
    """Under a misspelt key as well: that one is told already."""
    meant = {near(key, Entry.model_fields) for key, value in entry.items() if value}
    return not meant.isdisjoint(("answer", "links"))


def _twice(document: Document, ids: list[str]) -> list[Problem]:
    first: dict[str, int] = {}
    problems = []
    for number, one in enumerate(ids):
        line = document.line("entries", number, "id")
        if one and first.setdefault(one, line) != line:
            problems.append(
                Problem(document.file, line, "twice_id", {"id": one, "first": f"{document.file}:{first[one]}"})
            )
    return problems
