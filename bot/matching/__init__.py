"""Text in, ranked matches out. No input or output, no clock, no async."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why an entry came up, for `ask` and `!pourquoi`. Likenesses run from 0 to 1."""

    phrasing: str = ""  # the entry's phrasing that is nearest
    words: tuple[str, ...] = ()  # the rare words that message and entry share, rarest first
    lexical: float = 0.0
    fuzzy: float = 0.0
    semantic: float = 0.0


@dataclass(frozen=True, slots=True)
class Match:
    """An entry and the probability, 0 to 1, that it answers the message."""

    id: str
    title: str
    confidence: float
    evidence: Evidence = Evidence()


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a message brought up: the best five matches, surest first, and the likelihood that it asks us something.

    `parts` holds one Found for each question when a message asks two or more, in their order; `matches` is then the
    surest part's.
    """

    text: str = field(repr=False)
    matches: tuple[Match, ...]
    question: float
    parts: tuple[SearchResult, ...] = ()
