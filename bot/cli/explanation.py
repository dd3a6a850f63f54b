"""The decision on a text, and its explanation, for `ask`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.locale import Wording
from bot.matching import SearchResult
from bot.matching.decision import (
    Answer,
    Decision,
    Suggest,
    Thresholds,
    decide,
    overheard_confidence,
    suggestion_confidence,
)
from bot.matching.index import Index
from bot.messages import NOWHERE, Venue
from bot.quality.evaluation import verdict
from bot.reading import Reading
from bot.reading.calls import CALLS, MAY_CALL, cut_call
from bot.reading.examples import nearest, shipped


@dataclass(frozen=True, slots=True)
class Judgement:
    text: str  # as typed
    result: SearchResult
    decision: Decision
    reading: Reading | None = None  # None: of a part
    parts: Sequence[Judgement] = ()  # one for each question, if there are several

    def as_json(self) -> dict[str, Any]:
        """Return the object that `ask --json` prints; without `parts` if there are none."""
        matches = [{"id": m.id, "title": m.title, "confidence": round(m.confidence, 4)} for m in self.result.matches]
        reason = self.decision.reason
        row = {"text": self.text, "decision": verdict(self.decision), "reason": reason, "matches": matches}
        return row | {"parts": [part.as_json() for part in self.parts]} if self.parts else row


@dataclass(frozen=True, slots=True)
class Judge:
    index: Index
    thresholds: Thresholds
    names: tuple[str, ...]  # of the bot, removed where a text calls it
    addressed: bool = True
    venue: Venue = NOWHERE  # where it is said

    def __call__(self, text: str) -> Judgement:
        rest, _ = cut_call(text, self.names, CALLS if self.addressed else MAY_CALL, self.index.reader)
        result = self.index.search(rest, self.venue)
        reading = self.index.reader.read(rest)
        parts = [Judgement(part.text, part, decide(part, self.addressed, self.thresholds)) for part in result.parts]
        return Judgement(text, result, decide(result, self.addressed, self.thresholds), reading, parts)


class Explanation:
    def __init__(self, judge: Judge, words: Wording) -> None:
        self._judge, self._words, self._p = judge, words, words.confidence

    def lines(self, judgement: Judgement) -> Iterator[str]:
        """Plain text."""
        act, reading = list[str](), judgement.reading
        if reading and reading.act:
            what, certainty = self._words(f"acts.{reading.act}"), self._p(reading.certainty)
            examples = " · ".join(one.text for one in nearest(reading.text, shipped()))
            said = self._say("reading", what=what, certainty=certainty), self._say("examples", examples=examples)
            act = [f"  {line}" for line in said]
        if self._judge.addressed and act and verdict(judgement.decision) == "silent":
            # words or a sign, and no answer: the knowledge, which was asked, has none
            yield from (self._say("act"), *act)
            return
        match judgement.decision:
            case Answer(matches):
                yield from (self._say("answer", title=m.title, id=m.id) for m in matches)
            case Suggest(matches, answered=answered):
                yield from (self._say("answer", title=m.title, id=m.id) for m in answered)
                yield from (self._say("suggest", number=n, title=m.title, id=m.id) for n, m in enumerate(matches, 1))
            case _:
                yield self._say("silent" if self._judge.addressed else "silent_overheard")
        yield from act
        for part in judgement.parts or (judgement,):
            if judgement.parts:
                yield self._say("part", text=part.text)
            yield from (f"  {line}" for line in self._reasons(part))
            yield ""
            yield from (f"  {self._p(m.confidence)}  {m.title} ({m.id})" for m in part.result.matches)

    def _reasons(self, part: Judgement) -> Iterator[str]:
        if not part.result.matches:
            yield self._say("nothing")
            return
        best, *others = part.result.matches
        # the threshold that decided, and the value compared with it
        thresholds, overheard = self._judge.thresholds, not self._judge.addressed
        if overheard and (best.is_elsewhere or best.only_called):
            yield self._say("limit_elsewhere" if best.is_elsewhere else "limit_only_called")
        else:
            yield self._say(
                f"limit_{verdict(part.decision)}" + ("_overheard" if overheard else ""),
                confidence=self._p(overheard_confidence(part.result) if overheard else best.confidence),
                confident=self._p(thresholds.overheard if overheard else thresholds.confident),
                suggest=self._p(thresholds.suggest),
                offered=self._p(suggestion_confidence(part.result)),
            )
        if best.is_elsewhere:
            yield self._say("elsewhere")
        for second in others[:1]:
            confidence, margin = self._p(second.confidence), self._p(best.confidence - second.confidence)
            yield self._say("second", title=second.title, id=second.id, confidence=confidence, margin=margin)
        evidence = best.evidence
        if evidence.phrasing:
            yield self._say("phrasing", phrasing=evidence.phrasing)
        yield self._say("words", words=", ".join(evidence.words)) if evidence.words else self._say("no_words")
        similarities = {name: self._p(getattr(evidence, name)) for name in ("lexical", "semantic", "corrected")}
        yield self._say("likeness", **similarities)
        if evidence.first_confidence is not None:
            yield self._say("read", first=self._p(evidence.first_confidence), confidence=self._p(best.confidence))
        yield self._say("question", likelihood=self._p(part.result.question))
        if origin := self._judge.index.knowledge.origins.get(best.id):
            yield self._say("where", where=f"{origin.file}:{origin.line}")

    def _say(self, key: str, **values: object) -> str:
        return self._words(f"program.ask_{key}", **values)
