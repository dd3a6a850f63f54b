"""`import`: a table or a page of questions and answers becomes drafts, or answers of a theme."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import log_output, setup
from bot.cli.forum import is_address, topics_at
from bot.cli.options import Config, KnowledgeFolder, Verbose
from bot.importing import ImportedRow, LeftOut, NotReadable
from bot.knowledge.atomic_write import LockTimeout
from bot.knowledge.edit_result import EditError, EditRejected
from bot.locale import Wording, system_reason

if TYPE_CHECKING:
    from bot.importing.plan import ImportPlan

MOST_IN_A_THEME = 500
PAGES = (".md", ".markdown", ".html", ".htm")
File = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        help="CSV, spreadsheet (xlsx, ods, xls), Markdown, HTML; or the address of a forum's category or topic.",
        show_default=False,
    ),
]
ColumnsOption = Annotated[
    str, typer.Option("--columns", metavar="ROLE=COLUMN,…", help='Which column is what: "question=B, answer=C".')
]
Phrasings = Annotated[bool, typer.Option("--phrasings", help="Add questions that have an answer as its phrasings.")]


def import_file(
    file: File,
    columns: ColumnsOption = "",
    write: Annotated[str, typer.Option(metavar="THEME", help="Put them into this theme, instead of drafts.")] = "",
    phrasings: Phrasings = False,
    all: Annotated[bool, typer.Option("--all", help="Take also what an entry seems to say already.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="The columns are right: ask nothing.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would become of it, and write nothing.")] = False,
    knowledge: KnowledgeFolder = None,
    config: Config = None,
    verbose: Verbose = False,
) -> None:
    """Bring in questions and answers that you have already.

    A table with columns in any order (they are recognised, shown and confirmed),
    a page whose headings are questions, or a forum's topic, or all of a category,
    with the links that came there. New answers become drafts in
    brouillons.yaml, which are never answered with; --write THEME puts them into
    a theme at once. What the knowledge says already is offered as a phrasing. What
    is left out, merged or changed is said, with its line.

    \b
    Example:
      concierge import faq.csv
      concierge import faq.xlsx --columns "question=B, réponse=D, liens=E" --yes
      concierge import questions.md --write Formations
      concierge import https://forum.example.org/c/formations/4
      concierge import https://forum.example.org/t/devenir-fabmanager/123
    """
    from bot.importing.bounded import bounded
    from bot.importing.plan import Importer, row_of_topic
    from bot.importing.sections import read_page
    from bot.knowledge.editor import Editor

    settings = setup.settings_if_any(config, knowledge)
    words = setup.words_of(settings)
    place, path, left_out = "place_line", Path(file), list[LeftOut]()
    try:
        if is_address(file):
            topics = topics_at(file, settings)
            place, rows = "place_topic", [row for row in map(row_of_topic, topics) if row]
        elif path.suffix.lower() in PAGES:
            rows, left_out = bounded(read_page, path)
        else:
            rows, left_out = _table(path, columns, yes, words)
    except NotReadable as trouble:
        setup.fail(f"{file}: {words(f'import.{trouble.key}', detail=trouble.detail)}", 2)
    except (OSError, UnicodeError) as error:
        setup.fail_unreadable(file, error, words)
    index, editor = setup.index_of(settings, may_be_empty=True), Editor(settings.knowledge)
    known, taken, limit = editor.phrasings(), editor.taken_ids(), settings.limits.confident
    importer = Importer(index, limit, known, taken, setup.today(settings), path.name, words, all)
    with setup.progress_bar(words("import.trying")) as progress:
        plan = importer.plan(rows, progress)
    plan.left_out[:0] = left_out
    _report(plan, phrasings, place, words)
    if dry_run:
        print(words("import.dry"))
    else:
        _write(plan, write, phrasings, settings.knowledge, words)


def _table(file: Path, given: str, yes: bool, words: Wording) -> tuple[list[ImportedRow], list[LeftOut]]:
    from bot.importing.bounded import bounded
    from bot.importing.table import UNLINKED, letter, read_table, recognise, rows_of

    table, other_sheets = bounded(read_table, file)
    columns, start = recognise(table, given)
    above, rows = table[: max(start - 1, 0)], table[start:]
    heading = table[start - 1].cells if start else ()
    print(words("import.file", file=file, rows=len(rows)))

    def name(place: int) -> str:
        return letter(place) + (words("import.heading", heading=heading[place]) if place < len(heading) else "")

    for role, places in columns.items():
        for place in places:
            example = next((row.cells[place] for row in rows if place < len(row.cells) and row.cells[place]), "")
            values = {"role": words(f"import.role_{role}"), "column": name(place), "example": _short(example)}
            print(words("import.column", **values))
    filled = {place for row in rows for place, cell in enumerate(row.cells) if cell}
    if left := filled.difference(*columns.values()):
        print(words("import.left_columns", names=", ".join(map(name, sorted(left)))))
    if other_sheets:
        print(words("import.sheets", names=", ".join(other_sheets)))
    if file.suffix.lower() in UNLINKED:
        print(words("import.unread_links"))
    if not (yes or given):
        if not sys.stdin.isatty():
            setup.fail(words("import.not_asked"), 2)
        if not setup.confirmed(words, "import.right", default=True):
            setup.fail(words("import.stopped"), 1)
    left_out = [LeftOut(row.line, " ".join(filter(None, row.cells)), "above") for row in above]
    return [*rows_of(rows, columns)], left_out


def _report(plan: ImportPlan, adds_phrasings: bool, place: str, words: Wording) -> None:
    """`place`: names what the numbers of the rows are of."""

    def at(line: int) -> str:
        return words(f"import.{place}", line=line)

    print(words("import.new", count=len(plan.entries)))
    if plan.phrasings:
        print(words("import.offered", count=len(plan.phrasings)))
    for one in plan.phrasings:
        print(words("import.offered_row", place=at(one.line), text=_short(one.text), title=one.title, id=one.id))
    if plan.phrasings and not adds_phrasings:
        print(words("import.offered_how"))
    for kind, rows in {"altered": plan.altered, "left": plan.left_out}.items():
        if rows:
            print(words(f"import.{kind}", count=len(rows)))
        for row in sorted(rows, key=lambda row: row.line):
            why = words(f"import.left_{row.why}", detail=row.detail)
            print(words("import.left_row", place=at(row.line), why=why, text=_short(row.text)))


def _write(plan: ImportPlan, theme: str, adds_phrasings: bool, folder: Path, words: Wording) -> None:
    """Add the new answers to the theme; without one, to the drafts."""
    from bot.importing.plan import write_drafts
    from bot.knowledge.editor import Editor

    editor, entries = Editor(folder), plan.entries
    if theme and len(entries) > MOST_IN_A_THEME:
        setup.fail(words("import.too_many", count=len(entries), most=MOST_IN_A_THEME), 2)
    try:
        if adds_phrasings:
            added = 0
            for one in plan.phrasings:
                try:
                    editor.add_phrase(one.id, one.text)
                    added += 1
                except EditRejected as refusal:
                    log_output.tell(refusal.say(words))
            print(words("import.phrased", count=added))
        if entries and theme:
            results = [editor.add(entry, theme) for entry in entries]
            print(words("import.written_theme", file=results[-1].file, count=len(results)))
        elif entries:
            print(words("import.written", files=", ".join(map(str, write_drafts(folder, entries)))))
        elif not (adds_phrasings and plan.phrasings):
            print(words("import.nothing"))
    except EditError as refusal:
        setup.fail(refusal.say(words), 1)
    except LockTimeout:
        setup.fail(f"{folder}: {words('problems.edit_busy')}", 1)
    except OSError as error:
        setup.fail(f"{folder}: {words('problems.edit_unwritable', reason=system_reason(error))}", 1)


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= 80 else f"{plain[:79]}…"
