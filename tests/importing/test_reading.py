"""What is read of tables and pages, whatever program wrote them."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import pytest

from bot.importing import LARGEST, NotReadable
from bot.importing.bounded import bounded
from bot.importing.sections import html_sections, markdown_sections, read_page, rows_of_page
from bot.importing.table import TableRow, named, read_table, recognise, rows_of

ROWS = [["Réponse", "Question"], ["À 9 h ; ou à 10 h", "Quand ouvre-t-on ?"], ["Derrière", "Où est le four ?"]]
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MARKDOWN = """\
# La maison

Bienvenue.

## Où est le four ?
Au fond, voir [le plan](https://exemple.org/plan).

```
# ceci n'est pas un titre
```

## Le soir
### Qui ferme ?
Ana.
"""
HTML = """\
<!doctype html><head><title>x</title></head><h1>La maison</h1><p>Bienvenue.</p>
<h2>Où est <em>le four</em> ?</h2>
<p>Au fond, voir <a href="https://exemple.org/plan">le plan</a>.</p><script>alert("## non")</script>
<h2>Le soir</h2><details>
<summary>Qui ferme ?</summary><ul><li>Ana</li></ul></details>
"""


def written(rows: list[list[str]], delimiter: str) -> str:
    return "".join(delimiter.join(f'"{cell}"' for cell in row) + "\r\n" for row in rows)


def table(tmp_path: Path, raw: bytes, name: str = "faq.csv") -> Sequence[TableRow]:
    (tmp_path / name).write_bytes(raw)
    return read_table(tmp_path / name)[0]


def test_a_table_is_read_as_programs_write_it(tmp_path: Path) -> None:
    for delimiter, encoding in ((";", "cp1252"), (",", "utf-8"), ("\t", "utf-16"), ("|", "utf-8-sig")):
        rows = table(tmp_path, written(ROWS, delimiter).encode(encoding))
        assert [list(row.cells) for row in rows] == ROWS
        assert [row.line for row in rows] == [1, 2, 3]


def test_a_cell_of_several_lines_does_not_shift_the_numbers(tmp_path: Path) -> None:
    rows = table(tmp_path, b'q;a\n"un";"x\ny\nz"\n\ndeux;w\n')
    assert [(row.line, row.cells[0]) for row in rows] == [(1, "q"), (2, "un"), (6, "deux")]


def relations(kind: str, targets: Mapping[str, str]) -> str:
    """Parts or addresses by their ids."""
    namespace = "http://schemas.openxmlformats.org/package/2006/relationships"
    lines = (f'<Relationship Id="{id}" Type="{RELATIONS}/{kind}" Target="{one}"/>' for id, one in targets.items())
    return f'<Relationships xmlns="{namespace}">{"".join(lines)}</Relationships>'


def workbook(file: Path, *sheets: str, links: Mapping[str, str] = MappingProxyType({})) -> Path:
    """`sheets`: the rows of each, in the XML of ECMA-376. `links`: addresses by the cells of the first."""
    numbers = range(1, len(sheets) + 1)
    names = "".join(f'<sheet name="s{number}" sheetId="{number}" r:id="r{number}"/>' for number in numbers)
    set_on = "".join(f'<hyperlink ref="{cell}" r:id="{cell}"/>' for cell in links)
    parts = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": relations("officeDocument", {"r1": "xl/workbook.xml"}),
        "xl/workbook.xml": f'<workbook xmlns="{SHEET}" xmlns:r="{RELATIONS}"><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations("worksheet", {f"r{n}": f"worksheets/{n}.xml" for n in numbers}),
        "xl/worksheets/_rels/1.xml.rels": relations("hyperlink", links),
    }
    for number, rows in zip(numbers, sheets, strict=True):
        linked = f'<hyperlinks xmlns:r="{RELATIONS}">{set_on}</hyperlinks>' if links and number == 1 else ""
        sheet = f'<worksheet xmlns="{SHEET}"><sheetData>{rows}</sheetData>{linked}</worksheet>'
        parts[f"xl/worksheets/{number}.xml"] = sheet
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return file


def cells(row: int, **texts: str) -> str:
    written = (f'<c r="{column}{row}" t="inlineStr"><is><t>{text}</t></is></c>' for column, text in texts.items())
    return f'<row r="{row}">{"".join(written)}</row>'


def test_a_spreadsheet_is_read_from_its_first_sheet_that_has_something(tmp_path: Path) -> None:
    number = '<row r="2"><c r="A2" t="inlineStr"><is><t>Où ?</t></is></c><c r="B2"><v>12</v></c></row>'
    file = workbook(tmp_path / "faq.xlsx", "", cells(1, A="Question", B="Réponse") + number, "")
    rows, others = read_table(file)
    assert [list(row.cells) for row in rows] == [["Question", "Réponse"], ["Où ?", "12"]]
    assert others == ["s3"]


def test_links_set_on_cells_are_links_of_the_row(tmp_path: Path) -> None:
    formula = '<c r="C3" t="str"><f>HYPERLINK("https://exemple.org/b","B")</f><v>Le [b]</v></c>'
    texts = cells(1, A="q", B="a", C="l") + cells(2, A="Où ?", B="Là", C="Le plan")
    texts += cells(3, A="Qui ?", B="Ana").replace("</row>", f"{formula}</row>") + cells(4, C="https://exemple.org/c")
    urls = {"C2": "https://exemple.org/a#p 2", "A2": "docs/a.pdf", "C4": "https://exemple.org/c", "D9": "https://x.fr"}
    _, *rows = read_table(workbook(tmp_path / "faq.xlsx", texts, links=urls))[0]
    assert [row.links for row in rows_of(rows, {"question": [0], "answer": [1], "links": [2]})] == [
        "[Où ?](docs/a.pdf)\n\n[Le plan](https://exemple.org/a#p%202)",
        "[Le b ](https://exemple.org/b)",
        "https://exemple.org/c",
    ]


def test_what_takes_too_much_is_refused_with_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.importing.bounded.SECONDS", 2)
    for content, key in (
        (cells(1, A="q", B="a") + cells(1_048_576, XFD="x"), "too_heavy"),
        ("<h2>Où ?</h2>" + "<a " * 200_000, "too_heavy"),
        ("<h2>Où ?</h2>" + "<div>" * 1_500, "broken_page"),
        ("<h2>Où ?</h2><![x[", "broken_page no_headings"),  # versions of Python differ
        ("<h2>Où ?</h2>" + " " * LARGEST, "too_large"),
    ):
        (file := tmp_path / "faq.html").write_text(content, encoding="utf-8")
        is_sheet = content.startswith("<row")
        with pytest.raises(NotReadable) as refusal:
            bounded(read_table, workbook(tmp_path / "faq.xlsx", content)) if is_sheet else bounded(read_page, file)
        assert refusal.value.key in key.split()


def test_what_is_no_table_is_refused_with_a_reason(tmp_path: Path) -> None:
    for raw, name, key in ((b"PK\x03\x04 nothing", "faq.xlsx", "broken_sheet"), (b"\0", "f", "no_text")):
        with pytest.raises(NotReadable) as refusal:
            table(tmp_path, raw, name)
        assert refusal.value.key == key


def test_columns_are_known_by_their_headings_or_by_what_stands_in_them() -> None:
    for heading, columns in (
        (["FAQ", "Contenu", "Mots-clés"], {"question": [0], "answer": [1], "keywords": [2]}),
        (["Titre", "Formulations", "URL", "Référent"], {"question": [1], "title": [0], "links": [2], "contacts": [3]}),
        (["question", "question", "answer"], {"question": [0, 1], "answer": [2]}),
    ):
        assert recognise([TableRow(1, heading), TableRow(2, ["x"] * len(heading))]) == (columns, 1)
    cells = ["12", "Au fond du couloir, à gauche.", "https://exemple.org/four", "Où est le four ?"]
    assert recognise([TableRow(1, cells)] * 2) == ({"question": [3], "links": [2], "answer": [1]}, 0)
    [row] = rows_of([TableRow(4, ["Où ?\nÀ quel endroit ?", "Là", "Où donc ?"])], {"question": [0, 2], "answer": [1]})
    assert (row.line, row.questions, row.answer) == (4, ["Où ?", "À quel endroit ?", "Où donc ?"], "Là")


def test_the_heading_may_stand_below_titles_and_below_nothing_else() -> None:
    titled = [["FAQ du réseau", "", ""], ["", "mars 2026", ""], ["Question", "Réponse", "Lien"], ["Où ?", "Là", ""]]
    rows = [TableRow(number, row) for number, row in enumerate(titled, start=1)]
    assert recognise(rows) == ({"question": [0], "answer": [1], "links": [2]}, 3)
    assert recognise(rows, "question=B, réponse=Lien") == ({"question": [1], "answer": [2]}, 3)
    for none in ([], [["un", "deux"]], [["Question"], ["Où ?"]]):
        with pytest.raises(NotReadable):
            recognise([TableRow(number, row) for number, row in enumerate(none, start=1)])
    talk = [["Où ouvrir un compte ?", "À la banque"], ["La question des contacts", "Voir la réponse d’Ana"]]
    assert recognise([TableRow(number, row) for number, row in enumerate(talk, start=1)])[1] == 0


def test_columns_can_be_named_by_letter_number_or_heading_if_they_are_there() -> None:
    for given in ("question=B,réponse=A", "question=2; answer=1", "question=Demande,answer=Texte"):
        assert named(given, ["Texte", "Demande"]) == {"question": [1], "answer": [0]}
    for given in ("", "question", "quoi=A,réponse=B", "question=Z,réponse=A", "question=A"):
        with pytest.raises(NotReadable):
            named(given, ["Texte", "Demande"])


def test_each_heading_of_a_page_with_text_below_is_a_question() -> None:
    rows, left_out = rows_of_page(markdown_sections(MARKDOWN))
    assert [(row.line, row.questions) for row in rows] == [(5, ["Où est le four ?"]), (13, ["Qui ferme ?"])]
    assert rows[0].answer.startswith("Au fond, voir [le plan](https://exemple.org/plan).")
    assert "# ceci n'est pas un titre" in rows[0].answer
    assert [(left.line, left.text) for left in left_out] == [(1, "La maison"), (12, "Le soir")]


def test_a_page_of_html_is_read_likewise_and_its_scripts_are_no_text() -> None:
    rows, left_out = rows_of_page(html_sections(HTML))
    assert [(row.line, row.questions) for row in rows] == [(2, ["Où est le four ?"]), (5, ["Qui ferme ?"])]
    assert [row.answer for row in rows] == ["Au fond, voir [le plan](https://exemple.org/plan).", "- Ana"]
    assert [(left.line, left.text) for left in left_out] == [(1, "La maison"), (4, "Le soir")]
    for read in (markdown_sections, html_sections):  # what stands before the first heading is said
        rows, left_out = rows_of_page(read("Un mot d’abord.\n\n"))
        assert (rows, [(left.line, left.text) for left in left_out]) == ([], [(1, "Un mot d’abord.")])
        assert read("") == []
