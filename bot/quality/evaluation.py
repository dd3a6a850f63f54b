"""Evaluation of decisions on labelled questions: measures and errors. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Literal

from bot.matching import SearchResult
from bot.matching.decision import Answer, Decision, Suggest, Thresholds, decide

Verdict = Literal["answer", "suggest", "silent"]
_NOTHING = "\0nothing"  # class of a question without an answer; no id has a NUL


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question with the ids of the entries that answer it; empty if it should get no answer."""

    text: str
    expect: frozenset[str]

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Labelled:
        """Read {"text", "expect": id | [ids] | null}. Raises KeyError or TypeError on anything else."""
        expect = raw["expect"]
        names = () if expect is None else (expect,) if isinstance(expect, str) else expect
        return cls(str(raw["text"]), frozenset(names))


@dataclass(frozen=True, slots=True)
class LabelledResult:
    """A question and the decision on it. `ids`: the best entries, best first, even when silent."""

    question: Labelled
    verdict: Verdict
    ids: tuple[str, ...]
    confidence: float

    @property
    def right(self) -> bool:
        """Whether it is a right answer or a right refusal."""
        return (self.verdict == "answer") == bool(self.question.expect) and (self.top1 or not self.question.expect)

    @property
    def top1(self) -> bool:
        return not self.question.expect.isdisjoint(self.ids[:1])

    @property
    def top3(self) -> bool:
        return not self.question.expect.isdisjoint(self.ids[:3])

    @property
    def helped(self) -> bool:
        return (self.verdict == "answer" and self.top1) or (self.verdict == "suggest" and self.top3)


def verdict(decision: Decision) -> Verdict:
    """Return the kind of a decision; one that answers a part and suggests for another counts as an answer."""
    if isinstance(decision, Suggest):
        return "answer" if decision.answered else "suggest"
    return "answer" if isinstance(decision, Answer) else "silent"


def judge(
    questions: Sequence[Labelled], results: Iterable[SearchResult], thresholds: Thresholds, addressed: bool
) -> list[LabelledResult]:
    """Return the decision on each question, given its search result."""
    rows = []
    for question, result in zip(questions, results, strict=True):
        decided = verdict(decide(result, addressed, thresholds))
        ids = tuple(match.id for match in result.matches)
        rows.append(LabelledResult(question, decided, ids, result.confidence))
    return rows


def measures(rows: Sequence[LabelledResult]) -> dict[str, float]:
    """Return the measures by name, as explained in `docs/matching.md`; shares run from 0 to 1."""
    inside, outside = [r for r in rows if r.question.expect], [r for r in rows if not r.question.expect]
    truth = [_label(row) for row in rows]
    guess = [row.ids[0] if row.verdict == "answer" and row.ids else _NOTHING for row in rows]
    values: dict[str, float] = {
        "questions": len(rows),
        "in_scope_questions": len(inside),
        "out_of_scope": len(outside),
        "top1": _share(row.top1 for row in inside),
        "top3": _share(row.top3 for row in inside),
        "answered": _share(row.verdict == "answer" for row in inside),
        "in_scope": _share(row.right for row in inside),
        "helped": _share(row.helped for row in inside),
        "precision": _share(row.top1 for row in rows if row.verdict == "answer"),
        "accuracy": _share(t == g for t, g in zip(truth, guess, strict=True)),
        "mcc": _correlation(truth, guess),
    }
    if outside:
        rejected = _share(row.right for row in outside)
        values |= {"rejected": rejected, "false_answers": 1 - rejected}
    values["mcc_best"] = _correlation(truth, _guesses(rows, best_cut(rows)))
    values |= {"at_90": _answered_at(rows, 0.9), "at_95": _answered_at(rows, 0.95)}
    values["brier"] = sum((row.confidence - row.top1) ** 2 for row in rows) / max(1, len(rows))
    return values


def _answered_at(rows: Sequence[LabelledResult], precision: float) -> float:
    """Return the share of questions answered rightly at the lowest threshold with this precision on these rows."""
    hits = accumulate(row.top1 for row in sorted(rows, key=lambda row: -row.confidence))
    kept = [hit for answers, hit in enumerate(hits, start=1) if hit >= precision * answers]
    return max(kept, default=0) / max(1, sum(bool(row.question.expect) for row in rows))


def wrong(rows: Iterable[LabelledResult]) -> list[LabelledResult]:
    """Return the results that are not right, in their order."""
    return [row for row in rows if not row.right]


def confused(rows: Iterable[LabelledResult]) -> list[tuple[str, str, int]]:
    """Return (expected entry, first match, count), most frequent first."""
    pairs = Counter(
        (min(row.question.expect), row.ids[0]) for row in rows if row.question.expect and row.ids and not row.top1
    )
    return [(expected, first, times) for (expected, first), times in pairs.most_common()]


def _share(hits: Iterable[bool]) -> float:
    counted = list(hits)
    return sum(counted) / max(1, len(counted))


def _label(row: LabelledResult) -> str:
    """Return the class of a row: the guess if it is right, else any expected entry."""
    if not row.question.expect:
        return _NOTHING
    return row.ids[0] if row.top1 else min(row.question.expect)


def best_cut(rows: Sequence[LabelledResult]) -> float:
    """Return the threshold with the highest `mcc`, chosen on these rows; 2 means never to answer."""
    truth = [_label(row) for row in rows]
    cuts = sorted({row.confidence for row in rows})
    return max((*cuts[:: max(1, len(cuts) // 200)], 2.0), key=lambda cut: _correlation(truth, _guesses(rows, cut)))


def _guesses(rows: Sequence[LabelledResult], cut: float) -> list[str]:
    return [row.ids[0] if row.ids and row.confidence >= cut else _NOTHING for row in rows]


def _correlation(truth: Sequence[str], guess: Sequence[str]) -> float:
    """Return the Matthews correlation over all classes (Gorodkin's R_K)."""
    n, right = len(truth), sum(t == g for t, g in zip(truth, guess, strict=True))
    t, g = Counter(truth), Counter(guess)
    shared = right * n - sum(t[k] * g[k] for k in t)
    spread_t, spread_g = n * n - sum(v * v for v in t.values()), n * n - sum(v * v for v in g.values())
    return shared / math.sqrt(spread_t * spread_g) if spread_t and spread_g else 0.0
