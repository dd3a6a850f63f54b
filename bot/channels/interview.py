"""Interview for setting up a network: questions by name, answered in a terminal or by flags."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.channels.fields import complete_address
from bot.channels.findings import Finding, wrong


@dataclass(frozen=True, slots=True)
class Option:
    """A possible answer. `value` is written into the settings."""

    value: str
    label: str


Options = Sequence[Option]
Names = Sequence[str]


@dataclass(frozen=True, slots=True)
class SectionAnswers:
    """A network's section for the settings file, new secrets by name, and remarks to stand beside values.

    `digest`: where its weekly post goes.
    """

    section: Mapping[str, str | Sequence[str]]
    secrets: Mapping[str, str] = field(repr=False)
    remarks: Mapping[str, str] = field(default_factory=dict)
    digest: str | Sequence[str] = ()


class Interview(Protocol):
    """Asks an operator. `key` names a sentence under `init`, and the flag that answers it.

    An empty answer means the default: what stands in the settings, or was typed before.
    """

    def text(
        self, key: str, default: str | None = None, fault: Callable[[str], Finding | None] = lambda text: None
    ) -> str:
        """Ask for a text, until it has no `fault`. Without a default an answer is required."""

    def secret(self, key: str, default: str = "") -> str:
        """Ask for a secret, without showing it. Empty: the question before is to be asked anew."""

    def choose(
        self, key: str, options: Options, default: Names = (), least: int = 0, most: int = 99, listed: bool = False
    ) -> list[str]:
        """Return the values of some options, or others as typed unless `listed`; at least `least`, at most `most`."""

    def agrees(self, key: str, *, default: bool) -> bool: ...

    def tell(self, key: str, **values: object) -> None: ...

    def reject(self, fault: Finding) -> None:
        """Say what is wrong with an answer, to ask for it anew. Raises Abandoned if nobody could give another."""


class Abandoned(Exception):
    """A rejected answer ends the interview."""


def ask_address(ask: Interview, key: str, default: str) -> str:
    """Ask until it is an address, or empty; a scheme that lacks is added. Raises Abandoned."""

    def fault(typed: str) -> Finding | None:
        return None if complete_address(typed) else wrong("address_form", address=typed)

    return complete_address(ask.text(key, default, fault)) or ""
