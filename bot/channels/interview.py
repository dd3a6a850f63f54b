"""Interview for setting up a network: questions by name, answered in a terminal or by flags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.channels.findings import Finding


@dataclass(frozen=True, slots=True)
class Option:
    """A possible answer. `value` is written into the settings."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class SectionAnswers:
    """A network's section for the settings file, its secrets by name, and remarks to stand beside values."""

    section: Mapping[str, str | Sequence[str]]
    secrets: Mapping[str, str] = field(repr=False)
    remarks: Mapping[str, str] = field(default_factory=dict)


class Interview(Protocol):
    """Asks an operator. `key` names a sentence under `init`, and the flag that answers it."""

    def text(self, key: str, default: str | None = None) -> str:
        """Ask for a text. An empty answer means `default`; None: an answer is required."""

    def secret(self, key: str) -> str: ...

    def choose(self, key: str, options: Sequence[Option], *, most: int | None = None, least: int = 0) -> list[str]:
        """Return the values of some options, or others as typed; at least `least` and at most `most`."""

    def tell(self, key: str, **values: object) -> None: ...

    def reject(self, fault: Finding) -> None:
        """Say what is wrong with an answer, to ask for it anew. Raises Abandoned if nobody could give another."""


class Abandoned(Exception):
    """A rejected answer ends the interview."""
