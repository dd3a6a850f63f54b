"""What a second reading, of a question together with the entry that was found, changes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.matching.calibration import Logistic
from bot.matching.second_reading import UNSURE, read_again

TABLE = Logistic({"confidence": (0.0, 1.0, 1.0), "relevance": (0.0, 1.0, 1.0)}, 0.0)
RANKED = [(4, 0.6), (1, 0.3), (2, 0.05)]


def says(logit: float | None) -> Callable[[int], float | None]:
    def relevance(place: int) -> float | None:
        assert place == 4
        return logit

    return relevance


def test_an_entry_that_answers_is_surer() -> None:
    (place, confidence), *others = read_again(RANKED, TABLE, says(2.0), least=0.0)
    assert place == 4
    assert confidence == pytest.approx(0.917, abs=1e-3)
    assert others == RANKED[1:]


def test_one_that_does_not_is_less_sure_and_stays_the_first() -> None:
    read = read_again(RANKED, TABLE, says(-3.0), least=0.0)
    assert [place for place, _ in read] == [4, 1, 2]
    assert [confidence for _, confidence in read] == pytest.approx([0.0695, 0.0695, 0.05], abs=1e-4)


def test_what_it_holds_at_least_stays() -> None:
    assert read_again(RANKED, TABLE, says(-3.0), least=0.5)[0] == (4, 0.5)


@pytest.mark.parametrize("confidence", [UNSURE[0] - 0.01, UNSURE[1] + 0.01])
def test_what_is_clear_is_not_read_again(confidence: float) -> None:
    def refuses(place: int) -> float:
        raise AssertionError(place)

    assert read_again([(4, confidence)], TABLE, refuses, least=0.0) == [(4, confidence)]


def test_without_a_model_for_it_nothing_changes() -> None:
    assert read_again(RANKED, TABLE, says(None), least=0.0) == RANKED
