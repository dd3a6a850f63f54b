"""What a network's package asks an operator to be set up: questions by name, answered in a terminal or by flags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.channels.findings import Finding


@dataclass(frozen=True, slots=True)
class Option:
    """One of several answers. `value`: as the settings have it."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class SectionAnswers:
    """A network's section for the settings file, its secrets by name, and remarks to stand beside values."""

    section: Mapping[str, str | Sequence[str]]
    secrets: Mapping[str, str] = field(repr=False)
    remarks: Mapping[str, str] = field(default_factory=dict)


class Interview(Protocol):
    """`key`: of a sentence under `init`, and of the flag that answers it."""

    def text(self, key: str, default: str | None = None) -> str:
        """`default`: what an empty answer means; None: there must be one."""

    def secret(self, key: str) -> str: ...

    def choose(self, key: str, options: Sequence[Option], *, most: int | None = None, least: int = 0) -> list[str]:
        """Values of some options, or others as typed; at least and at most so many."""

    def tell(self, key: str, **values: object) -> None: ...

    def reject(self, fault: Finding) -> None:
        """Say what is wrong with an answer, to be asked for anew. Raises Abandoned where nobody could give another."""


class Abandoned(Exception):
    """What was rejected ends the interview."""
