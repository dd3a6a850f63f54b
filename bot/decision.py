"""From what was found to what is done about it: answer, suggest or keep silent. Pure."""

from __future__ import annotations

from collections.abc import Iterable
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

SLIGHT = 0.05  # an entry less likely than this is no help as a suggestion
CHOICES = 3


def decide(found: Found, addressed: bool, limits: Limits) -> Decision:
    """What to do about a message; `addressed`: it speaks to the bot. Overheard messages never get suggestions."""
    return _addressed(found, limits) if addressed else _overheard(found, limits)


def _addressed(found: Found, limits: Limits) -> Decision:
    parts = found.parts or (found,)
    sure = _distinct(part.matches[0] for part in parts if _top(part) >= limits.confident)
    unsure = [part for part in parts if limits.suggest <= _top(part) < limits.confident]
    if sure and not (unsure and found.parts):
        return Answer(sure, _compare(_top(found), limits.confident))
    if unsure:
        best = max(unsure, key=_top)
        return Suggest(_choices(best, sure), _compare(_top(best), limits.confident), sure)
    return Silent(_compare(_top(found), limits.suggest) if found.matches else "nothing alike")


def _overheard(found: Found, limits: Limits) -> Decision:
    """A question for us, and surely: the likelihood of being one at all is part of the confidence."""
    parts = found.parts or (found,)
    sure = _distinct(part.matches[0] for part in parts if _overheard_top(part) >= limits.overheard)
    best = max(map(_overheard_top, parts), default=0.0)
    if not sure:
        return Silent(_compare(best, limits.overheard) if found.matches else "nothing alike")
    return Answer(sure, _compare(best, limits.overheard))


def _overheard_top(found: Found) -> float:
    return min(_top(found), found.question + 0.5) if found.matches else 0.0


def _top(found: Found) -> float:
    return found.matches[0].confidence if found.matches else 0.0


def _choices(found: Found, answered: tuple[Match, ...]) -> tuple[Match, ...]:
    taken = {match.id for match in answered}
    return tuple(m for m in found.matches if m.confidence >= SLIGHT and m.id not in taken)[:CHOICES]


def _distinct(matches: Iterable[Match]) -> tuple[Match, ...]:
    return tuple({match.id: match for match in matches}.values())


def _compare(confidence: float, limit: float) -> str:
    return f"{confidence:.2f} {'≥' if confidence >= limit else '<'} {limit:.2f}"
