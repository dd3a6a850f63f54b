"""Findings of the doctor's checks."""

from dataclasses import dataclass, field
from typing import Any, Literal

State = Literal["right", "wrong", "note", "unseen"]
SIGNS: dict[State, str] = {"right": "✓", "wrong": "✗", "note": "–", "unseen": "?"}


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of a check. `key` names a sentence under `doctor`; that of a wrong finding says how to fix it.

    `note`: nothing is wrong, but worth knowing; `unseen`: it could not be checked.
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


def unseen(key: str, **values: Any) -> Finding:
    return Finding("unseen", key, values)


class Halt(Exception):
    """Nothing more can be found out in this area."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.key)
        self.finding = finding
