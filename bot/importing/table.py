"""Tables: the rows of a CSV file or of a spreadsheet's first sheet, as texts."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.decoding import decoded
from bot.importing import LARGEST, NotReadable

SHEETS = (".xlsx", ".xlsm", ".xls", ".ods")
_DELIMITERS = ";,\t|"
_SAMPLE = 50  # records from which the delimiter is guessed


@dataclass(frozen=True, slots=True)
class TableRow:
    line: int  # from 1
    cells: Sequence[str]


def read_table(path: Path) -> list[TableRow]:
    """Return the rows that are not empty. Raises NotReadable, OSError."""
    if path.suffix.lower() in SHEETS:
        rows = _sheet(path)
    else:
        text = decoded(raw := path.read_bytes())
        if raw.startswith(b"%PDF") or "\0" in text:  # a picture, a PDF or a word processor's document
            raise NotReadable("no_text")
        rows = _csv(text)
    return [row for row in rows if any(row.cells)]


def _csv(text: str) -> list[TableRow]:
    csv.field_size_limit(LARGEST)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=_delimiter(text))
    rows, line = [], 1
    try:
        for cells in reader:
            rows.append(TableRow(line, [cell.strip() for cell in cells]))
            line = reader.line_num + 1
    except csv.Error as error:
        raise NotReadable("broken_table", f"{line}: {error}") from None
    return rows


def _delimiter(text: str) -> str:
    """Return the delimiter that gives the most records with equally many columns, two or more."""

    def fit(delimiter: str) -> tuple[int, int]:
        records = csv.reader(text[:100_000].splitlines(keepends=True), delimiter=delimiter)
        widths = [len(record) for record, _ in zip(records, range(_SAMPLE), strict=False) if record]
        usual = max(set(widths), key=widths.count, default=1)
        return (widths.count(usual) if usual > 1 else 0), usual

    return max(_DELIMITERS, key=fit)


def _sheet(path: Path) -> list[TableRow]:
    """Read the first sheet that is not empty."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_path(path) as book:
            sheets = (book.get_sheet_by_name(name) for name in book.sheet_names)
            filled = next((sheet for sheet in sheets if sheet.total_height), None)
            values = filled.to_python(skip_empty_area=False) if filled else []
    except CalamineError as error:
        raise NotReadable("broken_sheet", str(error)) from None
    return [TableRow(number, [_text(cell) for cell in cells]) for number, cells in enumerate(values, start=1)]


def _text(cell: object) -> str:
    """Return the cell as text, a whole number without the point that spreadsheets give it."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()
