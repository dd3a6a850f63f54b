"""Learning from labelled messages, on numbers alone: what is fitted, and when a limit moves."""

from __future__ import annotations

import numpy as np
import pytest

from bot.matching import Match, SearchResult
from bot.matching.confidence_correction import UNCORRECTED, Correction
from bot.quality import fitting
from bot.quality.evaluation import Labelled
from bot.quality.facts import LIMITS, Fact, Judged, Limit, fact
from bot.quality.fitting import Flags, Numbers
from bot.quality.learning import Learning, learn

IN_FORCE: dict[Limit, float] = {"confident": 0.7, "overheard": 0.85}
MODEST, RIGHT, BOLD = Correction(1.6, 0.6), UNCORRECTED, Correction(0.6, -0.4)


def network(truth: Correction, count: int, seed: int = 0) -> tuple[Numbers, Flags]:
    """Messages whose confidence, corrected by `truth`, is the probability that their best match is right, `(n,)`."""
    chance = np.random.default_rng(seed)
    logits = np.where(chance.random(count) < 0.3, chance.normal(-3, 1.5, count), chance.normal(1.8, 1.6, count))
    right = chance.random(count) < 1 / (1 + np.exp(-logits))
    return 1 / (1 + np.exp((truth.offset - logits) / truth.slope)), right


def facts(confidence: Numbers, right: Flags, weight: float = 1.0) -> list[Fact]:
    pairs = zip(confidence.tolist(), right.tolist(), strict=True)
    return [Fact(f"message {number}", p, 1.5, hit, weight, frozenset(LIMITS)) for number, (p, hit) in enumerate(pairs)]


def learned(truth: Correction, count: int, seed: int = 0) -> Learning:
    return learn(facts(*network(truth, count, seed)), IN_FORCE)


# Arithmetic


def test_a_correction_is_found_again() -> None:
    fit = fitting.fit_correction(*network(MODEST, 20_000), np.ones(20_000))
    assert (fit.slope, fit.offset) == (pytest.approx(1.6, abs=0.05), pytest.approx(0.6, abs=0.05))


def test_the_unit_of_the_weights_changes_nothing() -> None:
    confidence, right = network(BOLD, 500)
    weight = np.random.default_rng(3).random(500) + 0.1
    one, other = (fitting.fit_correction(confidence, right, weight * unit) for unit in (1, 250))
    assert (one.slope, one.offset) == pytest.approx((other.slope, other.offset))


def test_a_few_messages_are_outweighed_by_the_prior_and_nonsense_fits_nothing() -> None:
    few = fitting.fit_correction(np.array([0.9, 0.2]), np.array([True, False]), np.ones(2))
    assert (few.slope, few.offset) == (pytest.approx(1, abs=0.4), pytest.approx(0, abs=0.3))
    confidence, right = network(RIGHT, 2000)
    assert fitting.fit_correction(confidence, ~right, np.ones(2000)) == UNCORRECTED
    assert fitting.fit_correction(np.zeros(5), np.zeros(5, bool), np.ones(5)) == UNCORRECTED


@pytest.mark.parametrize("right", [True, False])
def test_messages_that_are_all_alike_still_give_a_correction(right: bool) -> None:
    fit = fitting.fit_correction(np.array([0.5, 1.0, 1e-300] * 100), np.full(300, right), np.ones(300))
    assert np.isfinite([fit.slope, fit.offset]).all()
    assert fit.slope > 0


def test_the_interval_is_wilsons() -> None:
    """Where all or none are right its other end is n / (n + z^2), or z^2 / (n + z^2)."""
    low, high = fitting.wilson(np.array([0.8, 1.0, 0.0]), np.array([10.0, 50.0, 20.0]), fitting.Z90)
    assert low == pytest.approx([0.5409, 0.9487, 0.0], abs=1e-3)
    assert high == pytest.approx([0.9315, 1.0, 0.1192], abs=1e-3)


def test_weights_that_differ_count_as_fewer_messages() -> None:
    assert fitting.effective_number(np.full(80, 2.5)) == pytest.approx(80)
    assert fitting.effective_number(np.array([1.0, 1.0, 8.0])) == pytest.approx(100 / 66)
    assert fitting.share(np.zeros(0, bool), np.zeros(0)).count == 0


def test_equal_texts_share_a_fold() -> None:
    number = fitting.numbered(["Une question ?", "une  question ?", "une autre", *map(str, range(50))])
    assert number[0] == number[1]
    assert set(number[1:].tolist()) == set(range(52))


def test_a_correction_and_its_undoing() -> None:
    for value in (0.0, 1e-12, 0.2, 0.7, 1.0):
        assert UNCORRECTED(value) == value
        assert 0 <= BOLD(value) <= 1
    assert BOLD.undo(BOLD(0.7)) == pytest.approx(0.7)
    corrected = [BOLD(value) for value in np.linspace(0, 1, 1001)]
    assert corrected == sorted(corrected)


