"""What a message is, read once: which act, whether it asks, whether it calls the bot. Learned from examples. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

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
"""`pick`: chooses from an offer; `ack`: acknowledges, and wants nothing; `about_bot`: what, who, how it is; `sources`:
where an answer comes from; `leave`: never mind; `withdraw`: takes back what was agreed to; `data`: what is kept, or to
be erased; `quiet`: do not answer."""

ACTS: Sequence[Act] = Act.__args__  # type: ignore[attr-defined]

ReadAs = Literal[Act, "question", "talk"]
"""What a network says that a message was: an act; a question; or talk among people, which wants nothing."""

Said = Literal["nothing", "answer", "offer", "confirm", "unknown"]
"""What the bot last said to a person: an `offer` of suggestions; `confirm`: whether to pass a question on; `unknown`:
that it has no answer."""

SAID: Sequence[Said] = Said.__args__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Pick:
    """What is chosen of a list: `numbers` from 0, -1 is the last; none: all. `of`: how long the list must be."""

    numbers: tuple[int, ...]
    of: int | None = None

    def among(self, entries: Sequence[str]) -> Sequence[str]:
        """The chosen ones; empty if the list has none of that number."""
        if max(self.numbers, default=0) >= len(entries) or self.of not in (None, len(entries)):
            return ()
        return tuple(dict.fromkeys(entries[number] for number in self.numbers)) or entries


@dataclass(frozen=True, slots=True)
class Reading:
    """`text`: without the call. `act`: None if it is none of them; `certainty`: its probability, or that of none.
    `asks`: probability that it wants an answer from the knowledge; `inquires`: that it asks anything, of people too."""

    text: str = field(repr=False)
    act: Act | None
    certainty: float
    asks: float
    inquires: float = 0.0
