"""From a search result to a decision: answer, suggest, or keep silent. Pure.

`conversation/policy.py` decides whether the bot may reply at all.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.matching import Match, SearchResult


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probabilities from the settings; `docs/matching.md` has the measures of the shipped ones.

    `confident`: that the entry is right, to answer when addressed, where one message in four has no answer;
    `overheard`: that it is right in a room, where seven in ten have none; `suggest`: that one of the suggestions is.
    """

    confident: float = 0.72
    overheard: float = 0.55
    suggest: float = 0.3


@dataclass(frozen=True, slots=True)
class Answer:
    """Entries to answer with, in the order of the questions: one, or one for each part of the message.

    `unanswered`: texts of the parts without an answer.
    """

    matches: tuple[Match, ...]
    reason: str
    unanswered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggest:
    """Up to three entries to choose from, best first.

    `answered`: entries of the parts that have an answer all the same; `unanswered`: texts of those that have neither.
    """

    matches: tuple[Match, ...]
    reason: str
    answered: tuple[Match, ...] = ()
    unanswered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Silent:
    reason: str


Decision = Answer | Suggest | Silent

CHOICES = 3
NOTHING, ELSEWHERE = "nothing alike", "for other people"
MIN_SUGGESTION = 0.04  # confidence below which an entry is no help as a suggestion


def decide(result: SearchResult, addressed: bool, thresholds: Thresholds) -> Decision:
    """Decide on a message. `addressed`: it speaks to the bot. Overheard messages never get suggestions."""
    parts: Sequence[SearchResult] = result.parts or (result,)
    if not addressed:  # entries for other people, and those only for callers, are never given
        parts = [part for part in parts if not any(one.is_elsewhere or one.only_called for one in part.matches[:1])]
        if not parts:
            return Silent(ELSEWHERE)
        limit = thresholds.overheard
        reason = _compare(max(map(overheard_confidence, parts)), limit)
        if matches := _confident([part for part in parts if overheard_confidence(part) >= limit], limit):
            return Answer(matches, reason)
        return Silent(reason if result.matches else NOTHING)
    confident = thresholds.confident
    matches = _confident(parts, confident)
    open_parts = [part for part in parts if part.confidence < confident]
    best = max(open_parts, key=lambda part: suggestion_confidence(part, matches), default=None)
    if best and suggestion_confidence(best, matches) >= thresholds.suggest and (choices := _choices(best, matches)):
        unanswered = tuple(part.text for part in open_parts if part is not best)
        return Suggest(choices, _compare(best.confidence, confident), matches, unanswered if matches else ())
    if matches:
        unanswered = tuple(part.text for part in open_parts)
        return Answer(matches, _compare(matches[0].confidence, confident), unanswered)
    return Silent(_compare(suggestion_confidence(result), thresholds.suggest) if result.matches else NOTHING)


def suggestion_confidence(result: SearchResult, answered: Sequence[Match] = ()) -> float:
    """Return the probability that one of the suggestions would be the right entry. `answered`: no suggestions."""
    return min(1.0, sum(match.confidence for match in _choices(result, answered)))


def overheard_confidence(result: SearchResult) -> float:
    """Return the probability that the best match answers a message of a room; never above its confidence."""
    return min(result.confidence, result.overheard)


def _confident(parts: Iterable[SearchResult], limit: float) -> tuple[Match, ...]:
    """Return the first match of each part that reaches the limit, each entry once."""
    return tuple({part.matches[0].id: part.matches[0] for part in parts if part.confidence >= limit}.values())


def _choices(result: SearchResult, answered: Sequence[Match]) -> tuple[Match, ...]:
    ids = {match.id for match in answered}
    others = [match for match in result.matches if match.id not in ids]
    return tuple(match for match in others if match is others[0] or match.confidence >= MIN_SUGGESTION)[:CHOICES]


def _compare(confidence: float, limit: float) -> str:
    """Rounded down, so that 0.6999 does not read as 0.70 < 0.70."""
    return f"{int(confidence * 100) / 100:.2f} {'≥' if confidence >= limit else '<'} {limit:.2f}"
