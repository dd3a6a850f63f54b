"""One text, one decision: what `ask` and `chat` share."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import Any

from bot.matching import SearchResult
from bot.matching.decision import Decision, Thresholds, decide
from bot.matching.index import Index
from bot.matching.text import cut_vocative
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