# Labels


def found(best: str | None) -> SearchResult:
    return SearchResult("x", (Match(best, best, 0.8),) if best else (), 0.9, overheard=0.7)


def test_an_expectation_informs_both_limits_and_a_judged_answer_one() -> None:
    expected = fact(Labelled("x", frozenset({"a", "b"})), found("b"))
    assert expected == Fact("x", 0.8, 0.7, True, 1.0, frozenset(LIMITS))
    heard = fact(Judged("x", addressed=False, entry="a", right=False, weight=3.0), found("a"))
    assert heard == Fact("x", 0.8, 0.7, False, 3.0, frozenset({"overheard"}))


def test_a_judged_answer_of_another_entry_tells_nothing() -> None:
    judged = Judged("x", addressed=True, entry="a", right=True, weight=1.0)
    assert fact(judged, found("b")) is None
    assert fact(judged, found(None)) is None
    assert fact(Labelled("x", frozenset()), found(None)) == Fact("x", 0.0, 0.7, False, 1.0, frozenset(LIMITS))


# Limits


def test_limits_are_loosened_where_the_promise_is_surely_kept() -> None:
    result = learned(MODEST, 2000)
    assert result.state == "kept"
    assert result.limits["confident"].state == "looser"
    confidence, right = network(MODEST, 20_000, seed=9)
    before, after = (
        confidence >= 0.7,
        fitting.corrected(result.correction, confidence) >= result.limits["confident"].limit,
    )
    assert (right & after).mean() > (right & before).mean() + 0.02
    assert right[after].mean() > 0.9


def test_limits_are_tightened_where_the_promise_is_broken() -> None:
    result = learned(BOLD, 2000)
    confidence, right = network(BOLD, 20_000, seed=9)
    for name, promise in (("confident", 0.9), ("overheard", 0.95)):
        limit = result.limits[name]  # type: ignore[index]
        assert limit.state == "tighter"
        after = fitting.corrected(result.correction, confidence) >= limit.limit
        assert right[after].mean() > promise - 0.02
        assert right[confidence >= IN_FORCE[name]].mean() < promise - 0.05  # type: ignore[index]


def test_what_is_learned_foretells_other_messages() -> None:
    """The figures of held-out messages are those of new ones, give or take their interval."""
    inside = 0
    for seed in range(20):
        result = learned(BOLD, 800, seed)
        confidence, right = network(BOLD, 20_000, seed=99)
        limit = result.limits["confident"]
        after = fitting.corrected(result.correction, confidence) >= limit.limit
        inside += limit.after.precision.low <= right[after].mean() <= limit.after.precision.high
    assert inside >= 15


def test_a_small_sample_does_not_loosen() -> None:
    """At a lower limit nine of ten would be right: of so few messages that is not sure."""
    truth = Correction(1.0, 0.5)
    states = [limit.state for seed in range(40) for limit in learned(truth, 120, seed).limits.values()]
    assert states.count("looser") <= 2


def test_the_correction_alone_moves_no_limit() -> None:
    """Who is answered at a limit that stays is the same: it is carried over."""
    result = learned(MODEST, 300)
    limit = result.limits["overheard"]
    assert (result.state, limit.state) == ("kept", "same")
    assert result.correction.undo(limit.limit) == pytest.approx(0.85, abs=1e-3)


def test_sure_answers_alone_teach_no_correction() -> None:
    """What a rehearsal judges are answers: of low confidences they say nothing."""
    confidence, right = network(BOLD, 3000)
    sure = confidence > 0.6
    assert learn(facts(confidence[sure], right[sure]), IN_FORCE).state == "only_sure"


def test_where_no_limit_keeps_the_promise_the_highest_holds() -> None:
    chance = np.random.default_rng(1)
    result = learn(facts(chance.random(500), chance.random(500) < 0.4), IN_FORCE)
    assert {limit.state for limit in result.limits.values()} == {"unkept"}
    assert result.limits["confident"].after.precision.count < result.limits["confident"].before.precision.count


def test_a_limit_that_the_settings_name_stays() -> None:
    result = learn(facts(*network(BOLD, 800)), IN_FORCE, frozenset({"confident"}))
    assert (result.limits["confident"].state, result.limits["confident"].limit) == ("fixed", 0.7)
    assert result.limits["overheard"].state == "tighter"


def test_all_that_is_one_message_is_no_sample() -> None:
    same = [Fact("the same", 0.9, 1.5, True, 1.0, frozenset(LIMITS))] * 150
    result = learn(same, IN_FORCE)
    assert (result.messages, result.state, result.correction) == (1, "only_sure", UNCORRECTED)
    assert {limit.state for limit in result.limits.values()} == {"few"}
