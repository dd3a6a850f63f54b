"""Combines the results of several readings of one message: its parts, a post and its likeliest sentence. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from bot.matching import SearchResult

SURE_PART = 0.75  # confidence from which on a part is answered in any case, so that the others stand as well
MIN_PART = 0.6  # confidence from which on a part is a question of its own
_GIVES_WAY = 0.9  # share of its confidence with which a reading is compared
_ASKS = 0.5  # probability of a question from which on a reading asks


def is_sentence_surer(story: SearchResult, sentence: SearchResult) -> bool:
    """Return whether a post is read by its likeliest sentence: if that is surer. A reading that does not ask gives way
    a little to one that does, if they find different entries."""
    if story.question >= _ASKS:
        return _GIVES_WAY * sentence.confidence > story.confidence
    is_other = any(a.id != b.id for a, b in zip(story.matches[:1], sentence.matches, strict=False))
    share = _GIVES_WAY if is_other and sentence.question >= _ASKS else 1.0
    return sentence.confidence > share * story.confidence


def filled(parts: Sequence[SearchResult], whole: SearchResult) -> Sequence[SearchResult]:
    """Give the result of the whole message to the parts that find the same less surely; if none does, to those that are
    no question of their own."""
    if whole.confidence < MIN_PART:
        return parts
    best, own = whole.matches[0], [part for part in parts if part.confidence >= MIN_PART]
    same = [part for part in own if part.matches[0].id == best.id]
    unclear = same or [part for part in parts if part not in own]
    return [
        replace(whole, text=part.text) if part in unclear and part.confidence < best.confidence else part
        for part in parts
    ]


def distinct(parts: Sequence[SearchResult]) -> tuple[SearchResult, ...]:
    """Return the parts that reach `MIN_PART`, or all if one reaches `SURE_PART`; of the same entry the best one."""
    has_sure = any(part.confidence >= SURE_PART for part in parts)
    best: dict[str, SearchResult] = {}
    for part in parts:
        is_own = part.confidence >= MIN_PART
        key = part.matches[0].id if is_own else part.text
        if (is_own or has_sure) and (key not in best or best[key].confidence < part.confidence):
            best[key] = part
    return tuple(best.values())
