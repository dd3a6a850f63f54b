"""From what was found to what is done about it: answer, suggest or keep silent. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bot.matching import Found, Match


@dataclass(frozen=True, slots=True)
class Limits:
    """Probabilities from the settings: an addressed answer, an overheard one, a suggestion."""

    confident: float = 0.80
    overheard: float = 0.90
    suggest: float = 0.35


@dataclass(frozen=True, slots=True)
class Answer:
    """Entries to answer with, in the order of the questions: one, or one for each part of the message."""

    matches: tuple[Match, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Suggest:
    """Up to three entries to choose from, best first; `answered` are parts that are sure all the same."""

    matches: tuple[Match, ...]
    reason: str
    answered: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class Silent:
    reason: str


Decision = Answer | Suggest | Silent
