"""Learn the ranking of entries: the weights of the signals, and the alignment.

The alignment is a matrix between the vectors of questions and of whole entries, instead of their cosine. An encoder
places a question beside similar texts, but answers use other words. The matrix is learned by listwise softmax over the
entries of each question, on top of the score of all signals, and regularised towards zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from bot.arrays import Floats
from bot.matching.calibration import CalibrationTable
from bot.matching.index import WORDS
from training.learning_heaps import Row, Sets, others_of

STEPS, RATE, RIDGE = 60, 0.02, 1e-4  # of Adam for the alignment; L2 penalty


def learn_ranking(sets: Sequence[list[Row]], names: Sequence[str]) -> dict[str, float]:
    """Learn the weights of signals by listwise softmax over the entries of each question; all sets weigh the same."""
    stacks = []
    for rows in sets:
        rows = [row for row in rows if row.right.any()]
        values = np.array([[_signal(row, name) for name in names] for row in rows], dtype=np.float32)
        stacks.append((values, np.array([row.right for row in rows])))
    spread = np.mean([values.std(axis=(0, 2)) for values, _ in stacks], axis=0) + 1e-6

    def slope_at(weights: np.ndarray) -> np.ndarray:
        slope = 1e-3 * weights
        for values, right in stacks:
            surplus = _surplus(np.tensordot(values, weights / spread, axes=(1, 0)), right)
            slope = slope + np.einsum("qe,qse->s", surplus, values) / spread / len(values) / len(stacks)
        return slope

    weights = _adam(np.zeros(len(names)), slope_at, 400, 0.05)
    return {name: round(float(w), 3) for name, w in zip(names, weights / spread, strict=True)}


def _surplus(scores: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the difference between each entry's softmax share and its target, `(n_questions, n_entries)`."""
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    hit = odds * right
    return odds / odds.sum(1, keepdims=True) - hit / hit.sum(1, keepdims=True).clip(1e-12)


def _adam(values: np.ndarray, slope_at: Callable[[np.ndarray], np.ndarray], steps: int, rate: float) -> np.ndarray:
    momentum = speed = np.zeros_like(values)
    for step in range(1, steps + 1):
        slope = slope_at(values)
        momentum, speed = 0.9 * momentum + 0.1 * slope, 0.99 * speed + 0.01 * slope**2
        values = values - rate * momentum / (1 - 0.9**step) / (np.sqrt(speed / (1 - 0.99**step)) + 1e-8)
    return values


def _signal(row: Row, name: str) -> np.ndarray:
    if name != WORDS:
        return getattr(row.signals, name)
    places = range(len(row.index.entries))
    cosines = row.index.corpus.word_similarity(row.query, places)
    return cosines @ row.query.rarity / row.query.rarity.sum() if cosines.shape[1] else np.zeros(len(places))


def learn_alignments(sets: Sets, table: CalibrationTable) -> dict[str, Floats]:
    """Learn an alignment for each set from those of other groups, and one from all under ''.

    The rows of each set are then measured again with their own.
    """
    stacks = {name: _stack(heaps["own"], table.ranking) for name, heaps in sets.items()}
    weight = table.ranking["documents"]
    found = {name: _alignment([stacks[other] for other in others_of(name, sets)], weight) for name in ("", *sets)}
    for name, heaps in sets.items():
        for rows in heaps.values():
            align(rows, found[name])
    return found


def align(rows: Iterable[Row], alignment: Floats | None) -> None:
    """Measure the documents again with an alignment, or by cosine if None. The rows' indexes must be without one."""
    for row in rows:
        if row.query.vector is not None:
            vector = row.query.vector if alignment is None else row.query.vector @ alignment
            documents = vector @ _vectors(row).T
            row.signals = replace(row.signals, documents=documents.astype(np.float32))


def _vectors(row: Row) -> Floats:
    """Return the vectors of the entries, `(n_entries, dimensions)`."""
    return row.index.corpus.semantic.documents.vectors if row.index.corpus.semantic else np.zeros((0, 0), np.float32)


Stack = tuple[Floats, Floats, np.ndarray, Floats]
"""Vectors of questions and of entries; which are right, and the scores, `(n_questions, n_entries)`."""


def _stack(rows: Sequence[Row], ranking: Mapping[str, float]) -> Stack:
    rows = [row for row in rows if row.right.any() and row.query.vector is not None]
    questions, right = np.array([row.query.vector for row in rows]), np.array([row.right for row in rows])
    scores = [sum(np.float32(weight) * _signal(row, name) for name, weight in ranking.items()) for row in rows]
    return questions, _vectors(rows[0]), right, np.array(scores)


def _alignment(stacks: Sequence[Stack], weight: float) -> Floats:
    """Learn an alignment; all sets weigh the same. `weight`: of the documents in the scores."""

    def slope_at(matrix: Floats) -> Floats:
        return RIDGE * matrix + sum(_slope(stack, matrix) for stack in stacks) / len(stacks)

    dimensions = stacks[0][0].shape[1]
    matrix = _adam(np.zeros((dimensions, dimensions), np.float32), slope_at, STEPS, RATE)
    return np.eye(dimensions, dtype=np.float32) + matrix / np.float32(weight)


def _slope(stack: Stack, matrix: Floats) -> Floats:
    questions, entries, right, scores = stack
    surplus = _surplus(scores + questions @ matrix @ entries.T, right)
    slope: Floats = questions.T @ (surplus @ entries) / len(questions)
    return slope
