"""Multinomial logistic regression by L-BFGS (Nocedal and Wright, algorithm 7.5), from given weights on."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.arrays import Floats, Numbers

_PAIRS = 10  # of steps and changes of the gradient, from which the curvature is estimated
_DECREASE = 1e-4  # share of the expected decrease that a step must bring
_HALVINGS = 30  # of a step, at most
_SMALLEST = 1e-5  # largest entry of the gradient at which the search ends
_NO_GAIN = 1e-6  # share of the loss; a step that gains less is rounding


@dataclass(frozen=True, slots=True)
class Rows:
    """Training data. Rows of the same text are adjacent: a text is read after each thing that the bot may have said."""

    columns: Floats  # (n_texts, n_columns)
    texts: Numbers  # number of each row's text, (n_rows,), rising; each text has one
    shifts: Floats  # (n_rows, n_shifts)
    classes: Numbers  # (n_rows,)
    weights: Floats  # (n_rows,)


def softmax(logits: Floats) -> Floats:
    """Return the softmax of each row, `(n, classes)`."""
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Floats = odds / odds.sum(axis=1, keepdims=True)
    return shares


def fit(rows: Rows, start: Floats, penalty: float, steps: int) -> Floats:
    """Return the weights of columns and, below them, of shifts, `(n_columns + n_shifts, n_classes)`.

    `start`: the initial weights; departing from them costs `penalty` / 2 for each unit squared.
    """
    width, wanted = rows.columns.shape[1], np.eye(start.shape[1], dtype=np.float32)[rows.classes]
    shares = (rows.weights / rows.weights.sum()).astype(np.float32)
    firsts = np.flatnonzero(np.diff(rows.texts, prepend=-1))

    def loss(weights: Floats) -> tuple[float, Floats]:
        table = weights.reshape(start.shape)
        found = softmax((rows.columns @ table[:width])[rows.texts] + rows.shifts @ table[width:])
        likelihood = np.log((found * wanted).sum(axis=1).clip(1e-12))
        errors, away = (found - wanted) * shares[:, None], table - start
        by_text = np.add.reduceat(errors, firsts)
        gradient = np.concatenate([rows.columns.T @ by_text, rows.shifts.T @ errors]) + np.float32(penalty) * away
        return float(-(shares @ likelihood) + penalty / 2 * np.square(away).sum()), gradient.ravel()

    return minimum(loss, start.ravel(), steps).reshape(start.shape)


def minimum(loss: Callable[[Floats], tuple[float, Floats]], at: Floats, steps: int) -> Floats:
    """Minimise a loss, which returns its value and gradient, from `at` in at most `steps` steps."""
    pairs: deque[tuple[Any, Any]] = deque(maxlen=_PAIRS)
    value, gradient = loss(at)
    for _ in range(steps):
        if np.abs(gradient).max() < _SMALLEST:
            break
        direction = -_scaled(gradient, pairs)
        slope, size = float(gradient @ direction), 1.0 if pairs else 1 / max(1.0, float(np.linalg.norm(gradient)))
        for _ in range(_HALVINGS):
            there = (at + np.float32(size) * direction).astype(np.float32)
            found, next_gradient = loss(there)
            if found <= value + _DECREASE * size * slope:
                break
            size /= 2
        else:
            break
        pairs.append((there - at, next_gradient - gradient))
        gain, at, value, gradient = value - found, there, found, next_gradient
        if gain < _NO_GAIN * value:
            break
    return at


def _scaled(gradient: Floats, pairs: deque[tuple[Any, Any]]) -> Floats:
    """Return the gradient times the inverse of the estimated curvature."""
    result, factors = gradient, []
    for step, change in reversed(pairs):
        factors.append(float(step @ result) / max(float(step @ change), 1e-12))
        result = result - np.float32(factors[-1]) * change
    if pairs:
        step, change = pairs[-1]
        result = result * np.float32(float(step @ change) / max(float(change @ change), 1e-12))
    for (step, change), factor in zip(pairs, reversed(factors), strict=True):
        result = result + np.float32(factor - float(change @ result) / max(float(step @ change), 1e-12)) * step
    return result
