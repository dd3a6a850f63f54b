"""Line plots as SVG, without a library: axes, lines with their names at the end of a legend, light and dark."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 840, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 320, 40, 55  # margins; the legend stands in the right one
COLOURS = ("#d1495b", "#7a4fb5", "#2e86ab", "#3fa34d", "#c98a00", "#6b7280", "#00798c", "#b8578f")
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#333}.title{font-weight:600;font-size:15px}"
    ".axis{stroke:#888}.grid{stroke:#8884;stroke-width:.6}.line{fill:none;stroke-width:2}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}}"
)

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    points: Sequence[Point]
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    title: str
    ticks: Sequence[float]  # the first and the last are the ends
    logarithmic: bool = False

    def share(self, value: float) -> float:
        """Where on the axis, from 0 to 1; what lies outside is drawn at the end."""
        scale: Callable[[float], float] = math.log10 if self.logarithmic else float
        first, last = scale(self.ticks[0]), scale(self.ticks[-1])
        bounded = min(max(value, self.ticks[0]), self.ticks[-1])
        return (scale(bounded) - first) / (last - first)


def plot(title: str, across: Axis, up: Axis, lines: Sequence[Line]) -> str:
    def x(value: float) -> float:
        return LEFT + across.share(value) * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - up.share(value) * (HEIGHT - TOP - BOTTOM)

    drawn = [f'<text class="title" x="{LEFT}" y="22">{escape(title)}</text>', *_axes(across, up, x, y)]
    for number, line in enumerate(lines):
        drawn += _line(line, [(x(a), y(b)) for a, b in line.points], number)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
    return "\n".join([head, f"<title>{escape(title)}</title><style>{_STYLE}</style>", *drawn, "</svg>", ""])


def _axes(across: Axis, up: Axis, x: Callable[[float], float], y: Callable[[float], float]) -> list[str]:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    drawn = [f'<path class="axis" fill="none" d="M{LEFT} {TOP}V{bottom}H{right}"/>']
    for tick in across.ticks:
        drawn.append(f'<path class="grid" d="M{x(tick):.1f} {TOP}V{bottom}"/>')
        drawn.append(f'<text text-anchor="middle" x="{x(tick):.1f}" y="{bottom + 20}">{tick:,.10g}</text>')
    for tick in up.ticks:
        drawn.append(f'<path class="grid" d="M{LEFT} {y(tick):.1f}H{right}"/>')
        drawn.append(f'<text text-anchor="end" x="{LEFT - 8}" y="{y(tick) + 4:.1f}">{tick:,.10g}</text>')
    middle = (TOP + bottom) // 2
    drawn.append(
        f'<text text-anchor="middle" x="{(LEFT + right) // 2}" y="{HEIGHT - 12}">{escape(across.title)}</text>'
    )
    drawn.append(f'<text text-anchor="middle" transform="translate(18 {middle}) rotate(-90)">{escape(up.title)}</text>')
    return drawn


def _line(line: Line, points: Sequence[Point], number: int) -> list[str]:
    colour, dashes = COLOURS[number % len(COLOURS)], ' stroke-dasharray="5 4"' if line.dashed else ""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    height, left = TOP + 10 + 22 * number, WIDTH - RIGHT + 15
    dots = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points if len(points) <= 12]
    return [
        f'<polyline class="line" stroke="{colour}"{dashes} points="{path}"/>',
        *dots,
        f'<path class="line" stroke="{colour}"{dashes} d="M{left} {height}h20"/>',
        f'<text x="{left + 26}" y="{height + 4}">{escape(line.name)}</text>',
    ]
