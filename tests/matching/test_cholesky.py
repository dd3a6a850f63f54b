"""A system solved in place is the one that numpy solves."""

from __future__ import annotations

import numpy as np
import pytest

from bot.matching.kernel_ridge import solve


@pytest.mark.parametrize("size", [0, 1, 127, 128, 129, 700])
def test_it_finds_what_numpy_finds(size: int) -> None:
    rows = np.random.default_rng(3).standard_normal((size, 40)).astype(np.float32)
    matrix = rows @ rows.T + 0.5 * np.eye(size, dtype=np.float32)
    sides = np.random.default_rng(4).standard_normal((size, 3)).astype(np.float32)
    expected = np.linalg.solve(matrix.astype(np.float64), sides.astype(np.float64))
    assert solve(matrix.copy(), sides.copy()) == pytest.approx(expected, abs=1e-3)


def test_what_is_not_positive_definite_is_refused() -> None:
    with pytest.raises(np.linalg.LinAlgError):
        solve(-np.eye(3, dtype=np.float32), np.ones((3, 1), np.float32))
