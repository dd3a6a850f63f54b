"""`gaps`: what the answers lack, as a table for a spreadsheet."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import log_output
from bot.cli.setup import Config, Verbose, check_secrets, fail, index_of, require_store, required_settings, words_of

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.conversation.moderation.answer_gaps import GapReport

Days = Annotated[int, typer.Option("--days", metavar="N", min=1, max=90, help="Asked within these days.")]


def gaps(days: Days = 30, config: Config = None, verbose: Verbose = False) -> None:
    """Print what the answers lack, grouped by meaning, as CSV: how often each was asked, and the nearest entry.

    As !lacunes in the moderators' room: open questions, suggestions that nobody chose, answers that were not sure. Only
    what was asked in public; the words of all but the open questions are read again from the network. Semicolons and a
    byte order mark, as spreadsheets in French expect.

    \b
    Example:
      concierge gaps --days 30 > lacunes.csv
    """
    from bot.replies.spreadsheet import to_csv

    settings = required_settings(config)
    check_secrets(settings)
    require_store(settings)
    words = words_of(settings)
    report, is_whole = asyncio.run(_report(settings, days))
    head = [words(f"program.gaps_{name}") for name in ("count", "text", "entry", "id")]
    rows = [(str(row.times), row.text, row.title or "", row.id) for row in report.rows]
    sys.stdout.write(to_csv([head, *rows]).decode())
    if not is_whole:
        log_output.tell(words("program.gaps_open_alone"))


async def _report(settings: Settings, days: int) -> tuple[GapReport, bool]:
    from bot.app.gaps_command import gaps_by_command
    from bot.store import StoreError

    index = await asyncio.to_thread(index_of, settings)
    try:
        return await gaps_by_command(settings, index, days)
    except StoreError as error:
        fail(error.say(words_of(settings)), 1)
