"""What the bot knows: entries with the ways people ask for them, checked and frozen. A change builds a new Knowledge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from pydantic import BaseModel, ConfigDict


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Link(_Frozen):
    title: str
    url: str  # http, https or mailto


class Entry(_Frozen):
    """One answer, and the ways people ask for it."""

    id: str
    title: str
    questions: tuple[str, ...]
    not_questions: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    answer: str | None = None  # Markdown
    links: tuple[Link, ...] = ()
    contacts: tuple[str, ...] = ()
    see_also: tuple[str, ...] = ()
    updated: date | None = None
    review_by: date | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an entry stands: path of the file as given, line of the entry's first line (from 1), theme."""

    file: str
    line: int
    theme: str


@dataclass(frozen=True, slots=True)
class Knowledge:
    entries: Mapping[str, Entry]  # by id, in the order of the files
    synonyms: tuple[tuple[str, ...], ...] = ()
    origins: Mapping[str, Origin] = field(default_factory=dict)  # by entry id
