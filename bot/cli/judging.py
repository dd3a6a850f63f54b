"""One text, one decision: what `ask`, `chat` and `eval` share."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import Any

from bot.decision import Answer, Decision, Limits, Suggest, decide
from bot.matching import Found
from bot.matching.index import Index
from bot.matching.text import cut_vocative


@dataclass(frozen=True, slots=True)
class Judged:
    text: str  # as it was given
    found: Found
    decision: Decision
    parts: tuple[Judged, ...] = ()  # one for each question, when there are several
    ms: float = 0.0

    @property
    def name(self) -> str:
        return (
            "answer"
            if isinstance(self.decision, Answer)
            else "suggest"
            if isinstance(self.decision, Suggest)
            else "silent"
        )

    def as_json(self) -> dict[str, Any]:
        """The shape of `ask --json`; `parts` only where there are some."""
        matches = [{"id": m.id, "title": m.title, "confidence": round(m.confidence, 4)} for m in self.found.matches[:5]]
        row = {"text": self.text, "decision": self.name, "reason": self.decision.reason, "matches": matches}
        parts = [{key: value for key, value in part.as_json().items() if key != "ms"} for part in self.parts]
        return {**row, **({"parts": parts} if parts else {}), "ms": round(self.ms, 2)}


@dataclass(frozen=True, slots=True)
class Judge:
    index: Index
    limits: Limits
    name: str  # what the bot is called: cut off at the start of a text
    addressed: bool = True

    def __call__(self, text: str) -> Judged:
        started = perf_counter()
        rest, _ = cut_vocative(text, (self.name,), False)
        found = self.index.search(rest)
        decision = decide(found, self.addressed, self.limits)
        ms = (perf_counter() - started) * 1000
        return Judged(text, found, decision, tuple(map(self._part, found.parts)), ms)

    def _part(self, found: Found) -> Judged:
        return Judged(found.text, found, decide(found, self.addressed, self.limits))
