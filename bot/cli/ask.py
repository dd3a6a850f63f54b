"""`ask`: a decision explained, or decisions as JSON lines."""

from __future__ import annotations

import json
import sys
from time import perf_counter
from typing import Annotated

import typer

from bot.cli.options import AsJson, Config, KnowledgeFolder, Overheard, Verbose
from bot.cli.setup import fail, index_of, settings_if_any, words_of
from bot.config.settings import Settings
from bot.messages import NOWHERE, Venue

Question = Annotated[
    list[str] | None, typer.Argument(metavar="QUESTION", help="The words of one message.", show_default=False)
]
Room = Annotated[
    str | None,
    typer.Option("--room", metavar="ROOM", help="As if said there: a room or category, named as in the settings."),
]
Lines = Annotated[bool, typer.Option("--jsonl", help='Read {"text": …} a line, write one decision a line, in order.')]

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
    from bot.cli.judgement import Explanation, Judge

    judge = Judge(index_of(settings), settings.limits, settings.names, not overheard, venue)

    def row(text: str) -> str:
        started = perf_counter()
        decision = judge(text).as_json()
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
        print("\n".join(Explanation(judge, words_of(settings)).lines(judge(text))))


def venue_of(room: str | None, settings: Settings) -> Venue:
    """Return the venue of a room as the settings name it; without settings any name will do."""
    regions = settings.regions
    if room is not None and regions is not None and room not in regions:
        fail(words_of(settings)("program.no_such_room", room=room, known=", ".join(regions)), 2)
    return NOWHERE if room is None else Venue(frozenset({room}), (regions or {}).get(room))
