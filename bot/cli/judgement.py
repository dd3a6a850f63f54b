"""One text, one decision: what `ask` and `chat` share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from bot.conversation.addressing import cut_vocative
from bot.locale import Wording
from bot.matching import Match, SearchResult
from bot.matching.decision import Answer, Decision, Suggest, Thresholds, decide, suggestion_confidence
from bot.matching.index import Index
from bot.quality.evaluation import verdict


@dataclass(frozen=True, slots=True)
class Judgement:
    text: str  # as it was given
    found: SearchResult
    decision: Decision
    parts: tuple[Judgement, ...] = ()  # one for each question, when there are several

    def as_json(self) -> dict[str, Any]:
        """The shape of `ask --json`; `parts` only where there are some."""
        matches = [{"id": m.id, "title": m.title, "confidence": round(m.confidence, 4)} for m in self.found.matches]
        reason = self.decision.reason
        row = {"text": self.text, "decision": verdict(self.decision), "reason": reason, "matches": matches}
        return row | {"parts": [part.as_json() for part in self.parts]} if self.parts else row


@dataclass(frozen=True, slots=True)
class Judge:
    index: Index
    limits: Thresholds
    names: tuple[str, ...]  # what the bot is called: cut off at the start of a text
    addressed: bool = True

    def __call__(self, text: str) -> Judgement:
        rest, _ = cut_vocative(text, self.names, False)
        found = self.index.search(rest)
        return Judgement(text, found, self._decide(found), tuple(map(self._part, found.parts)))

    def timed(self, text: str) -> tuple[Judgement, float]:
        """And the milliseconds that it took."""
        started = perf_counter()
        judged = self(text)
        return judged, (perf_counter() - started) * 1000

    def _part(self, found: SearchResult) -> Judgement:
        return Judgement(found.text, found, self._decide(found))

    def _decide(self, found: SearchResult) -> Decision:
        return decide(found, self.addressed, self.limits)


def explain(judgement: Judgement, judge: Judge, words: Wording) -> Iterator[str]:
    """Lines of plain text."""
    return _Explanation(judge, words).lines(judgement)


class _Explanation:
    def __init__(self, judge: Judge, words: Wording) -> None:
        self._judge, self._words = judge, words

    def lines(self, judgement: Judgement) -> Iterator[str]:
        yield from self._headline(judgement)
        for part in judgement.parts or (judgement,):
            if judgement.parts:
                yield self._say("part", text=part.text)
            yield from (f"  {line}" for line in self._reasons(part))
            yield ""
            yield from (f"  {self._p(m.confidence)}  {m.title} ({m.id})" for m in part.found.matches)

    def _headline(self, judgement: Judgement) -> Iterator[str]:
        match judgement.decision:
            case Answer(matches):
                yield from (self._say("answer", title=m.title, id=m.id) for m in matches)
            case Suggest(matches, answered=answered):
                yield from (self._say("answer", title=m.title, id=m.id) for m in answered)
                yield from (self._say("suggest", number=n, title=m.title, id=m.id) for n, m in enumerate(matches, 1))
            case _:
                yield self._say("silent" if self._judge.addressed else "silent_overheard")

    def _reasons(self, part: Judgement) -> Iterator[str]:
        if not part.found.matches:
            yield self._say("nothing")
            return
        best, *others = part.found.matches
        yield self._limit(part, best)
        yield from (self._second(best, second) for second in others[:1])
        yield from self._evidence(best)
        yield self._say("question", likelihood=self._p(part.found.question))
        if origin := self._judge.index.knowledge.origins.get(best.id):
            yield self._say("where", where=f"{origin.file}:{origin.line}")

    def _limit(self, part: Judgement, best: Match) -> str:
        """Which limit decided, and by how much."""
        limits, overheard = self._judge.limits, not self._judge.addressed
        name = verdict(part.decision) + ("_overheard" if overheard else "")
        if overheard and name == "silent_overheard" and best.confidence >= limits.overheard:
            return self._say(
                "limit_no_question", confidence=self._p(best.confidence), question=self._p(part.found.question)
            )
        return self._say(
            f"limit_{name}",
            confidence=self._p(best.confidence),
            confident=self._p(limits.overheard if overheard else limits.confident),
            suggest=self._p(limits.suggest),
            offered=self._p(suggestion_confidence(part.found)),
        )

    def _second(self, best: Match, second: Match) -> str:
        margin = self._p(best.confidence - second.confidence)
        return self._say(
            "second", title=second.title, id=second.id, confidence=self._p(second.confidence), margin=margin
        )

    def _evidence(self, best: Match) -> Iterator[str]:
        evidence = best.evidence
        if evidence.phrasing:
            yield self._say("phrasing", phrasing=evidence.phrasing)
        yield self._say("words", words=", ".join(evidence.words)) if evidence.words else self._say("no_words")
        likenesses = {name: self._p(getattr(evidence, name)) for name in ("lexical", "fuzzy", "semantic")}
        yield self._say("likeness", **likenesses)

    def _say(self, key: str, **values: object) -> str:
        return self._words(f"program.ask_{key}", **values)

    def _p(self, value: float) -> str:
        """Rounded down, as in the replies; their module is not imported for it, with Markdown behind it."""
        return f"{int(value * 100 + 1e-9) / 100:.2f}".replace(".", self._words("replies.decimal_mark"))
