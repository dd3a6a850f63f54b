"""The reading of a message: which act it is, whether it asks, whether it calls the bot. Learned from examples. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

Act = Literal[
    "agree",
    "refuse",
    "pick",
    "more",
    "thanks",
    "ack",
    "greet",
    "about_bot",
    "complaint",
    "dead_link",
    "sources",
    "leave",
    "withdraw",
    "data",
    "quiet",
]
"""`pick`: chooses from an offer; `ack`: acknowledges, and wants nothing; `about_bot`: asks what, who or how the bot is;
`sources`: asks where an answer comes from; `leave`: never mind; `withdraw`: takes back a consent; `data`: asks what is
stored, or to erase it; `quiet`: do not answer."""

ACTS: Sequence[Act] = Act.__args__  # type: ignore[attr-defined]

ReadAs = Literal[Act, "question", "talk"]
"""The right reading of a message that was misread: an act; a question; or talk among people, which wants nothing."""

READINGS: Sequence[ReadAs] = ("talk", *ACTS, "question")

Said = Literal["nothing", "answer", "offer", "confirm", "unknown"]
"""The bot's last words to a person: an `offer` of suggestions; `confirm`: whether to pass a question on; `unknown`: it
has no answer."""

SAID: Sequence[Said] = Said.__args__  # type: ignore[attr-defined]

Offered = TypeVar("Offered")


@dataclass(frozen=True, slots=True)
class Pick:
    """A choice from a list. `numbers`: from 0, -1 for the last; empty for all. `of`: how long the list must be."""

    numbers: tuple[int, ...]
    of: int | None = None

    def among(self, entries: Sequence[Offered]) -> Sequence[Offered]:
        """Return the chosen entries; empty if the list has none of that number."""
        if max(self.numbers, default=0) >= len(entries) or self.of not in (None, len(entries)):
            return ()
        return tuple(dict.fromkeys(entries[number] for number in self.numbers)) or entries


@dataclass(frozen=True, slots=True)
class Reading:
    """The reading of a message.

    `text`: without the call. `act`: None if it is none of the acts; `certainty`: the probability of the act, or of
    being none. `asks`: probability that it wants an answer from the knowledge; `inquires`: that it asks anything of
    anybody.
    """

    text: str = field(repr=False)
    act: Act | None
    certainty: float
    asks: float
    inquires: float = 0.0
