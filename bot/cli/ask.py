"""`ask` and `eval`: a decision explained, or decisions as JSON lines; the decisions on labelled questions, measured."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from bot.cli.options import AsJson, Config, KnowledgeFolder, Overheard, Verbose
from bot.cli.setup import fail, fail_unreadable, index_of, settings_if_any, words_of
from bot.config.settings import Settings
from bot.knowledge.yaml.suggestions import closest
from bot.locale import Wording
from bot.messages import NOWHERE, Venue
from bot.quality.evaluation import Labelled, LabelledResult, confused, judge, measures, wrong

Question = Annotated[
    list[str] | None, typer.Argument(metavar="QUESTION", help="The words of one message.", show_default=False)
]
Room = Annotated[
    str | None,
    typer.Option("--room", metavar="ROOM", help="As if said there: a room or category, named as in the settings."),
]
Lines = Annotated[bool, typer.Option("--jsonl", help='Read {"text": …} a line, write one decision a line, in order.')]
Questions = Annotated[
    Path,
    typer.Argument(
        metavar="QUESTIONS.jsonl", help='One {"text", "expect": id | [ids] | null} a line.', show_default=False
    ),
]
MOST_CONFUSED = 10  # pairs of entries that are shown
_LINE_ENDS = {ord(sign): f"\\u{ord(sign):04x}" for sign in "\x85\u2028\u2029"}  # to some readers of JSON lines


def ask(
    question: Question = None,
    overheard: Overheard = False,
    as_json: AsJson = False,
    jsonl: Lines = False,
    room: Room = None,
    knowledge: KnowledgeFolder = None,
    config: Config = None,
    verbose: Verbose = False,
) -> None:
    """Decide on one message as the bot would, and explain why.

    \b
    Example:
      concierge ask "où trouver une formation de facilitateur ?"
      concierge ask --jsonl < questions.jsonl > decisions.jsonl
    """
    text = " ".join(question or ()).strip()
    if bool(text) == jsonl:
        raise typer.BadParameter("give either a QUESTION or --jsonl")
    settings = settings_if_any(config, knowledge)
    venue = venue_of(room, settings)
    from bot.cli.explanation import Explanation, Judge

    decide = Judge(index_of(settings), settings.limits, settings.names, not overheard, venue)

    def row(text: str) -> str:
        started = perf_counter()
        decision = decide(text).as_json()
        decision["ms"] = round((perf_counter() - started) * 1000, 2)
        return json.dumps(decision, ensure_ascii=False).translate(_LINE_ENDS)

    if jsonl:
        for number, line in enumerate(sys.stdin.buffer, start=1):
            if not line.strip():
                continue
            try:
                said = json.loads(line.decode("utf-8-sig"))["text"]
            except (ValueError, TypeError, KeyError, RecursionError):
                said = None
            if not isinstance(said, str):
                fail(words_of(settings)("program.bad_line", number=number), 2)
            print(row(said), flush=True)
    elif as_json:
        print(row(text))
    else:
        print("\n".join(Explanation(decide, words_of(settings)).lines(decide(text))))


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
    if not as_json:
        _print_tables(rows, words)
        return
    errors = [
        {"text": row.question.text, "expect": sorted(row.question.expect), "decision": row.verdict, "matches": row.ids}
        for row in wrong(rows)
    ]
    pairs = [{"expected": one, "found": other, "times": times} for one, other, times in confused(rows)[:MOST_CONFUSED]]
    figures = {name: round(value, 4) for name, value in measures(rows).items()}
    print(json.dumps({**figures, "confused": pairs, "wrong": errors}, ensure_ascii=False))


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


def _print_tables(rows: Sequence[LabelledResult], words: Wording) -> None:
    cells = [(name, f"{value:.4f}" if isinstance(value, float) else value) for name, value in measures(rows).items()]
    _print_table("measure value", cells, words)
    if pairs := confused(rows)[:MOST_CONFUSED]:
        print(words("program.eval_confused"))
        _print_table("expected instead times", pairs, words)
    errors = wrong(rows)
    print(words("program.eval_wrong", wrong=len(errors), all=len(rows)))
    wrongs = [
        (
            " ".join(row.question.text.split()),
            ", ".join(sorted(row.question.expect)) or words("program.eval_nothing"),
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


def venue_of(room: str | None, settings: Settings) -> Venue:
    """Return the venue of a room as the settings name it; without settings any name will do."""
    regions = settings.regions
    if room is not None and regions is not None and room not in regions:
        fail(words_of(settings)("program.no_such_room", room=room, known=", ".join(regions)), 2)
    return NOWHERE if room is None else Venue(frozenset({room}), (regions or {}).get(room))
