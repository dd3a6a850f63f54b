"""The past decided on as the conversation decides, in two ways: overheard, and as if it had been said to the bot.

What a room's limits would have held back (so many answers an hour, an entry again within the hour) is not: the report
counts it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from bot.conversation import policy
from bot.conversation.addressing import Utterance, parse
from bot.conversation.commands import recognise
from bot.conversation.policy import OVERHEARD_DELAY, RecentActivity, Respond, Rules
from bot.matching import SearchResult
from bot.matching.decision import Answer, Decision, Silent, Suggest, Thresholds, decide, overheard_confidence
from bot.matching.index import Index
from bot.messages import Message, Venue
from bot.quality.evaluation import Verdict, verdict
from bot.reading import Reading
from bot.reading.read import Reader
from bot.text.folding import is_bare

_BATCH = 200  # texts between two signs of progress; Ctrl-C waits for one text a thread


@dataclass(frozen=True, slots=True)
class PastUtterance:
    """What is left of a message: no sender, no id. `text`: without people, and without what calls the bot.

    `overheard`: the policy lets the bot hear it. `askable`: said to the bot it would be looked up. `called`: it spoke
    to the bot indeed.
    """

    text: str = field(repr=False)
    room: str
    sent: datetime
    overheard: bool
    askable: bool
    called: bool


@dataclass(frozen=True, slots=True)
class TextVerdict:
    """The decisions on one text, in both ways. `confidence`: of its best entry; `overheard_confidence`: what counts
    where nobody called. `unanswered`: what would enter the queue, said to the bot; empty: nothing."""

    entry: str | None
    confidence: float
    overheard_confidence: float
    overheard: Verdict
    addressed: Verdict
    asks: bool
    unanswered: str = field(repr=False)


def utterances(
    messages: Sequence[Message], names: Sequence[str], prefix: str, anonymous: Callable[[str], str], reader: Reader
) -> Iterator[PastUtterance]:
    """Those that are no commands, in their order. `names`: of the bot; `anonymous`: takes people out of a text."""
    answered = _answered_soon(messages)
    for message in messages:
        utterance = parse(message, names, prefix)
        if recognise(utterance, utterance.is_addressed) is None and utterance.text.strip():
            yield PastUtterance(
                text=anonymous(utterance.text).strip(),
                room=message.room,
                sent=message.sent,
                overheard=_is_overheard(utterance, message.id in answered),
                askable=_is_askable(utterance, reader),
                called=utterance.is_addressed,
            )


def decide_text(reading: Reading, result: SearchResult, limits: Thresholds) -> TextVerdict:
    """`reading`, `result`: of the text."""
    best = result.matches[0] if result.matches else None
    addressed, asks = decide(result, True, limits), not policy.asks_nothing(reading)
    confidence = best.confidence if best else 0.0
    return TextVerdict(
        entry=best.id if best else None,
        confidence=confidence,
        overheard_confidence=0.0 if best and best.is_elsewhere else overheard_confidence(result),
        overheard=verdict(decide(result, False, limits)),
        addressed=verdict(addressed),
        asks=asks,
        unanswered=_unanswered(reading.text, addressed) if asks else "",
    )


def _answered_soon(messages: Sequence[Message]) -> set[str]:
    """Ids of the messages to which another person replied before the bot would have."""
    asked = {message.id: message for message in messages}
    replies = ((asked.get(id), one) for one in messages for id in (one.reply_to, one.thread) if id)
    return {
        before.id
        for before, reply in replies
        if before and reply.sender != before.sender and before.sent <= reply.sent < before.sent + OVERHEARD_DELAY
    }


def _is_overheard(utterance: Utterance, has_reply: bool) -> bool:
    if utterance.is_addressed or not policy.is_said_openly(utterance):
        return False
    message, activity = utterance.message, RecentActivity(has_reply=has_reply)
    return isinstance(policy.overheard(message, activity, Rules(), policy.answer_after(message)), Respond)


def _is_askable(utterance: Utterance, reader: Reader) -> bool:
    """Said to the bot it is no command, and wants no sign and no words about the bot."""
    is_sign = is_bare(utterance.text)
    return recognise(utterance, True) is None and not is_sign and reader.read(utterance.text).act is None


def _unanswered(text: str, decision: Decision) -> str:
    match decision:
        case Silent():
            return text
        case Answer(unanswered=parts) | Suggest(unanswered=parts):
            return " ".join(parts)


def verdicts(
    index: Index,
    past: Sequence[PastUtterance],
    limits: Thresholds,
    venue: Venue,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Mapping[str, TextVerdict]:
    """By text, on every processor; what was said again and again is decided once. Threads do, since the encoder runs
    outside of the interpreter's lock."""
    texts = list(dict.fromkeys(one.text for one in past if one.text and (one.overheard or one.askable)))

    def decide_on(text: str) -> TextVerdict:
        return decide_text(index.reader.read(text), index.search(text, venue), limits)

    by_text: dict[str, TextVerdict] = {}
    pool = ThreadPoolExecutor(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())
    try:
        for done in range(0, len(texts), _BATCH):
            progress(done, len(texts))
            batch = texts[done : done + _BATCH]
            by_text |= zip(batch, pool.map(decide_on, batch), strict=True)
        progress(len(texts), len(texts))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return by_text
