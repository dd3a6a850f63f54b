"""What a second reading, of a question together with the entry that was found, changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from bot.matching import Match, SearchResult
from bot.matching.calibration import Logistic
from bot.matching.second_reading import UNSURE, read_again

TABLE = Logistic({"confidence": (0.0, 1.0, 1.0), "relevance": (0.0, 1.0, 1.0)}, 0.0)


def found(*confidences: float) -> SearchResult:
    """Entries a, b, c."""
    matches = (Match(id, id, confidence) for id, confidence in zip("abc", confidences, strict=False))
    return SearchResult("", tuple(matches), 0.9)


def read(confidences: tuple[float, ...], logits: Mapping[str, float | None]) -> tuple[str, list[float]]:
    """Ids and confidences after a second reading; one that has no logit must not be read."""
    result = read_again(found(*confidences), TABLE, logits.__getitem__)
    return "".join(match.id for match in result.matches), [match.confidence for match in result.matches]


def test_an_entry_that_answers_is_surer() -> None:
    ids, confidences = read((0.6, 0.15, 0.05), {"a": 2.0})
    assert (ids, confidences) == ("abc", pytest.approx([0.917, 0.15, 0.05], abs=1e-3))


def test_one_that_does_not_is_less_sure_and_stays_the_first() -> None:
    ids, confidences = read((0.6, 0.15, 0.05), {"a": -3.0})
    assert (ids, confidences) == ("abc", pytest.approx([0.0695, 0.0695, 0.05], abs=1e-4))


def test_of_two_that_are_alike_both_are_read_and_one_is_meant() -> None:
    ids, confidences = read((0.5, 0.45, 0.05), {"a": 3.0, "b": 3.0})
    assert (ids, confidences) == ("abc", pytest.approx([0.503, 0.497, 0.05], abs=1e-3))


def test_a_second_one_that_answers_does_not_pass_the_first() -> None:
    ids, confidences = read((0.5, 0.45, 0.04), {"a": -3.0, "b": 3.0})
    assert (ids, confidences) == ("abc", pytest.approx([0.0474, 0.0474, 0.04], abs=1e-3))


def test_a_second_one_that_does_not_answer_falls_behind_the_third() -> None:
    ids, confidences = read((0.6, 0.5, 0.3), {"a": 3.0, "b": -4.0})
    assert (ids, confidences) == ("acb", pytest.approx([0.968, 0.3, 0.018], abs=1e-3))


def test_the_first_confidence_is_evidence() -> None:
    result = read_again(found(0.6), TABLE, lambda id: 2.0)
    assert result.matches[0].evidence.first_confidence == 0.6


@pytest.mark.parametrize("confidence", [UNSURE[0] - 0.01, UNSURE[1] + 0.01])
def test_what_is_clear_is_not_read_again(confidence: float) -> None:
    relevance: Callable[[str], float | None] = {}.__getitem__
    result = found(confidence, 0.1)
    assert read_again(result, TABLE, relevance) is result


def test_without_a_model_for_it_nothing_changes() -> None:
    result = found(0.6, 0.3)
    assert read_again(result, TABLE, lambda id: None) is result
