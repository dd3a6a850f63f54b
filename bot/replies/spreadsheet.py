"""Tables as CSV (RFC 4180), in the form that French spreadsheets expect. Pure.

The separator is a semicolon; a byte order mark before the UTF-8 keeps accents intact.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

Cell = str | int | None
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def to_csv(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return rows as CSV; the first one is the header, and None is an empty cell."""
    text = io.StringIO()
    table = csv.writer(text, delimiter=";")
    for row in rows:
        # An apostrophe before a text that a spreadsheet would run as a formula.
        formula = [isinstance(cell, str) and cell.lstrip(" ").startswith(_FORMULA) for cell in row]
        table.writerow([f"'{cell}" if is_run else cell for cell, is_run in zip(row, formula, strict=True)])
    return text.getvalue().encode("utf-8-sig", "replace")
