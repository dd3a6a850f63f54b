"""From what was found to what is done about it: answer, suggest or keep silent. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.matching import Match, SearchResult


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probabilities from the settings; the shipped ones are measured in `docs/matching.md`.

    `confident`: that the entry is right, for an addressed answer; `overheard`: the same when nobody calls the bot;
    `suggest`: that one of the three suggestions is right.
    """

    confident: float = 0.7
    overheard: float = 0.85
    suggest: float = 0.25


@dataclass(frozen=True, slots=True)
class Answer:
    """Entries to answer with, in the order of the questions: one, or one for each part of the message.

    `rest`: what the message asks besides, to which there is no answer.
    """

    matches: tuple[Match, ...]
    reason: str
    unanswered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggest:
    """Up to three entries to choose from, best first; `answered` are parts that are sure all the same, `rest` those
    to which there is no answer.
    """

    matches: tuple[Match, ...]
    reason: str
    answered: tuple[Match, ...] = ()
    unanswered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Silent:
    reason: str


Decision = Answer | Suggest | Silent

SLIGHT = 0.04  # an entry less likely than this is no help as a suggestion
CHOICES = 3


def decide(found: SearchResult, addressed: bool, limits: Thresholds) -> Decision:
    """What to do about a message; `addressed`: it speaks to the bot. Overheard messages never get suggestions."""
    return _addressed(found, limits) if addressed else _overheard(found, limits)


def suggestion_confidence(found: SearchResult) -> float:
    """The probability that one of the entries that would be suggested is the right one."""
    return _suggestion_confidence(found, ())


def top_confidence(found: SearchResult) -> float:
    """The confidence of the best match of any part; 0: nothing is alike."""
    return max(map(_top, found.parts or (found,)))


def _addressed(found: SearchResult, limits: Thresholds) -> Decision:
    parts = found.parts or (found,)
    sure = _sure(parts, limits.confident)
    unsure = [
        part for part in parts if _top(part) < limits.confident and _suggestion_confidence(part, sure) >= limits.suggest
    ]
    if unsure:
        best = max(unsure, key=lambda part: _suggestion_confidence(part, sure))
        if choices := _choices(best, sure):
            unanswered = _unanswered([part for part in parts if part is not best], limits)
            return Suggest(choices, _compare(_top(best), limits.confident), sure, unanswered if sure else ())
    if sure:
        return Answer(sure, _compare(sure[0].confidence, limits.confident), _unanswered(parts, limits))
    return Silent(_compare(suggestion_confidence(found), limits.suggest) if found.matches else NOTHING)


def _overheard(found: SearchResult, limits: Thresholds) -> Decision:
    parts = found.parts or (found,)
    if sure := _sure([part for part in parts if _heard(part) >= limits.overheard], limits.overheard):
        return Answer(sure, _compare(sure[0].confidence, limits.overheard))
    return Silent(_compare(max(map(_heard, parts)), limits.overheard) if found.matches else NOTHING)


def _heard(found: SearchResult) -> float:
    """The confidence where nobody called: at most as high as the likelihood of being a question lets it be."""
    return min(_top(found), found.question + _DOUBT)


_DOUBT = 0.5  # a message that is a question as likely as not may still be answered
NOTHING = "nothing alike"


def _sure(parts: Iterable[SearchResult], limit: float) -> tuple[Match, ...]:
    """The first match of each part that is sure enough, each entry once."""
    return tuple({part.matches[0].id: part.matches[0] for part in parts if _top(part) >= limit}.values())


def _top(found: SearchResult) -> float:
    return found.matches[0].confidence if found.matches else 0.0


def _suggestion_confidence(found: SearchResult, answered: tuple[Match, ...]) -> float:
    return min(1.0, sum(match.confidence for match in _choices(found, answered)))


def _unanswered(parts: Iterable[SearchResult], limits: Thresholds) -> tuple[str, ...]:
    return tuple(part.text for part in parts if _top(part) < limits.confident)


def _choices(found: SearchResult, answered: tuple[Match, ...]) -> tuple[Match, ...]:
    taken = {match.id for match in answered}
    others = [match for match in found.matches if match.id not in taken]
    return tuple(match for match in others if match is others[0] or match.confidence >= SLIGHT)[:CHOICES]


def _compare(confidence: float, limit: float) -> str:
    """Rounded down, so that 0.6999 does not read as 0.70 < 0.70."""
    return f"{int(confidence * 100) / 100:.2f} {'≥' if confidence >= limit else '<'} {limit:.2f}"
