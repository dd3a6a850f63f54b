"""Links set on the cells of an xlsx, of which `python_calamine` reads the text alone (ECMA-376-1, 18.3.1.47).

Runs within `bounded`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring
from zipfile import ZipFile

_FORMULA = re.compile(r'HYPERLINK\("([^"]+)"')


def cell_links(path: Path, sheet: str) -> Mapping[str, str]:
    """Return the addresses by the names of the cells, like B4. Raises BadZipFile, KeyError, ParseError."""
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
