"""`eval`: measures of the decisions on labelled questions, and the wrong ones."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.setup import AsJson, Config, KnowledgeFolder, Overheard, Verbose, fail, index_of, settings_if_any, words_of

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.locale import Wording
    from bot.quality.evaluation import Labelled, LabelledResult

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
    labelled = _read(questions, words)
    rows = _judge(labelled, settings, addressed=not overheard)
    _print_json(rows) if as_json else _print_tables(rows, words)


def _read(path: Path, words: Wording) -> list[Labelled]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error.reason
        fail(words("program.no_such_file", file=path, reason=reason), 2)
    questions = [_label(line, path, number, words) for number, line in enumerate(lines, start=1) if line.strip()]
    return questions or fail(words("program.no_questions", file=path), 2)


def _label(line: str, path: Path, number: int, words: Wording) -> Labelled:
    from bot.quality.evaluation import Labelled

    try:
        return Labelled.read(json.loads(line))
    except (ValueError, TypeError, KeyError, RecursionError):
        fail(words("program.bad_label", file=path, number=number), 2)


def _judge(labelled: Sequence[Labelled], settings: Settings, addressed: bool) -> list[LabelledResult]:
    from bot.conversation.addressing import cut_vocative
    from bot.quality.evaluation import judge

    index = index_of(settings)
    results = (index.search(cut_vocative(one.text, settings.names, False)[0]) for one in labelled)
    return judge(labelled, results, settings.answers.limits, addressed)


def _print_json(rows: Sequence[LabelledResult]) -> None:
    from bot.quality.evaluation import confused, measures, wrong

    errors = [
        {"text": row.question.text, "expect": sorted(row.question.expect), "decision": row.verdict, "matches": row.ids}
        for row in wrong(rows)
    ]
    pairs = [{"expected": one, "found": other, "times": times} for one, other, times in confused(rows)[:MOST_CONFUSED]]
    figures = {name: round(value, 4) for name, value in measures(rows).items()}
    print(json.dumps({**figures, "confused": pairs, "wrong": errors}, ensure_ascii=False))


def _print_tables(rows: Sequence[LabelledResult], words: Wording) -> None:
    from bot.quality.evaluation import confused, measures, wrong

    figures = [
        (name, f"{value:.4f}" if isinstance(value, float) else str(value)) for name, value in measures(rows).items()
    ]
    _print_table(("measure", "value"), figures, words)
    if pairs := [(one, other, str(times)) for one, other, times in confused(rows)[:MOST_CONFUSED]]:
        print(words("program.eval_confused"))
        _print_table(("expected", "instead", "times"), pairs, words)
    errors = wrong(rows)
    print(words("program.eval_wrong", wrong=len(errors), all=len(rows)))
    _print_table(("question", "expected", "decided", "confidence"), [_cells(row, words) for row in errors], words)


def _print_table(columns: Sequence[str], rows: Sequence[tuple[str, ...]], words: Wording) -> None:
    """In columns on a terminal, else with tabs, for other programs."""
    heads = [words(f"program.eval_{column}") for column in columns]
    if not sys.stdout.isatty():
        print("", *("\t".join(row) for row in (heads, *rows)), "", sep="\n")
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*heads, box=box.SIMPLE_HEAD)
    for row in rows:
        table.add_row(*map(Text, row))
    Console(highlight=False).print(table)


def _cells(row: LabelledResult, words: Wording) -> tuple[str, ...]:
    expected = ", ".join(sorted(row.question.expect)) or words("program.eval_nothing")
    best = row.ids[0] if row.ids else ""
    return " ".join(row.question.text.split()), expected, f"{row.verdict} {best}".strip(), f"{row.confidence:.2f}"
