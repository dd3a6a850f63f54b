"""Phrasings speak for their entries together, and those that are alike not twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.matching import kernel_ridge
from bot.matching.arrays import Floats, Numbers
from bot.matching.embedding_cache import EmbeddingCache
from bot.matching.kernel_ridge import KernelRidge
from bot.matching.postings import Postings
from bot.matching.terms import grams
from bot.matching.use_encoder import UniversalSentenceEncoder

LETTERS = ("aaaa", "bbbb", "cccc", "dddd", "eeee", "ffff")
OWNERS = np.array([0, 0, 0, 0, 1, 2])


def directions(*degrees: float) -> Floats:
    turns = np.radians(degrees)
    return np.stack([np.cos(turns), np.sin(turns)], axis=1).astype(np.float32)


def crowd() -> KernelRidge:
    """Four phrasings of one entry on one spot, one of another not far away, a third on the other side."""
    postings = Postings.of([[(grams(text), 1)] for text in LETTERS])
    return KernelRidge(directions(0, 1, 2, 3, 40, 180), postings, OWNERS, 3)


def likenesses(vector: Floats) -> tuple[Floats, Floats]:
    return directions(0, 1, 2, 3, 40, 180) @ vector, np.zeros(len(OWNERS), np.float32)


@pytest.fixture(params=[True, False], ids=["solved at once", "for each question"])
def many(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    if not request.param:
        monkeypatch.setattr(kernel_ridge, "MAX_SOLVED", 2)
        monkeypatch.setattr(kernel_ridge, "_NEIGHBOURS", 4)
    return bool(request.param)


def test_the_entry_whose_phrasing_is_asked_is_spoken_for(many: bool) -> None:
    scores = crowd().scores(*likenesses(directions(40)[0]))
    assert scores.argmax() == 1
    assert scores[1] > 0.5


def test_four_phrasings_on_one_spot_do_not_outvote_one_that_is_nearer() -> None:
    scores = crowd().scores(*likenesses(directions(32)[0]))
    assert scores.argmax() == 1


def test_n_grams_in_common_speak_for_an_entry_too() -> None:
    vector = directions(90)[0]
    cosines, none = likenesses(vector)
    shared = none.copy()
    shared[5] = 1
    assert crowd().scores(cosines, shared)[2] > crowd().scores(cosines, none)[2] + 0.1


def test_a_phrasing_left_out_says_what_the_others_would_say_without_it() -> None:
    number = 1
    kept: Numbers = np.delete(np.arange(len(OWNERS)), number)
    cosines, _ = likenesses(directions(1)[0])
    postings = Postings.of([[(grams(LETTERS[i]), 1)] for i in kept])
    anew = KernelRidge(directions(0, 1, 2, 3, 40, 180)[kept], postings, OWNERS[kept], 3)
    expected = anew.scores(cosines[kept], np.zeros(len(kept), np.float32))
    grams_in_common = np.eye(len(OWNERS), dtype=np.float32)[number]
    assert crowd().scores_without(number, cosines, grams_in_common) == pytest.approx(expected, abs=1e-3)


def test_where_there_are_many_a_phrasing_left_out_says_nothing(many: bool) -> None:
    cosines, none = likenesses(directions(40)[0])
    assert crowd().scores_without(4, cosines, none)[1] == pytest.approx(0, abs=1e-5)


def test_the_same_problem_is_not_solved_again(tmp_path: Path) -> None:
    tries: list[str] = []

    def solve(name: str) -> Floats:
        tries.append(name)
        return np.full(3, len(tries), np.float32)

    for problem in (b"one", b"one", b"two"):
        found = EmbeddingCache(tmp_path, UniversalSentenceEncoder()).solution(
            "test", problem, lambda problem=problem: solve(problem.decode())
        )
    assert tries == ["one", "two"]
    assert found.tolist() == [2, 2, 2]


def test_what_cannot_be_read_is_solved_again(tmp_path: Path) -> None:
    for _ in range(2):
        found = EmbeddingCache(tmp_path, UniversalSentenceEncoder()).solution(
            "test", b"one", lambda: np.ones(1, np.float32)
        )
        for file in tmp_path.iterdir():
            file.write_bytes(file.read_bytes()[:40])
    assert found.tolist() == [1]
