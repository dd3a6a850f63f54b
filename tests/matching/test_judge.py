"""What the judge makes of a message that is read together with the entries that were found."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.matching import Match, SearchResult
from bot.matching.calibration import CalibrationTable, Logistic
from bot.matching.judge import features_read, judged, to_read

WEIGHTS = {"first": (0.0, 1.0, 1.0), "relevance": (0.0, 1.0, 1.0)}
NONE = Logistic({}, 0.0)
TABLE = CalibrationTable(
    {}, NONE, NONE, called=Logistic(WEIGHTS, 0.0), overheard=Logistic(WEIGHTS, -2.0), follow_up=NONE
)


def found(*confidences: float) -> SearchResult:
    """Entries a, b, c."""
    matches = (Match(id, id, confidence) for id, confidence in zip("abc", confidences, strict=False))
    return SearchResult("", tuple(matches), 0.9)


def read(confidences: tuple[float, ...], logits: Mapping[str, float | None]) -> SearchResult:
    """One that has no logit must not be read."""
    result = found(*confidences)
    some = to_read(result)
    return judged(result, TABLE, features_read(some, [logits[match.id] for match in some]))


@pytest.mark.parametrize(
    ("before", "logits", "ids", "after"),
    [
        ((0.6, 0.15, 0.05), {"a": 2.0}, "abc", [0.917, 0.15, 0.05]),
        ((0.6, 0.15, 0.05), {"a": -3.0}, "abc", [0.0695, 0.0695, 0.05]),  # it stays the first
        ((0.98,), {"a": -4.0}, "a", [0.473]),
        ((0.5, 0.45, 0.05), {"a": 3.0, "b": 3.0}, "abc", [0.503, 0.497, 0.05]),  # both are read, and one is meant
        ((0.5, 0.45, 0.04), {"a": -3.0, "b": 3.0}, "abc", [0.0474, 0.0474, 0.04]),  # the second does not pass it
        ((0.6, 0.5, 0.3), {"a": 3.0, "b": -4.0}, "acb", [0.968, 0.3, 0.018]),
    ],
)
def test_an_entry_that_answers_is_surer_and_one_that_does_not_less_sure(
    before: tuple[float, ...], logits: Mapping[str, float], ids: str, after: list[float]
) -> None:
    matches = read(before, logits).matches
    assert "".join(match.id for match in matches) == ids
    assert [match.confidence for match in matches] == pytest.approx(after, abs=5e-4)


def test_the_first_confidence_is_evidence_where_the_entry_was_read() -> None:
    assert read((0.6,), {"a": 2.0}).matches[0].evidence.first_confidence == 0.6
    assert read((0.6,), {"a": None}).matches[0].evidence.first_confidence is None
