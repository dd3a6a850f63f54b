"""`gaps`: what the answers lack, as a table for a spreadsheet."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.setup import Config, Verbose, fail, index_of, require_store, required_settings, words_of

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.store import QueuedQuestion

Days = Annotated[int, typer.Option("--days", metavar="N", min=1, max=365, help="Asked within these days.")]


def gaps(days: Days = 30, config: Config = None, verbose: Verbose = False) -> None:
    """Print the open questions, grouped by meaning, as CSV: how often each was asked, and the nearest entry.

    Only what was asked in public. Semicolons and a byte order mark, as spreadsheets in French expect.

    \b
    Example:
      concierge gaps --days 30 > lacunes.csv
    """
    from bot.conversation.moderation.answer_gaps import grouped, open_questions
    from bot.replies.spreadsheet import to_csv

    settings = required_settings(config)
    require_store(settings)
    since = datetime.now(UTC) - timedelta(days=days)
    index, words = index_of(settings), words_of(settings)
    found = grouped(index, open_questions(asyncio.run(_queue(settings)), since))
    entries = index.knowledge.entries
    head = [words(f"program.gaps_{name}") for name in ("count", "text", "entry", "id")]
    rows = [(str(gap.times), gap.text, entries[gap.entry].title if gap.entry else "", gap.entry or "") for gap in found]
    sys.stdout.write(to_csv([head, *rows]).decode())


async def _queue(settings: Settings) -> Sequence[QueuedQuestion]:
    from bot.store import Store, StoreError

    try:
        store = await Store.open(settings.store.get_secret_value(), lock=False)
        try:
            return await store.queue.questions()
        finally:
            await store.close()
    except StoreError as error:
        fail(error.say(words_of(settings)), 1)
