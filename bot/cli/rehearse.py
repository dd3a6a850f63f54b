"""`rehearse`: a network's own past replayed, as one HTML file to read and to judge."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.ask import Room, venue_of
from bot.cli.forum import is_address, past_at
from bot.cli.init_files import write_secret
from bot.cli.options import Config, KnowledgeFolder, Verbose
from bot.cli.setup import confirmed, fail, fail_unreadable, index_of, progress_bar, settings_if_any, words_of
from bot.config.settings import Settings
from bot.locale import Wording, system_reason
from bot.messages import Past
from bot.rehearsal import UnreadableExport

Export = Annotated[
    str,
    typer.Argument(
        metavar="EXPORT",
        help="JSON of a room (Element) or a forum's topic, mbox, JSONL; or the address of a forum's category.",
        show_default=False,
    ),
]
Output = Annotated[
    Path | None, typer.Option("--output", metavar="FILE", help="The report; without it repetition.html of this folder.")
]
Since = Annotated[
    datetime | None,
    typer.Option("--since", metavar="DAY", formats=["%Y-%m-%d"], help="What was said from that day on (YYYY-MM-DD)."),
]


def rehearse(
    export: Export,
    output: Output = None,
    since: Since = None,
    room: Room = None,
    knowledge: KnowledgeFolder = None,
    config: Config = None,
    verbose: Verbose = False,
) -> None:
    """Replay your own past: what the bot would have answered, when, how sure.

    Each message goes through the rules and the matching of a room, in two ways:
    overheard, as it was said, and as if it had been said to the bot. The report is
    one HTML file: plots, a random sample of answers to judge (✓ ✗), the limits
    that those judgements give, to paste into the settings, and the questions
    without an answer.

    Nothing is sent, and nothing kept but the report, which only you can read: it
    holds what people said, without authors. Delete it after use.

    \b
    Example:
      concierge rehearse export.json
      concierge rehearse liste.mbox --since 2025-09-01 --output liste.html
      concierge rehearse https://forum.example.org/c/formations/4
    """
    from bot.pages.templates import Templates
    from bot.rehearsal.replay import utterances, verdicts
    from bot.rehearsal.report import RehearsalReport
    from bot.rehearsal.tally import Tally

    settings = settings_if_any(config, knowledge)
    words, venue = words_of(settings), venue_of(room, settings)
    target = output or Path(words("rehearsal.default_file"))
    if target.exists() and not (sys.stdin.isatty() and confirmed(words, "program.exists", default=False, file=target)):
        fail(words("program.kept", file=target, option="--output"), 1)
    past = _past(export, settings, words)
    index, limits = index_of(settings), settings.limits
    someone = words("rehearsal.someone")
    replayed = list(utterances(past.messages, settings.names, settings.prefix, someone, index.reader))
    if since:
        begin, everything = since.replace(tzinfo=settings.timezone), len(replayed)
        replayed = [one for one in replayed if one.sent >= begin]
        print(words("rehearsal.before", day=since.date(), count=everything - len(replayed)))
    with progress_bar(words("rehearsal.replaying")) as progress:
        tally = Tally(replayed, verdicts(index, replayed, limits, venue, progress), settings.timezone)
    report = RehearsalReport(tally, index, limits, past.skipped, settings.answers.per_hour)
    page = report.render(Templates(words, settings.name, suffix=".html", contact=settings.contact))
    try:
        write_secret(target, page.decode())  # only its owner can read it
    except OSError as error:
        fail(words("program.unwritable", file=target, reason=system_reason(error)), 1)
    counts = {"answers": tally.count("answer"), "offered": tally.count("suggest"), "unknown": tally.count("silent")}
    print(words("rehearsal.summary", messages=len(replayed), overheard=len(tally.overheard_answers), **counts))
    print(words("rehearsal.written", file=target))


def _past(export: str, settings: Settings, words: Wording) -> Past:
    from bot.rehearsal.exports import read_past

    if is_address(export):
        return past_at(export, settings)
    try:
        return read_past(Path(export), settings.channels)
    except UnreadableExport as trouble:
        place = f"{export}:{trouble.line}" if trouble.line else export
        is_about_format = trouble.key not in ("bad_line", "bad_mailbox")
        said = [words(f"rehearsal.{trouble.key}", **trouble.values), *[words("rehearsal.formats")] * is_about_format]
        fail(f"{place}: {' '.join(said)}", 2)
    except OSError as error:
        fail_unreadable(export, error, words)
