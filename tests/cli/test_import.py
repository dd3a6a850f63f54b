"""`concierge import`: what a network has already becomes drafts, and everything that is not taken is said."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.importing.plan import MOST
from bot.knowledge.editor import Editor
from tests.cli.conftest import ASKED, WORDS_ALONE, Concierge, Ran
from tests.importing.test_reading import cells, workbook

FAQ = f"""\
Réponse;Question;Lien
Au fond du couloir.;Où est le four ?;https://exemple.org/four
Au fond du couloir.;Le four, il est où ?;https://exemple.org/four
;Où est la scie ?;
Personne ne sait.;{ASKED};
;;https://exemple.org/
"""
ODD = f"""\
FAQ du réseau, mars 2026;;;
Question;Réponse;Lien;Mise à jour
Où est le four ?;Au fond.;https://exemple.org/four, https://exemple.org/plan;2025
Qui ferme ?;Voir www.exemple.org/soir.;Le plan : www.exemple.org/plan;2025
Où est le four ?;À gauche.;docs/four.pdf;2024
Le four, où ?;Au fond.;https://exemple.org/four, https://exemple.org/plan;
Qui ouvre ?;"Ana, voir [la liste](liste.html).";;
{"Qui aide " * 30}?;Yann.;;
"""
SAID = f"""\
Colonnes non reprises : D (« Mise à jour »). Pour en reprendre une : `--columns`.
Nouvelles réponses : 4
Repris autrement que dans le fichier : 7
  ligne 4 : `https://` ajouté devant cette adresse. « www.exemple.org/soir »
  ligne 4 : `https://` ajouté devant cette adresse. « www.exemple.org/plan »
  ligne 5 : ce texte de la colonne des liens n’est pas une adresse : il est ajouté à la réponse. « docs/four.pdf »
  ligne 5 : même question que « Où est le four ? », avec une autre réponse : réunies, à relire. « Où est le four ? »
  ligne 6 : même réponse que « Où est le four ? », réunies. « Le four, où ? »
  ligne 7 : lien sans adresse de site, dont seul le texte est gardé. « [la liste](liste.html) »
  ligne 8 : question de plus de 200 caractères, qui n’est pas gardée en entier. « {("Qui aide " * 30)[:79]}… »
Non repris : 1
  ligne 1 : au-dessus des titres de colonnes. « FAQ du réseau, mars 2026 »
"""
Imported = Callable[..., Ran]


def drafts(folder: Path, number: str = "") -> str:
    return (folder / "knowledge" / f"brouillons{number}.yaml").read_text(encoding="utf-8")


@pytest.fixture
def imported(concierge: Concierge, folder: Path) -> Imported:
    """What is said of a file with these contents."""

    def imported(text: str, *flags: str, name: str = "faq.csv") -> Ran:
        (folder / name).write_text(text, encoding="utf-8")
        return concierge("import", name, *flags, settings=WORDS_ALONE)

    return imported


def test_a_table_becomes_drafts_once_and_says_what_not(concierge: Concierge, imported: Imported, folder: Path) -> None:
    ran = imported(FAQ, "--yes")
    assert (ran.code, ran.err) == (0, "")
    columns = ("question\u00a0: colonne B", "réponse\u00a0: colonne A")
    for said in (*columns, "Nouvelles réponses\u00a0: 1", "ligne 4", "ligne 5", "ligne 6", "formation-facilitateur"):
        assert said in ran.out
    assert drafts(folder).count("  - id:") == 1
    for text in ("Où est le four ?", "Le four, il est où ?", "Au fond du couloir.", "https://exemple.org/four"):
        assert text in drafts(folder)
    assert concierge("check", settings=WORDS_ALONE).code == 0
    before = drafts(folder)
    assert "Nouvelles réponses\u00a0: 0" in imported(FAQ, "--yes").out
    assert [path.name for path in (folder / "knowledge").glob("brouillons*")] == ["brouillons.yaml"]
    assert drafts(folder) == before


def test_what_is_dropped_or_altered_is_said_with_its_line(imported: Imported, folder: Path) -> None:
    assert SAID in imported(ODD, "--yes").out.replace("\u00a0", " ")
    answer = "Au fond.\n\n      À gauche.\n\n      docs/four.pdf"
    for kept in (answer, "Ana, voir la liste.", "org/four", "org/plan", "https://www.exemple.org/plan"):
        assert kept in drafts(folder)
    assert "Nouvelles réponses : 0\nNon repris : 5\n" in imported(ODD, "--yes").out.replace("\u00a0", " ")


def test_a_spreadsheet_and_a_page_become_drafts(concierge: Concierge, imported: Imported, folder: Path) -> None:
    sheet = cells(1, A="Question", B="Réponse") + cells(2, A="Où est le four ?", B="Le plan le dit.")
    workbook(folder / "faq.xlsx", sheet, "", links={"B2": "https://exemple.org/plan"})
    ran = concierge("import", "faq.xlsx", "--yes", settings=WORDS_ALONE)
    assert "Feuilles non lues\u00a0: s2." in ran.out
    assert 'url: "https://exemple.org/plan"' in drafts(folder)
    text = "# Le lieu\n\n## Où dormir ?\nAu gîte.\n"
    assert imported(text, "--write", "La maison", name="page.md").code == 0
    assert "Au gîte." in (folder / "knowledge" / "la-maison.yaml").read_text(encoding="utf-8")
    assert "(ou-dormir)" in concierge("ask", "Où dormir ?", settings=WORDS_ALONE).out


def test_nothing_is_written_by_a_dry_run_or_where_the_columns_may_be_wrong(imported: Imported, folder: Path) -> None:
    ran = imported(FAQ)
    assert (ran.code, "--yes" in ran.err) == (2, True)
    assert imported(FAQ, "--yes", "--dry-run").code == 0
    assert not (folder / "knowledge" / "brouillons.yaml").exists()
    assert imported(FAQ, "--columns", "question=A, réponse=B").code == 0
    (folder / "knowledge" / "formations.yaml").unlink()  # a new network has drafts alone
    assert imported(FAQ, "--yes").code == 0
    assert 'title: "Au fond du couloir."' in drafts(folder)


def test_a_known_question_is_offered_as_a_phrasing_and_added_when_wished(imported: Imported, folder: Path) -> None:
    asked = "Où trouver une formation de facilitateur de tiers-lieux, s’il vous plaît ?"
    table = f"Question;Réponse\n{asked};Chez nous.\n"
    offered = imported(table, "--yes").out
    assert ("Nouvelles réponses\u00a0: 0" in offered, "ligne 2" in offered) == (True, True)
    assert asked not in Editor(folder / "knowledge").phrasings()
    assert imported(table, "--yes", "--phrasings").code == 0
    assert Editor(folder / "knowledge").phrasings()[asked] == "formation-facilitateur"
    imported(table.replace(" ?", " !"), "--yes", "--all")
    assert "Chez nous." in drafts(folder)


def test_many_rows_become_numbered_files_and_no_answers(concierge: Concierge, imported: Imported, folder: Path) -> None:
    rows = "".join(f"Question {n} sur le sujet {n * 7919} ?;Réponse {n}.\n" for n in range(MOST + 1))
    assert imported("Question;Réponse\n" + rows, "--yes", "--all").code == 0
    assert [drafts(folder, number).count("  - id:") for number in ("", "-2")] == [MOST, 1]
    assert len(Editor(folder / "knowledge").themes()) == 1
    assert "sujet" not in concierge("ask", "Question 12 sur le sujet 95028 ?", settings=WORDS_ALONE).out
