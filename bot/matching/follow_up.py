"""A short message that goes on from an answer: 'et combien ça coûte ?' is read with the entry that was given. Pure.

It is searched for alone, and behind the entry's title among all others. The likeliest of both searches, and the given
entry, are read together with it. One regression (`follow_up` in `table.json`; `training/learn_follow_ups.py`) says how
likely each of them is meant, or none.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.arrays import Doubles
from bot.knowledge.models import Entry
from bot.matching import Match
from bot.matching.calibration import Features
from bot.matching.decision import CHOICES, MIN_SUGGESTION, NOTHING, Answer, Decision, Silent, Suggest, Thresholds
from bot.matching.index import EncodedMessage
from bot.matching.locality import visible
from bot.messages import Venue
from bot.text.folding import fold, tokens
from bot.text.markdown import sentences

MOST_WORDS = 10  # words of a message that goes on
BARE = 3  # words of one that says nothing by itself
READ = 4  # entries that are read with the text, beside the given one: of 3, one answer in ten is missing
STANDS_OUT = 0.15  # chance of the likeliest entry below which nothing is offered: a word may fit three of three alike
FEW = 3  # entries without which a confidence among them says nothing
_ABSENT = 0.003  # confidence of an entry that a search did not find: about the least that one finds
_GOES_ON = re.compile(r"(?:ok |oui |ah )?(?:et|mais|and|but|what about|how about)\b")
_STANDS_FOR = re.compile(  # words that stand for what was said before
    r"\b(?:ca|cela|c est(?! quoi)|celui|celle|ceux|y en a|it|that|this|ones?|they)\b"
)
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


def joined(topic: str, text: str) -> str:
    """Return a text behind what it goes on from."""
    return f"{topic} {text}" if topic.endswith("?") else f"{topic} : {text}"


@dataclass(frozen=True, slots=True)
class Meanings:
    """Entries that a message after an answer may mean, and the features of each, `(n_matches,)`."""

    matches: Sequence[Match]
    features: Features


def decide_follow_up(
    said: EncodedMessage, given: Entry, thresholds: Thresholds, venue: Venue, *, is_read: bool = False
) -> Decision:
    """Decide on the reply to a message that follows the answer `given` at a venue, where that is not hidden.

    `is_read`: it was just read, and is not offered beside a likelier one.
    """
    found = meanings(said, given, venue)
    if not found.matches:
        return Silent(NOTHING)
    chances = said.index.table.follow_up.chances(found.features)
    likely = [replace(found.matches[at], confidence=float(chances[at])) for at in np.argsort(-chances, kind="stable")]
    certain = sum(match.confidence for match in likely[:CHOICES] if match.confidence >= MIN_SUGGESTION)
    others = [match for match in likely[1:] if not (is_read and match.id == given.id)]
    shown = tuple(match for match in [likely[0], *others][:CHOICES] if match.confidence >= MIN_SUGGESTION)
    if likely[0].confidence >= thresholds.confident:
        return Answer((likely[0],), REASON)
    if likely[0].confidence >= STANDS_OUT and certain >= thresholds.suggest:
        return Suggest(shown, REASON)
    return Silent(NOTHING)


def likeliest_sentence(said: EncodedMessage, given: Entry) -> str:
    """Return the sentence of an answer that is likeliest to be asked for; empty without a cross-encoder."""
    asked, parts = joined(given.title, said.text), [part.strip() for part in sentences(given.answer or "")]
    read = {part: said.index.corpus.read_together(asked, f"{given.title}\n{part}") for part in parts}
    known = {part: logit for part, logit in read.items() if logit is not None}
    return max(known, key=known.__getitem__, default="")


def meanings(said: EncodedMessage, given: Entry, venue: Venue) -> Meanings:
    """Search for the text alone, and behind the title among all other entries; read the likeliest with the text."""
    index = said.index
    behind = index.encode(joined(given.title, said.text))
    alone = {match.id: match for match in index.find(said, venue, is_judged=False).matches}
    others = visible(index.knowledge, venue).entries.keys() - {given.id}
    behind_it = index.find(behind, venue, others, is_judged=False).matches if len(others) >= FEW else ()
    after_it = {match.id: match for match in behind_it}
    found = sorted({**after_it, **alone}, key=lambda id: -max(_confidence(alone, id), _confidence(after_it, id)))[:READ]
    can_read = index.relevance(given.id, said) is not None  # else nothing says whether the given entry is meant
    ids = list(dict.fromkeys([*found, given.id] if can_read else found))
    features = {
        "alone": _logits([_confidence(alone, id) for id in ids]),
        "joined": _logits([_confidence(after_it, id) for id in ids]),
    }
    if can_read:
        features["given"] = np.array([float(id == given.id) for id in ids])
        features["relevance"] = np.array([index.relevance(id, said) for id in ids])
    return Meanings([alone.get(id) or after_it.get(id) or Match(id, given.title, 0.0) for id in ids], features)


def _confidence(found: Mapping[str, Match], id: str) -> float:
    return found[id].confidence if id in found else 0.0


def _logits(chances: Sequence[float]) -> Doubles:
    return np.array([math.log(max(one, _ABSENT) / max(1 - one, _ABSENT)) for one in chances])
