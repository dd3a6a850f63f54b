"""Where the play is played: rooms with people and the bot in them, and what is seen of it there."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Protocol

ActKind = Literal["message", "edit", "reaction", "removal"]


@dataclass(slots=True)
class Act:
    """One thing that the bot did. `target`: what it edits, reacts to or removes; `key`: also of a removed reaction."""

    kind: ActKind
    place: str
    id: str
    text: str = ""
    to: str | None = None
    thread: str | None = None
    target: str | None = None
    key: str = ""
    rings: frozenset[str] = frozenset()  # names of people
    quotes_root: bool = False  # clients show the root of its thread as a quote inside of that thread

    def __str__(self) -> str:
        text = " ".join(self.text.split())
        words = f" « {text[:140]}{'…' if len(text) > 140 else ''} »" if text else ""
        rings = f", fait sonner {' et '.join(sorted(self.rings))}" if self.rings else ""
        return f"{self.kind} ({self.place}{', fil' if self.thread else ''}){words}{self.key and ' ' + self.key}{rings}"


@dataclass(frozen=True, slots=True)
class Words:
    """What a person writes. `names`: a person, or the bot, called by a pill."""

    text: str
    to: str | None = None
    thread: str | None = None
    names: str | None = None
    replaces: str | None = None


class Stage(Protocol):
    acts: list[Act]

    async def write(self, who: str, place: str, words: Words) -> str:
        """The id of the message, or of the edit."""

    async def react(self, who: str, place: str, target: str, key: str) -> str: ...

    async def remove(self, who: str, place: str, target: str) -> None: ...

    async def give(self, name: str, text: str) -> None:
        """Put a file into the network's folder."""

    async def settle(self) -> None:
        """Until the bot has done all that it does now; `acts` has it."""

    async def wait(self, time: timedelta) -> None: ...

    async def absent(self, begins: bool) -> None:
        """The bot stops, or comes back."""
