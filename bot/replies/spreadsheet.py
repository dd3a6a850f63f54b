"""Tables as CSV (RFC 4180) with semicolons, as spreadsheets in French expect, in UTF-8 with a byte order mark, so that
they keep their accents. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

Cell = str | int | None
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def to_csv(rows: Iterable[Sequence[Cell]]) -> bytes:
    """The first row is the header; None is an empty cell."""
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([[_harmless(cell) for cell in row] for row in rows])
    return text.getvalue().encode("utf-8-sig", "replace")


def _harmless(cell: Cell) -> Cell:
    """No text that a spreadsheet would run as a formula: an apostrophe before it makes it a text."""
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(_FORMULA) else cell
