"""What a check of the set-up found, and what the checks have at hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from bot.config import Settings

State = Literal["right", "wrong", "note"]
SIGNS: dict[State, str] = {"right": "✓", "wrong": "✗", "note": "–"}


@dataclass(frozen=True, slots=True)
class Finding:
    """`key`: the sentence in the wording, under `doctor`; what is wrong says how to mend it. `note`: nothing is wrong,
    but somebody may want to know it, or it could not be looked at.
    """

    state: State
    key: str
    values: dict[str, Any] = field(default_factory=dict)


def right(key: str, **values: Any) -> Finding:
    return Finding("right", key, values)


def wrong(key: str, **values: Any) -> Finding:
    return Finding("wrong", key, values)


def note(key: str, **values: Any) -> Finding:
    return Finding("note", key, values)


class Halt(Exception):
    """Nothing more can be found out in this area."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.key)
        self.finding = finding


@dataclass
class SetupInfo:
    """The set-up that is looked at. `notes`: what the store's memory holds, once it was looked into."""

    settings: Settings
    cache: Path | None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    notes: dict[str, str] = field(default_factory=dict, repr=False)


Check = Callable[[SetupInfo], AsyncIterator[Finding]]
