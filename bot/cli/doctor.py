"""`doctor`: findings about the whole set-up, each with how to fix it."""

import asyncio
import json
import os
from collections import Counter
from collections.abc import Sequence

import typer

from bot.cli.log_output import escape_controls
from bot.cli.options import AsJson, Config, Verbose
from bot.cli.setup import required_settings, words_of
from bot.config.loading import cache_folder
from bot.locale import Wording


def doctor(config: Config = None, as_json: AsJson = False, verbose: Verbose = False) -> None:
    """Look at the whole set-up and say what does not work, each with how to mend it.

    Changes nothing, and may run beside the bot. Before the bot's first start it logs in
    with a device of its own, and out again. ✓ right, ✗ wrong, – worth knowing, ? could
    not be looked at.
    Exit code 0: nothing is wrong; 1: something is; 2: the settings cannot be used.

    \b
    Example:
      concierge doctor --config config.yaml
      concierge doctor --json
    """
    from bot.doctor import SIGNS, SetupInfo, examine

    settings = required_settings(config)
    words, rows = words_of(settings), list[dict[str, str]]()

    async def look() -> None:
        async for area, finding in examine(SetupInfo(settings, cache_folder(os.environ))):
            # Escape the control characters of servers, lest they steer the terminal.
            text = escape_controls(words(f"doctor.{finding.key}", **finding.values))
            if not as_json:  # each as it comes, since servers may be slow
                if area not in (row["area"] for row in rows):
                    print(("\n" if rows else "") + words(f"doctor.area_{area}"))
                print(f"  {SIGNS[finding.state]} {text}", flush=True)
            rows.append({"area": area, "check": finding.key, "state": finding.state, "text": text})

    asyncio.run(look())
    states = [row["state"] for row in rows]
    if as_json:
        print(json.dumps({"right": "wrong" not in states, "checks": rows}, ensure_ascii=False))
    else:
        print("\n" + summary(states, words))
    raise typer.Exit(1 if "wrong" in states else 0)


def summary(states: Sequence[str], words: Wording) -> str:
    """The last line: never that all is right where something was not looked at."""
    counts = Counter(states)
    key = next((state for state in ("wrong", "unseen") if counts[state]), "right")
    return words(f"doctor.sum_{key}", wrong=counts["wrong"], unseen=counts["unseen"])
