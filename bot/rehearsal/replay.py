"""Decisions on the past by the rules of the conversation, both as overheard and as if said to the bot.

A room's limits (overheard answers an hour, the same entry within an hour) are not applied: the report counts instead.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from bot.conversation import policy
from bot.conversation.addressing import parse
from bot.conversation.commands import recognise
from bot.matching.decision import Silent, Thresholds, decide, overheard_confidence
from bot.matching.embedding_cache import Progress
from bot.matching.index import Index
from bot.messages import Message, Venue
from bot.quality.evaluation import Verdict, verdict
from bot.reading.read import Reader
from bot.text.folding import LONGEST, is_bare

# People in a text: mentions, addresses and telephone numbers
_AT = r"(?:@|[ ]?[\[(](?:at|arobase|chez)[\])][ ]?)"
_EMAIL = rf"(?:mailto:)?(?<![\w.+%-])[\w.+%-]++{_AT}[\w-]++(?:\.[\w-]++)+"
_MENTION = r"(?<![\w@/])@[\w.=/+-]*\w(?::[\w.-]*\w(?::\d+)?)?"
_SIGN = r"[ \u00a0\u202f.()-]"
_TELEPHONE = rf"(?<![\w+.-])(?:\+\d|\(\+\d|\(?0\d){_SIGN}{{0,3}}(?:\d{_SIGN}{{0,3}}){{6,12}}\d(?![\w-])"
_PERSON = re.compile(rf"(?P<link>https?://\S++)|{_EMAIL}|{_MENTION}|{_TELEPHONE}")
_LEADS_TO_PERSON = re.compile(r"@|/(?:u|users?|profile)/.")
_BATCH = 200  # texts between two reports of progress; Ctrl-C waits for one text a thread


@dataclass(frozen=True, slots=True)
class PastUtterance:
    """A message without sender and id. `text`: without people, and without the call of the bot.

    `overheard`: the policy lets the bot hear it. `askable`: if addressed, it would be searched for. `called`: it was
    addressed.
    """

    text: str = field(repr=False)
    room: str
    sent: datetime
    overheard: bool
    askable: bool
    called: bool


@dataclass(frozen=True, slots=True)
class TextVerdict:
    """The decisions on a text, overheard and addressed. `confidence`: of its best entry.

    `overheard_confidence`: the confidence that counts if the bot is not called. `unanswered`: the text that would enter
    the queue if addressed; empty for none.
    """

    entry: str | None
    confidence: float
    overheard_confidence: float
    overheard: Verdict
    addressed: Verdict
    asks: bool
    unanswered: str = field(repr=False)

    def score(self, addressed: bool) -> float:
        """Return the confidence that is compared with a limit."""
        return self.confidence if addressed else self.overheard_confidence

    def is_answered(self, addressed: bool) -> bool:
        return (self.addressed if addressed else self.overheard) == "answer"


def without_people(text: str, someone: str) -> str:
    """Return as much of a text as the matching reads, without broken characters, and with `someone` for each mention,
    address and telephone number. Names typed as words stay: no pattern tells them from the words of the field."""

    def instead(found: re.Match[str]) -> str:
        link = found["link"]
        return link if link and not _LEADS_TO_PERSON.search(link) else someone

    whole = text[: 2 * LONGEST].encode("utf-8", "replace").decode()
    return _PERSON.sub(instead, whole)[:LONGEST]


def utterances(
    messages: Sequence[Message], names: Sequence[str], prefix: str, someone: str, reader: Reader
) -> Iterator[PastUtterance]:
    """Yield the messages that are no commands, in their order.

    `names`: of the bot. `someone`: said in place of each person in a text.
    """
    asked = {message.id: message for message in messages}
    replies = ((asked.get(id), one) for one in messages for id in (one.reply_to, one.thread) if id)
    answered = {  # by another person, before the bot would have replied
        before.id
        for before, reply in replies
        if before and reply.sender != before.sender and before.sent <= reply.sent < before.sent + policy.OVERHEARD_DELAY
    }
    for message in messages:
        utterance = parse(message, names, prefix, reader)
        text = utterance.aside or utterance.text
        if recognise(utterance, utterance.is_addressed) is not None or not text.strip():
            continue
        activity = policy.RecentActivity(has_reply=message.id in answered)
        reply_at = message.sent + policy.OVERHEARD_DELAY
        withheld = policy.why_not_overheard(message, activity, policy.Rules(), reply_at)
        is_open = not utterance.is_addressed and policy.is_said_openly(utterance)
        is_act = is_bare(text) or reader.read(text).act is not None
        yield PastUtterance(
            text=without_people(text, someone).strip(),
            room=message.room,
            sent=message.sent,
            overheard=is_open and withheld is None,
            askable=not is_act and recognise(utterance, True) is None,
            called=utterance.is_addressed,
        )


def verdicts(
    index: Index, past: Sequence[PastUtterance], limits: Thresholds, venue: Venue, progress: Progress
) -> Mapping[str, TextVerdict]:
    """Decide on each distinct text, with a thread for each processor: the encoder releases the interpreter's lock.

    `progress`: called with the numbers of texts done and in all.
    """
    texts = list(dict.fromkeys(one.text for one in past if one.text and (one.overheard or one.askable)))

    def decide_on(text: str) -> TextVerdict:
        reading, result = index.reader.read(text), index.search(text, venue)
        best = result.matches[0] if result.matches else None
        addressed, asks = decide(result, True, limits), not policy.asks_nothing(reading)
        unanswered = reading.text if isinstance(addressed, Silent) else " ".join(addressed.unanswered)
        return TextVerdict(
            entry=best.id if best else None,
            confidence=best.confidence if best else 0.0,
            overheard_confidence=0.0 if best and best.is_elsewhere else overheard_confidence(result),
            overheard=verdict(decide(result, False, limits)),
            addressed=verdict(addressed),
            asks=asks,
            unanswered=unanswered if asks else "",
        )

    by_text: dict[str, TextVerdict] = {}
    pool = ThreadPoolExecutor(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())
    try:
        for done in range(0, len(texts), _BATCH):
            progress(done, len(texts))
            batch = texts[done : done + _BATCH]
            by_text |= zip(batch, pool.map(decide_on, batch), strict=True)
        progress(len(texts), len(texts))
    finally:
        pool.shutdown(cancel_futures=True)
    return by_text
