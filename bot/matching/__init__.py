"""Matching: a text in, ranked entries with probabilities out. Pure but for the encoder's cache folder."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why an entry was found, for `ask` and `!pourquoi`. Numbers run from 0 to 1."""

    phrasing: str = ""  # the entry's nearest phrasing
    words: tuple[str, ...] = ()  # words that message and entry share, rarest first
    lexical: float = 0.0
    corrected: float = 0.0  # share of the message's words that were taken for typos
    semantic: float = 0.0
    first_confidence: float | None = None  # before question and entry were read together; None: they were not


@dataclass(frozen=True, slots=True)
class Match:
    """An entry and the probability, 0 to 1, that it answers the message."""

    id: str
    title: str
    confidence: float
    evidence: Evidence = Evidence()
    is_elsewhere: bool = False  # for other rooms, or another region, than those of the message
    only_called: bool = False  # given to none but who speaks to the bot


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The five best matches of a message, best first, and the probability that it is a question for us.

    `overheard`: probability that the best one answers it in a room where nobody spoke to the bot. `parts` has one
    result for each question of a message that asks several, in their order; `matches` are then those of the part with
    the highest confidence.
    """

    text: str = field(repr=False)
    matches: tuple[Match, ...]
    question: float
    parts: tuple[SearchResult, ...] = ()
    overheard: float = 1.0

    @property
    def confidence(self) -> float:
        """The confidence of the best match; 0 without matches."""
        return self.matches[0].confidence if self.matches else 0.0
