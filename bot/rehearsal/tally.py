"""Counts of a replay: by week, by confidence, by entry, the busiest hour, the open questions. And a random sample of
answers to judge from each band of confidence, so that it represents all. Pure.

The order of the sample is that of a hash of the text: the same for both ways of hearing, so that one judgement mostly
serves both (permanent random numbers: E. Ohlsson, Coordination of samples using permanent random numbers, in Business
Survey Methods, 1995), and the same again for the same past. A judged answer represents its band's answers divided by
those judged there, in proportion to how often each was said. The page computes that, since not all have to be judged.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from functools import cached_property
from itertools import pairwise

from bot.conversation.policy import COOL_DOWN
from bot.messages import UNDATED
from bot.quality.evaluation import Verdict
from bot.rehearsal.replay import PastUtterance, TextVerdict

EDGES = (0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)
"""Edges of the bands. Below the first one nobody would be answered, whatever the limit."""
DRAWN = 25
"""Texts drawn from a band, or all of a smaller one."""
WEEKS = 104
"""Number of latest weeks that are shown of a long past."""
STEPS = tuple(step / 100 for step in range(int(EDGES[0] * 100), 100, 5))
"""Lower bounds of the columns of confidence."""

Pair = tuple[PastUtterance, TextVerdict]


@dataclass(frozen=True, slots=True)
class AnswerCandidate:
    """A text and its best entry. `times`: how often it was said; `score`: the confidence compared with a limit."""

    text: str = field(repr=False)
    entry: str
    score: float
    times: int
    addressed: bool


@dataclass(frozen=True, slots=True)
class ConfidenceBand:
    """A band. `answers`: how often its texts were said; `drawn`: sampled texts, in random order."""

    addressed: bool
    answers: int
    drawn: Sequence[AnswerCandidate]


@dataclass(frozen=True)
class Tally:
    utterances: Sequence[PastUtterance]
    verdicts: Mapping[str, TextVerdict]
    timezone: tzinfo

    @cached_property
    def overheard(self) -> Sequence[Pair]:
        """The utterances that the policy lets the bot hear."""
        return [
            (one, self.verdicts[one.text]) for one in self.utterances if one.overheard and one.text in self.verdicts
        ]

    @cached_property
    def addressed(self) -> Sequence[Pair]:
        """The utterances that ask something, as if said to the bot."""
        pairs = ((one, self.verdicts[one.text]) for one in self.utterances if one.askable and one.text in self.verdicts)
        return [(one, verdict) for one, verdict in pairs if verdict.asks]

    @cached_property
    def overheard_answers(self) -> Sequence[Pair]:
        return [(one, verdict) for one, verdict in self.overheard if verdict.is_answered(addressed=False)]

    def count(self, kind: Verdict) -> int:
        """Count the outcomes of that kind among messages as if said to the bot."""
        return sum(verdict.addressed == kind for _, verdict in self.addressed)

    @property
    def days(self) -> tuple[date, date] | None:
        """The first day and the last."""
        dated = [one.sent for one in self.utterances if one.sent > UNDATED]
        return (self._day(min(dated)), self._day(max(dated))) if dated else None

    def weeks(self) -> list[tuple[date, Counter[str]]]:
        """Return the weeks up to the last one with a message, without gaps, each by its Monday: the number of overheard
        answers, and how often messages came to each verdict as if said to the bot. Undated messages are left out."""
        kinds = [(one, "overheard") for one, _ in self.overheard_answers]
        kinds += [(one, str(verdict.addressed)) for one, verdict in self.addressed]
        counts = defaultdict[date, Counter[str]](Counter)
        for one, kind in kinds:
            if one.sent > UNDATED:
                day = self._day(one.sent)
                counts[day - timedelta(days=day.weekday())][kind] += 1
        if not counts:
            return []
        mondays = [max(counts) - timedelta(weeks=number) for number in range(WEEKS)]
        shown = [monday for monday in reversed(mondays) if monday >= min(counts)]
        return [(monday, counts[monday]) for monday in shown]

    def by_confidence(self, addressed: bool) -> list[tuple[float, int, int]]:
        """Return for each of `STEPS` the numbers of answered and of unanswered texts."""
        columns = {step: Counter[bool]() for step in STEPS}
        for _, verdict in self.addressed if addressed else self.overheard:
            if (score := verdict.score(addressed)) >= STEPS[0]:
                columns[max(step for step in STEPS if step <= score)][verdict.is_answered(addressed)] += 1
        return [(step, count[True], count[False]) for step, count in columns.items()]

    def by_entry(self) -> list[tuple[str, int, int]]:
        """Return id, overheard answers and addressed answers of each entry, most given first."""
        overheard = Counter(verdict.entry or "" for _, verdict in self.overheard_answers)
        addressed = Counter(verdict.entry or "" for _, verdict in self.addressed if verdict.addressed == "answer")
        ids = sorted(overheard | addressed, key=lambda id: (-overheard[id], -addressed[id], id))
        return [(id, overheard[id], addressed[id]) for id in ids]

    def busiest_hour(self) -> int:
        """Return the highest number of overheard answers in a room within an hour."""
        rooms, most = defaultdict[str, list[datetime]](list), 0
        dated = [one for one, _ in self.overheard_answers if one.sent > UNDATED]
        for one in sorted(dated, key=lambda one: one.sent):
            within = [*(time for time in rooms[one.room] if one.sent - time < COOL_DOWN), one.sent]
            rooms[one.room], most = within, max(most, len(within))
        return most

    def candidates(self) -> Iterator[AnswerCandidate]:
        """Yield each text that has an entry, once for each way of hearing it."""
        for addressed, pairs in ((False, self.overheard), (True, self.addressed)):
            times = Counter(one.text for one, _ in pairs)
            for text, count in times.items():
                verdict = self.verdicts[text]
                if verdict.entry and (score := verdict.score(addressed)) >= EDGES[0]:
                    yield AnswerCandidate(text, verdict.entry, score, count, addressed)

    def least_sure(self, addressed: bool, most: int) -> list[AnswerCandidate]:
        """Return answers, the least sure first."""
        ways = (one for one in self.candidates() if one.addressed == addressed)
        given = [one for one in ways if self.verdicts[one.text].is_answered(addressed)]
        return sorted(given, key=lambda one: (one.score, one.text))[:most]

    def open_questions(self) -> list[tuple[str, int]]:
        """Return the questions that would enter the queue, of those called or overheard, with their counts."""
        heard = (verdict for one, verdict in self.addressed if one.called or one.overheard)
        return Counter(verdict.unanswered for verdict in heard if verdict.unanswered).most_common()

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.timezone).date()


def bands(candidates: Iterable[AnswerCandidate]) -> list[ConfidenceBand]:
    """Return the bands that are not empty, surest first, overheard before addressed."""
    ordered = sorted(candidates, key=lambda one: chance(one.text))
    filled = []
    for addressed in (False, True):
        for low, high in reversed([*pairwise(EDGES)]):
            own = [one for one in ordered if one.addressed == addressed and low <= one.score < high]
            filled += [ConfidenceBand(addressed, sum(one.times for one in own), own[:DRAWN])] if own else []
    return filled


def chance(text: str) -> bytes:
    """Return the place of a text in the random order."""
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=8, key=b"rehearsal").digest()
