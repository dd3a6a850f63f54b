"""A large positive definite system solved in the memory that it takes itself.

`numpy.linalg.solve` computes in double precision, on two copies: five times the memory and three times the time.
"""

from __future__ import annotations

import numpy as np

from bot.matching.arrays import Floats

_BLOCK = 128


def solve(matrix: Floats, sides: Floats) -> Floats:
    """What `matrix` times it gives `sides`. Both are used up: `matrix` becomes its factor, `sides` the solution."""
    blocks = [slice(at, min(at + _BLOCK, len(matrix))) for at in range(0, len(matrix), _BLOCK)]
    for block in blocks:
        _eliminate(matrix, block)
    for block in blocks:  # the factor's diagonal blocks stand there turned round
        sides[block] -= matrix[block, : block.start] @ sides[: block.start]
        sides[block] = matrix[block, block] @ sides[block]
    for block in reversed(blocks):
        sides[block] -= matrix[block.stop :, block].T @ sides[block.stop :]
        sides[block] = matrix[block, block].T @ sides[block]
    return sides


def _eliminate(matrix: Floats, block: slice) -> None:
    factor = np.linalg.cholesky(matrix[block, block].astype(np.float64))
    matrix[block, block] = np.linalg.inv(factor)
    below = matrix[block.stop :, block]
    below[:] = below @ matrix[block, block].T
    for at in range(0, len(below), _BLOCK * 4):  # of what is left only the lower half
        there = slice(block.stop + at, block.stop + at + _BLOCK * 4)
        matrix[there.start :, there] -= below[at:] @ below[at : at + _BLOCK * 4].T
