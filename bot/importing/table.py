"""Tables: the rows of a CSV file or of a sheet, as texts, with the links of the cells."""

from __future__ import annotations

import csv
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import ascii_uppercase
from xml.etree.ElementTree import Element, ParseError, fromstring
from zipfile import BadZipFile, ZipFile

from bot.decoding import decoded
from bot.importing import LARGEST, NotReadable

UNLINKED = (".xls", ".ods")
"""Spreadsheets of which the links set on cells are not read."""
SHEETS = (".xlsx", ".xlsm", *UNLINKED)
_DELIMITERS = ";,\t|"
_SAMPLE = 50  # records from which the delimiter is guessed
_FORMULA = re.compile(r'HYPERLINK\("([^"]+)"')


@dataclass(frozen=True, slots=True)
class TableRow:
    line: int  # from 1
    cells: Sequence[str]
    links: Mapping[int, str] = field(default_factory=dict)  # set on cells; by column, from 0


@dataclass(frozen=True, slots=True)
class Table:
    """The rows that are not empty, and the names of the sheets behind them, which were not read."""

    rows: Sequence[TableRow]
    others: Sequence[str] = ()


def read_table(path: Path) -> Table:
    """Read a table; of a spreadsheet the first sheet that is not empty. Raises NotReadable, OSError."""
    if path.suffix.lower() in SHEETS:
        return _sheet(path)
    text = decoded(raw := path.read_bytes())
    if raw.startswith(b"%PDF") or "\0" in text:  # a picture, a PDF or a word processor's document
        raise NotReadable("no_text")
    csv.field_size_limit(LARGEST)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=_delimiter(text))
    rows, line = [], 1
    try:
        for cells in reader:
            rows.append(TableRow(line, [cell.strip() for cell in cells]))
            line = reader.line_num + 1
    except csv.Error as error:
        raise NotReadable("broken_table", f"{line}: {error}") from None
    return Table([row for row in rows if any(row.cells)])


def letter(place: int) -> str:
    """Return a column's name in spreadsheets: A, B, …, Z, AA."""
    return (letter(place // 26 - 1) if place >= 26 else "") + ascii_uppercase[place % 26]


def _delimiter(text: str) -> str:
    """Return the delimiter that gives the most records with equally many columns, two or more."""

    def fit(delimiter: str) -> tuple[int, int]:
        records = csv.reader(text[:100_000].splitlines(keepends=True), delimiter=delimiter)
        widths = [len(record) for record, _ in zip(records, range(_SAMPLE), strict=False) if record]
        usual = max(set(widths), key=widths.count, default=1)
        return (widths.count(usual) if usual > 1 else 0), usual

    return max(_DELIMITERS, key=fit)


def _sheet(path: Path) -> Table:
    """The sheets behind the one that is read stay closed: one far cell in any of them would fill the memory."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_path(path) as book:
            names = [*book.sheet_names]
            while names and not book.get_sheet_by_name(names[0]).total_height:
                names.pop(0)
            values = book.get_sheet_by_name(names[0]).to_python(skip_empty_area=False) if names else []
        links = _links(path, names[0]) if names and path.suffix.lower() not in UNLINKED else {}
    except (CalamineError, BadZipFile, KeyError, ParseError) as error:
        raise NotReadable("broken_sheet", str(error)) from None
    rows = []
    for number, cells in enumerate(values, start=1):
        columns = range(len(cells) if links else 0)
        own = {column: links[name] for column in columns if (name := f"{letter(column)}{number}") in links}
        rows.append(TableRow(number, [*map(_text, cells)], own))
    return Table([row for row in rows if any(row.cells)], names[1:])


def _links(path: Path, sheet: str) -> Mapping[str, str]:
    """Return the links set on cells of an xlsx, of which `python_calamine` reads the text alone, by cells like B4.

    See ECMA-376-1, 18.3.1.47. Raises BadZipFile, KeyError, ParseError.
    """
    with ZipFile(path) as archive:
        parts, sheets = _targets(archive, "xl/workbook.xml"), _parsed(archive, "xl/workbook.xml")
        ids = {one.get("name"): _id(one) for one in sheets.iterfind(".//{*}sheet")}
        part = posixpath.normpath(posixpath.join("/xl", parts[ids[sheet]]))[1:]
        targets, cells = _targets(archive, part), _parsed(archive, part)
    formulas = ((cell.get("r", ""), _FORMULA.match(cell.findtext("{*}f", ""))) for cell in cells.iterfind(".//{*}c"))
    found = {name: formula[1] for name, formula in formulas if formula}
    for link in cells.iterfind(".//{*}hyperlink"):
        address = targets.get(_id(link), ""), link.get("location", "")
        found[link.get("ref", "").partition(":")[0]] = "#".join(filter(None, address)).replace(" ", "%20")
    return found


def _parsed(archive: ZipFile, part: str) -> Element:
    return fromstring(archive.read(part))  # noqa: S314 (in a process with limits)


def _targets(archive: ZipFile, part: str) -> Mapping[str, str]:
    name = "{}/_rels/{}.rels".format(*posixpath.split(part))
    relations = _parsed(archive, name) if name in archive.namelist() else ()
    return {one.get("Id", ""): one.get("Target", "") for one in relations}


def _id(element: Element) -> str:
    """Return its `r:id`; strict and transitional files have different namespaces."""
    return next((value for key, value in element.items() if key.endswith("}id")), "")


def _text(cell: object) -> str:
    """Return the cell as text, a whole number without the point that spreadsheets give it."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()
