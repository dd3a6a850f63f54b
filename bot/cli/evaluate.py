"""`eval`: measures of the decisions on labelled questions, and the wrong ones."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.options import AsJson, Config, KnowledgeFolder, Overheard, Verbose
from bot.cli.setup import fail, fail_unreadable, index_of, settings_if_any, words_of
from bot.knowledge.yaml.suggestions import closest
from bot.locale import Wording
from bot.quality.evaluation import Labelled, LabelledResult, confused, judge, measures, wrong

MOST_CONFUSED = 10  # pairs of entries that are shown
Questions = Annotated[
    Path,
    typer.Argument(
        metavar="QUESTIONS.jsonl", help='One {"text", "expect": id | [ids] | null} a line.', show_default=False
    ),
]


def evaluate(
    questions: Questions,
    overheard: Overheard = False,
    as_json: AsJson = False,
    knowledge: KnowledgeFolder = None,
    config: Config = None,
    verbose: Verbose = False,
) -> None:
    """Measure the decisions on labelled questions.

    And list those that went wrong, and the entries that are taken for each other.

    \b
    Example:
      concierge eval questions.jsonl --knowledge knowledge/
      concierge eval questions.jsonl --overheard --json
    """
    settings = settings_if_any(config, knowledge)
    words = words_of(settings)
    labelled = _read_labels(questions, words)
    index = index_of(settings)
    known = index.knowledge.entries
    if unknown := sorted({id for one in labelled for id in one.expect if id not in known}):
        ids = ", ".join(f"{id} ({near}?)" if (near := closest(id, known)) else id for id in unknown)
        fail(words("program.unknown_labels", file=questions, ids=ids), 2)
    from bot.reading.calls import cut_call

    results = (index.search(cut_call(one.text, settings.names, reader=index.reader)[0]) for one in labelled)
    rows = judge(labelled, results, settings.limits, addressed=not overheard)
    _print_json(rows) if as_json else _print_tables(rows, words)


def _read_labels(path: Path, words: Wording) -> list[Labelled]:
    """Read a line of JSON for each question. One that is none ends the command."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError:
        fail(words("program.not_utf8", file=path), 2)
    except OSError as error:
        fail_unreadable(path, error, words)
    labels: list[Labelled] = []
    for number, line in enumerate(lines, start=1):
        try:
            labels += [Labelled.read(json.loads(line))] if line.strip() else []
        except (ValueError, TypeError, KeyError, RecursionError):
            fail(words("program.bad_label", file=path, number=number), 2)
    return labels or fail(words("program.no_questions", file=path), 2)


def _print_json(rows: Sequence[LabelledResult]) -> None:
    errors = [
        {"text": row.question.text, "expect": sorted(row.question.expect), "decision": row.verdict, "matches": row.ids}
        for row in wrong(rows)
    ]
    pairs = [{"expected": one, "found": other, "times": times} for one, other, times in confused(rows)[:MOST_CONFUSED]]
    figures = {name: round(value, 4) for name, value in measures(rows).items()}
    print(json.dumps({**figures, "confused": pairs, "wrong": errors}, ensure_ascii=False))


def _print_tables(rows: Sequence[LabelledResult], words: Wording) -> None:
    figures = measures(rows).items()
    cells = [(name, f"{value:.4f}" if isinstance(value, float) else value) for name, value in figures]
    _print_table("measure value", cells, words)
    if pairs := confused(rows)[:MOST_CONFUSED]:
        print(words("program.eval_confused"))
        _print_table("expected instead times", pairs, words)
    errors = wrong(rows)
    print(words("program.eval_wrong", wrong=len(errors), all=len(rows)))
    nothing = words("program.eval_nothing")
    wrongs = [
        (
            " ".join(row.question.text.split()),
            ", ".join(sorted(row.question.expect)) or nothing,
            " ".join([row.verdict, *row.ids[:1]]),
            f"{row.confidence:.2f}",
        )
        for row in errors
    ]
    _print_table("question expected decided confidence", wrongs, words)


def _print_table(columns: str, rows: Sequence[tuple[object, ...]], words: Wording) -> None:
    """In columns on a terminal, else with tabs, for other programs."""
    heads = [words(f"program.eval_{column}") for column in columns.split()]
    if not sys.stdout.isatty():
        print("", *("\t".join(map(str, row)) for row in (heads, *rows)), "", sep="\n")
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*heads, box=box.SIMPLE_HEAD)
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    Console(highlight=False).print(table)
