"""Draw bot/channels/matrix/avatar.png, the bot's picture: a desk bell. Standard library only.

python tools/draw_avatar.py
"""

from __future__ import annotations

import struct
import zlib
from math import hypot
from pathlib import Path

FILE = Path(__file__).parents[1] / "bot" / "channels" / "matrix" / "avatar.png"
SIZE, SAMPLES = 256, 4  # pixels; samples of a pixel in each direction
TEAL, CREAM, AMBER, SHADE = (31, 111, 120), (255, 247, 230), (242, 183, 5), (226, 214, 190)
Colour = tuple[int, int, int]


def colour(x: float, y: float) -> Colour:
    """Return the colour at a point of the unit square, y downwards."""
    dome = hypot(x - 0.5, y - 0.62)
    if _bar(x, y, 0.18, 0.82, 0.69, 0.05) or hypot(x - 0.5, y - 0.29) < 0.05:
        return AMBER
    if dome < 0.26 and y < 0.62:
        return SHADE if 0.18 < dome < 0.215 and x < 0.45 and y < 0.57 else CREAM
    is_stem = abs(x - 0.5) < 0.022 and 0.29 < y < 0.40
    is_ring = any(_bar(x + dx * (y - 0.3), y, 0.5 + dx - 0.015, 0.5 + dx + 0.015, 0.25, 0.045) for dx in (-0.2, 0.2))
    return CREAM if is_stem or is_ring else TEAL


def _bar(x: float, y: float, left: float, right: float, middle: float, half: float) -> bool:
    return left < x < right and abs(y - middle) < half


def pixel(column: int, row: int) -> bytes:
    steps = [(number + 0.5) / SAMPLES for number in range(SAMPLES)]
    points = [colour((column + dx) / SIZE, (row + dy) / SIZE) for dx in steps for dy in steps]
    return bytes(round(sum(channel) / len(points)) for channel in zip(*points, strict=True))


def png(size: int) -> bytes:
    rows = b"".join(b"\0" + b"".join(pixel(column, row) for column in range(size)) for row in range(size))
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")]
    packed = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + packed


if __name__ == "__main__":
    FILE.write_bytes(png(SIZE))
