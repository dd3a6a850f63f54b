"""A short message that goes on from an answer: 'et combien ça coûte ?' is read with the entry that was given. Pure.

It says too little to be searched for alone, and with the entry's title it finds that entry whatever it asks. So it is
read four times: alone among the entry and its neighbours ('see also', both ways), alone among those and their
neighbours, alone in the whole knowledge, and with the title, or in place of a word of it, among all other entries. What
two readings agree on is answered, or what the text finds alone if it leans on nothing; else what each finds is offered.
What the title helps to find must be found without it too; a neighbour that the title alone does not find is offered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from dataclasses import dataclass, replace

from bot.knowledge.models import Entry, Knowledge
from bot.matching import Match, SearchResult
from bot.matching.decision import CHOICES, Answer, Decision, Silent, Suggest, Thresholds
from bot.matching.index import EncodedMessage, Index
from bot.matching.locality import visible
from bot.messages import Venue
from bot.text.folding import fold, tokens
from bot.text.languages import STOP_WORDS

MOST_WORDS = 10  # words of a message that goes on, and of a title that it may stand in
BARE = 3  # words of one that says nothing by itself
FEW = 3  # entries without which a confidence among them says nothing
RAISED = 3.0  # a text must raise the odds of an entry this many times, beside what the title alone finds
LIKELY = 0.4  # confidence from which on what is found with the answer's help is worth an offer
_GOES_ON = re.compile(r"(?:ok |oui |ah )?(?:et|mais|and|but|what about|how about)\b")
_STANDS_FOR = re.compile(  # words that stand for what was said before
    r"\b(?:ca|cela|c est(?! quoi)|celui|celle|ceux|y en a|it|that|this|ones?|they)\b"
)
_ASKS = re.compile(
    r"\b(?:combien|quel(?:le)?s?|qui|ou|comment|quand|pourquoi|quoi|how|what(?! about)|where|who|when|why)\b"
)
_WORD = re.compile(r"[^\W_]+(?:[-’'][^\W_]+)*")
_LEAST_DOUBT = 0.001
REASON = "goes on from an answer"


def may_follow(text: str) -> bool:
    """Whether a text is short enough to lean on what was said before."""
    return 0 < len(tokens(fold(text))) <= MOST_WORDS


def leans(text: str) -> bool:
    """Whether a short text names too little to be asked by itself, or stands for what was said before."""
    folded = fold(text)
    return len(tokens(folded)) <= BARE or goes_on(text) or _STANDS_FOR.search(folded) is not None


def goes_on(text: str) -> bool:
    """Whether a short text begins as one that goes on from another: 'et …'."""
    return may_follow(text) and _GOES_ON.match(fold(text)) is not None


def neighbours(knowledge: Knowledge, ids: Iterable[str]) -> Set[str]:
    """The entries of these ids, those that they refer to, and those that refer to them."""
    own = set(ids) & knowledge.entries.keys()
    referred = {id for own_id in own for id in knowledge.entries[own_id].see_also}
    referring = {entry.id for entry in knowledge.entries.values() if own & set(entry.see_also)}
    return own | (referred & knowledge.entries.keys()) | referring


@dataclass(frozen=True, slots=True)
class _Readings:
    """The best match of each."""

    close: Match | None  # alone, among the entry and its neighbours
    wide: Match | None  # alone, among those and their neighbours
    alone: Match | None
    joined: Match | None  # with the title, or in place of a word of it
    hint: Match | None = None  # a neighbour that is found with the title only


def decide_follow_up(
    said: EncodedMessage, plain: SearchResult, given: Entry, thresholds: Thresholds, venue: Venue
) -> Decision:
    """What to reply to a message that follows the answer `given` at a venue. `plain`: what it finds there alone."""
    readings = _read(said, plain, given, thresholds.confident, venue)
    is_torn = leans(said.text) and _is_torn(readings)
    if agreed := _agreed(readings, leans(said.text), is_torn, thresholds.confident):
        return Answer((agreed,), REASON)
    near = (readings.close, readings.wide, None if is_torn else readings.joined, readings.hint)
    return _offer(near, readings.alone, thresholds.suggest)


def _read(said: EncodedMessage, plain: SearchResult, given: Entry, limit: float, venue: Venue) -> _Readings:
    index, text = said.index, said.text
    knowledge = visible(index.knowledge, venue)
    near = neighbours(knowledge, [given.id])

    def among(ids: Set[str], message: EncodedMessage = said) -> Match | None:
        return _best(index.find(message, venue, ids)) if len(ids) >= FEW else None

    others, asks = knowledge.entries.keys() - {given.id}, asks_about(text)
    joined = (
        among(others, index.encode(f"{text} ({given.title})"))
        if asks
        else _in_place_of_a_word(index, text, given, others, venue)
    )
    readings = _Readings(among(near), among(neighbours(knowledge, near)), _best(plain), joined)
    if not joined or joined.id in {match.id for match in plain.matches} or (joined.confidence >= limit and not asks):
        return readings
    is_about = asks and joined.id in near and _raises(joined, index.search(given.title, venue, others))
    return replace(readings, joined=None, hint=joined if is_about else None)


def _agreed(readings: _Readings, is_leaning: bool, is_torn: bool, limit: float) -> Match | None:
    """What two readings are sure of, or the text alone, if it leans on nothing."""
    agreements = [(readings.close, [readings.wide])]
    if not is_torn:
        agreements += [(readings.alone, [readings.joined if is_leaning else readings.alone])]
        agreements += [(readings.joined, [readings.close, readings.wide, readings.alone])]
    for match, others in agreements:
        if match and match.confidence >= limit and match.id in {other.id for other in others if other}:
            return match
    return None


def _is_torn(readings: _Readings) -> bool:
    """Whether a likely neighbour is not what the text finds alone, with or without the title: 'et qui paie ?' after the
    missions of a service civique."""
    if not (readings.alone and readings.joined and readings.alone.id == readings.joined.id):
        return False
    likely = [match.id for match in (readings.close, readings.wide) if match and match.confidence >= LIKELY]
    return any(id != readings.alone.id for id in likely)


def asks_about(text: str) -> bool:
    """Whether a short text asks something about what was said before, rather than names something else."""
    folded = fold(text)
    return bool(_ASKS.search(folded) or _STANDS_FOR.search(folded))


def _in_place_of_a_word(index: Index, text: str, given: Entry, others: Set[str], venue: Venue) -> Match | None:
    """The surest reading in place of a word of the title: 'et pour un facilitateur ?' after a post for fabmanagers."""
    if len(others) < FEW:
        return None
    readings = [(_best(index.search(f"{text} ({title})", venue, others)), title) for title in _shorter(given.title)]
    found = sorted(((match, title) for match, title in readings if match), key=lambda one: -one[0].confidence)
    return next((match for match, title in found if _raises(match, index.search(title, venue, others))), None)


def _raises(match: Match, before: SearchResult) -> bool:
    """Whether a text makes an entry much surer than the title alone, whose result is `before`."""
    confidence = next((one.confidence for one in before.matches if one.id == match.id), 0.0)
    return _odds(match.confidence) >= RAISED * _odds(confidence)


def _odds(probability: float) -> float:
    return probability / max(1 - probability, _LEAST_DOUBT)


def _shorter(title: str) -> Iterable[str]:
    """Without each of its words in turn."""
    for word in list(_WORD.finditer(title))[:MOST_WORDS]:
        if any(token not in STOP_WORDS for token in tokens(fold(word[0]))):
            yield title[: word.start()] + title[word.end() :]


def _best(result: SearchResult) -> Match | None:
    return result.matches[0] if result.matches else None


def _offer(near: Iterable[Match | None], alone: Match | None, limit: float) -> Decision:
    """Each entry once, at its highest confidence. `limit`: from which on what the text finds `alone` is offered, as it
    is without an answer before."""
    best: dict[str, Match] = {}
    for match in (*near, alone):
        if match and (match.id not in best or best[match.id].confidence < match.confidence):
            best[match.id] = match
    choices = sorted(best.values(), key=lambda match: -match.confidence)[:CHOICES]
    is_likely = any(match.confidence >= LIKELY for match in choices) or (alone and alone.confidence >= limit)
    shown = tuple(match for match in choices if match.confidence >= LIKELY / 2)
    return Suggest(shown, REASON) if is_likely and shown else Silent("nothing near the answer before")
