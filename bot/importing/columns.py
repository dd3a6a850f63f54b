"""Roles of a table's columns, by heading, else by content. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import mean

from bot.importing import ImportedRow, NotReadable
from bot.importing.table import TableRow, letter
from bot.text.folding import fold, tokens

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
        if width > widest and _is_enough(by_heading := _by_heading(row.cells)):  # narrower rows above are titles
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


def _by_heading(cells: Sequence[str]) -> Columns:
    roles = [None if "?" in cell or _ADDRESS.search(cell) or len(cell) > 60 else _role(cell) for cell in cells]
    return {role: [place for place, one in enumerate(roles) if one == role] for role in ROLES if role in roles}


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
