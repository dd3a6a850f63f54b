"""Stacked bars as geometry for an SVG drawing, which a template draws. Pure; lengths in units of the drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

WIDTH, HEIGHT = 360, 200
_LEFT, _TOP, _BOTTOM = 30, 10, 22  # margins for the numbers and the labels
_LABELS = 6  # that fit below the bars of a phone's width
_GRID = 4  # lines at most
_GAP = 0.25  # of a bar's room


@dataclass(frozen=True, slots=True)
class PlotSeries:
    """`look`: names colour and pattern in style sheet and template."""

    label: str
    look: str
    values: Sequence[int]


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    look: str
    text: str  # what it shows


@dataclass(frozen=True, slots=True)
class Mark:
    """A number beside a line of the grid, or a label below a bar."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Plot:
    series: Sequence[PlotSeries]
    bars: Sequence[Bar]
    grid: Sequence[Mark]
    labels: Sequence[Mark]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT


def stacked(labels: Sequence[str], series: Sequence[PlotSeries]) -> Plot:
    """Return a plot with one column for each label, the series above each other; each has a value for each label."""
    most = max(map(sum, zip(*(one.values for one in series), strict=True)), default=0)
    step = _step(most)
    top = step * max(ceil(most / step), 1)
    scale, room = (HEIGHT - _BOTTOM - _TOP) / top, (WIDTH - _LEFT) / max(len(labels), 1)
    grid = [Mark(HEIGHT - _BOTTOM - value * scale, str(value)) for value in range(0, top + 1, step)]
    every = ceil(len(labels) / _LABELS) or 1
    shown = [Mark(_LEFT + room * (at + 0.5), text) for at, text in enumerate(labels) if at % every == 0]
    bars, width = [], round(room * (1 - _GAP), 2)
    for at, label in enumerate(labels):
        x, y = _LEFT + room * (at + _GAP / 2), float(HEIGHT - _BOTTOM)
        for one in series:
            if height := one.values[at] * scale:
                y -= height
                text = f"{label} – {one.label} ({one.values[at]})"
                bars.append(Bar(round(x, 2), round(y, 2), width, round(height, 2), one.look, text))
    return Plot(series, bars, grid, shown)


def _step(most: int) -> int:
    """Between two lines of the grid: 1, 2 or 5 times a power of ten."""
    rough = max(most / _GRID, 1)
    power: int = 10 ** floor(log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
