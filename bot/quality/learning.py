"""Learning from one network's labelled messages: the correction of the confidence and the two limits. Pure.

All figures are held out: what is judged on a fifth of the messages was learned on the other four.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from bot.matching.confidence_correction import UNCORRECTED, Correction
from bot.quality import fitting
from bot.quality.facts import LIMITS, Fact, Limit
from bot.quality.fitting import Flags, Numbers, Places, Share

PROMISES: Mapping[Limit, float] = {"confident": 0.90, "overheard": 0.95}
"""Of the answers that a limit lets through, this share is right."""

ENOUGH = 100  # messages without which nothing is learned, and no limit moved
UNSURE = 20  # messages of a confidence below 0.5, without which the lower half of the correction would be guesswork
CAUTION = 2.0  # standard errors by which a looser limit keeps the promise where it is chosen

CorrectionState = Literal["kept", "needless", "only_sure"]
LimitState = Literal["looser", "tighter", "unkept", "same", "few", "fixed"]


@dataclass(frozen=True, slots=True)
class Sample:
    """Facts as arrays `(n,)`.

    `bound` is infinite where the message spoke to the bot; `text` is a number, the same for equal texts.
    """

    confidence: Numbers
    bound: Numbers
    right: Flags
    weight: Numbers
    text: Places

    @classmethod
    def of(cls, facts: Sequence[Fact], texts: Places, limit: Limit | None = None) -> Sample:
        """Those that inform the limit; None: all, as if they spoke to the bot."""
        rows = [(one, k) for one, k in zip(facts, texts.tolist(), strict=True) if limit is None or limit in one.informs]
        return cls(
            np.array([one.confidence for one, _ in rows], float),
            np.array([one.bound if limit == "overheard" else math.inf for one, _ in rows], float),
            np.array([one.right for one, _ in rows], bool),
            np.array([one.weight for one, _ in rows], float),
            np.array([k for _, k in rows], np.int64),
        )

    @property
    def fold(self) -> Places:
        return self.text % fitting.FOLDS

    @property
    def messages(self) -> int:
        """Distinct ones: the same text again says nothing new."""
        return len(np.unique(self.text))

    def part(self, wanted: Flags) -> Sample:
        return Sample(*(getattr(self, name)[wanted] for name in self.__slots__))

    def scores(self, correction: Correction) -> Numbers:
        """What is compared with the limit."""
        return np.minimum(fitting.corrected(correction, self.confidence), self.bound)


@dataclass(frozen=True, slots=True)
class Figures:
    answered: float  # share of the messages that get a right answer
    precision: Share  # share of the answers that are right


@dataclass(frozen=True, slots=True)
class LimitResult:
    """`limit` compares with the corrected confidence. `before`: the shipped confidence and the limit in force."""

    state: LimitState
    limit: float
    messages: int  # that inform it
    before: Figures
    after: Figures


@dataclass(frozen=True, slots=True)
class Learning:
    messages: int
    correction: Correction
    state: CorrectionState
    limits: Mapping[Limit, LimitResult]


def distinct(facts: Sequence[Fact]) -> int:
    """How many messages there are; equal texts are one."""
    return Sample.of(facts, fitting.numbered([one.text for one in facts])).messages


def learn(facts: Sequence[Fact], in_force: Mapping[Limit, float], fixed: frozenset[Limit] = frozenset()) -> Learning:
    """`in_force`: the limits without learning; `fixed`: those that the settings name, which stay."""
    texts = fitting.numbered([one.text for one in facts])
    everything = Sample.of(facts, texts)
    state, correction, corrections = _learn_correction(everything)
    results: dict[Limit, LimitResult] = {}
    for name in LIMITS:
        sample = Sample.of(facts, texts, name)
        fit = _LimitFit(sample, correction, corrections, in_force[name], PROMISES[name])
        results[name] = fit.result(name in fixed)
    return Learning(everything.messages, correction, state, results)


def _learn_correction(sample: Sample) -> tuple[CorrectionState, Correction, list[Correction]]:
    """The correction, and the one for each held-out fold: kept if held-out messages have a lower log-loss with it."""
    without = [UNCORRECTED] * fitting.FOLDS
    found = sample.part(sample.confidence > 0)
    if (found.confidence < 0.5).sum() < UNSURE:
        return "only_sure", UNCORRECTED, without
    columns = found.confidence, found.right, found.weight
    corrections = fitting.cross_fitted(*columns, found.fold)
    chance = fitting.held_out(corrections, found.confidence, found.fold)
    if fitting.log_loss(chance, *columns[1:]) >= fitting.log_loss(*columns):
        return "needless", UNCORRECTED, without
    return "kept", fitting.fit_correction(*columns), corrections


Pick = Callable[[Sample, Correction], float]
"""A limit for the corrected confidence, chosen on a sample."""


@dataclass(frozen=True, slots=True)
class _LimitFit:
    """`corrections`: for each held-out fold."""

    sample: Sample
    correction: Correction
    corrections: Sequence[Correction]
    in_force: float
    promise: float

    def result(self, fixed: bool) -> LimitResult:
        if fixed:
            return self._result("fixed", lambda sample, correction: self.in_force)
        if self.sample.messages < ENOUGH:
            return self._result("few", self._hold)
        stays = self._result("same", self._stay)
        at_limit = stays.after.precision
        if at_limit.value < self.promise and self._answers(self._stay) >= fitting.LEAST:
            return self._tightened()
        loosened = self._result("looser", self._loosen)
        return loosened if loosened.limit < stays.limit and loosened.after.precision.low >= self.promise else stays

    def _tightened(self) -> LimitResult:
        scores = self.sample.scores(self.correction)
        kept = self._lowest(self.sample, scores, 0.0, self._stay(self.sample, self.correction)) is not None
        return self._result("tighter" if kept else "unkept", self._tighten)

    def _stay(self, sample: Sample, correction: Correction) -> float:
        """The limit in force, as the correction has it: the same messages reach it.

        Only that an overheard message is a question as well is asked a little more or less strictly: its bound stays.
        """
        carried = correction(self.in_force)
        return self.in_force if correction == UNCORRECTED else math.ceil(carried * 10_000) / 10_000

    def _hold(self, sample: Sample, correction: Correction) -> float:
        """The limit in force where nothing is known: whatever the correction does, no more is answered."""
        return max(self.in_force, self._stay(sample, correction))

    def _loosen(self, sample: Sample, correction: Correction) -> float:
        stay = self._stay(sample, correction)
        lowest = self._lowest(sample, sample.scores(correction), CAUTION)
        return stay if lowest is None else min(stay, lowest)

    def _tighten(self, sample: Sample, correction: Correction) -> float:
        stay, scores = self._stay(sample, correction), sample.scores(correction)
        lowest = self._lowest(sample, scores, 0.0, stay)
        return max(stay, fitting.highest_limit(scores)) if lowest is None else lowest

    def _lowest(self, sample: Sample, scores: Numbers, z: float, above: float = 0.0) -> float | None:
        return fitting.lowest_limit(scores, sample.right, sample.weight, self.promise, z, above)

    def _result(self, state: LimitState, pick: Pick) -> LimitResult:
        sample = self.sample
        before = self._figures(sample.scores(UNCORRECTED) >= self.in_force)
        return LimitResult(
            state, pick(sample, self.correction), sample.messages, before, self._figures(self._answered(pick))
        )

    def _answers(self, pick: Pick) -> int:
        return int(self._answered(pick).sum())

    def _answered(self, pick: Pick) -> Flags:
        """Which messages are answered when their fold is held out, `(n,)`."""
        answered = np.zeros(len(self.sample.right), bool)
        for fold, correction in enumerate(self.corrections):
            here = self.sample.fold == fold
            limit = pick(self.sample.part(~here), correction)
            answered[here] = self.sample.part(here).scores(correction) >= limit
        return answered

    def _figures(self, answered: Flags) -> Figures:
        right, weight = self.sample.right, self.sample.weight
        rightly = float(weight[answered & right].sum() / weight.sum()) if len(weight) else 0.0
        return Figures(rightly, fitting.share(right[answered], weight[answered]))
