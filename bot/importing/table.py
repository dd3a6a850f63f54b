"""Tables: the rows of a CSV file or of a sheet, as texts, with the links of the cells; and what each column is, by its
heading, else by its content."""

import csv
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from string import ascii_uppercase
from xml.etree.ElementTree import Element, ParseError, fromstring
from zipfile import BadZipFile, ZipFile

from bot.decoding import decoded
from bot.importing import LARGEST, ImportedRow, NotReadable
from bot.text.folding import fold, tokens

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


def read_table(path: Path) -> tuple[Sequence[TableRow], Sequence[str]]:
    """Return the rows that are not empty; of a spreadsheet those of its first sheet that has any, and the names of the
    sheets behind it, which were not read. Raises NotReadable, OSError."""
    if path.suffix.lower() in SHEETS:
        return _sheet(path)
    text = decoded(raw := path.read_bytes())
    if raw.startswith(b"%PDF") or "\0" in text:  # a picture, a PDF or a word processor's document
        raise NotReadable("no_text")
    csv.field_size_limit(LARGEST)

    def fit(delimiter: str) -> tuple[int, int]:
        """The delimiter fits best that gives the most records with equally many columns, two or more."""
        records = csv.reader(text[:100_000].splitlines(keepends=True), delimiter=delimiter)
        widths = [len(record) for record, _ in zip(records, range(_SAMPLE), strict=False) if record]
        usual = max(set(widths), key=widths.count, default=1)
        return (widths.count(usual) if usual > 1 else 0), usual

    reader = csv.reader(text.splitlines(keepends=True), delimiter=max(_DELIMITERS, key=fit))
    rows, line = [], 1
    try:
        for cells in reader:
            rows.append(TableRow(line, [cell.strip() for cell in cells]))
            line = reader.line_num + 1
    except csv.Error as error:
        raise NotReadable("broken_table", f"{line}: {error}") from None
    return [row for row in rows if any(row.cells)], ()


def letter(place: int) -> str:
    """Return a column's name in spreadsheets: A, B, …, Z, AA."""
    return (letter(place // 26 - 1) if place >= 26 else "") + ascii_uppercase[place % 26]


def _sheet(path: Path) -> tuple[Sequence[TableRow], Sequence[str]]:
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
    return [row for row in rows if any(row.cells)], names[1:]


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


# What each column is. Pure.

ROLES = ("question", "title", "answer", "links", "keywords", "contacts")
Columns = Mapping[str, Sequence[int]]
"""Numbers of the columns, from 0, by role; a role may have several."""

_HEADINGS = {
    "question": "question questions demande demandes formulation formulations faq phrasing phrasings",
    "title": "titre title intitule sujet objet",
    "answer": "reponse reponses answer answers contenu texte explication description",
    "links": "lien liens link links url urls adresse adresses site ressource ressources",
    "keywords": "mots cles keywords keyword tags tag etiquettes etiquette",
    "contacts": "contact contacts referent referents referente",
}
_ROLE_OF = {word: role for role, words in _HEADINGS.items() for word in words.split()}
_ADDRESS = re.compile(r"https?://|mailto:")
_MOST = 200  # rows from which roles are guessed
_HIGHEST = 10  # rows among which the heading is


def recognise(rows: Sequence[TableRow], given: str = "") -> tuple[Columns, int]:
    """Return the columns by role, and the number of rows up to the heading, 0 without one.

    `given`: see `named`; there is a heading then. Raises NotReadable if no column has questions or none has answers.
    """
    columns: Columns = {}
    start, widest = 1 if given else 0, 0
    for number, row in enumerate(rows[:_HIGHEST], start=1):
        width = sum(map(bool, row.cells))
        roles = [None if "?" in cell or _ADDRESS.search(cell) or len(cell) > 60 else _role(cell) for cell in row.cells]
        by_heading = {role: [at for at, one in enumerate(roles) if one == role] for role in ROLES if role in roles}
        if width > widest and _is_enough(by_heading):  # narrower rows above are titles
            columns, start = by_heading, number
            break
        widest = max(widest, width)
    if len(rows) <= start:
        raise NotReadable("empty")
    if given or not columns:
        columns = named(given, rows[start - 1].cells) if given else _by_content(rows[:_MOST])
    if not _is_enough(columns):
        raise NotReadable("no_columns")
    return columns, start


def named(text: str, heading: Sequence[str]) -> Columns:
    """Parse columns from 'question=B, réponse=C+D': letters, numbers or headings. Raises NotReadable."""
    columns: dict[str, Sequence[int]] = {}
    for part in re.split(r"[,;]", text):
        name, _, places = part.partition("=")
        role = _role(name)
        if role is None or not places.strip():
            raise NotReadable("bad_columns", part.strip())
        columns[role] = [_place(place.strip(), heading) for place in places.split("+")]
    if not _is_enough(columns):
        raise NotReadable("no_columns")
    return columns


def rows_of(rows: Sequence[TableRow], columns: Columns) -> Iterator[ImportedRow]:
    """Yield the rows with their roles. The links of each cell that is read join those of the row."""
    for row in rows:
        labels = {place: re.sub(r"[\[\]\s]+", " ", row.cells[place]) for place in row.links}
        linked = [place for own in columns.values() for place in own if "://" not in labels.get(place, "://")]
        texts: dict[str, list[str]] = {role: [] for role in ROLES}
        for role, places in columns.items():
            filled = (place for place in places if place < len(row.cells) and row.cells[place])
            texts[role] = [row.cells[place] for place in filled if role != "links" or place not in linked]
        texts["links"] += [f"[{labels[place]}]({row.links[place]})" for place in linked]
        questions = [line.strip() for text in texts["question"] for line in text.splitlines() if line.strip()]
        yield ImportedRow(row.line, questions, *("\n\n".join(texts[role]) for role in ROLES[1:]))


def _is_enough(columns: Columns) -> bool:
    return bool((columns.get("question") or columns.get("title")) and (columns.get("answer") or columns.get("links")))


def _role(name: str) -> str | None:
    words = tokens(fold(name))
    return next((_ROLE_OF[word] for word in words if word in _ROLE_OF), None) or (name if name in ROLES else None)


def _place(text: str, heading: Sequence[str]) -> int:
    folded = [fold(cell) for cell in heading]
    if fold(text) in folded:
        return folded.index(fold(text))
    if text.isdecimal() and 0 < int(text) <= len(heading):
        return int(text) - 1
    letters = [letter(place) for place in range(len(heading))]
    if text.upper() in letters:
        return letters.index(text.upper())
    raise NotReadable("no_column", text)


def _by_content(rows: Sequence[TableRow]) -> Columns:
    """Guess roles: questions have most question marks, links most addresses, answers the longest of the other texts."""
    width = max(len(row.cells) for row in rows)
    texts = {place: [row.cells[place] for row in rows if place < len(row.cells)] for place in range(width)}
    measures: tuple[tuple[str, Callable[[str], float], float], ...] = (  # with the least mean of a column
        ("question", lambda text: "?" in text, 0.3),
        ("links", lambda text: bool(_ADDRESS.search(text)), 0.3),
        ("answer", len, 1.0),
    )
    found: dict[str, Sequence[int]] = {}
    for role, measure, least in measures:
        means = {place: mean(map(measure, texts[place])) for place in texts if [place] not in found.values()}
        best = max(means, key=means.__getitem__, default=None)
        if best is not None and means[best] >= least:
            found[role] = [best]
    return found
