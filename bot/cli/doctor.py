"""`doctor`: what of the set-up works and what does not, each with how to mend it."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import typer

from bot.cli.setup import AsJson, Config, Verbose, required_settings, words_of
from bot.config import Settings, cache_folder
from bot.locale import Wording

if TYPE_CHECKING:
    from bot.doctor import Finding


def doctor(config: Config = None, as_json: AsJson = False, verbose: Verbose = False) -> None:
    """Look at the whole set-up and say what does not work, each with how to mend it.

    Changes nothing, and may run beside the bot. ✓ right, ✗ wrong, – worth knowing.
    Exit code 0: nothing is wrong; 1: something is; 2: the settings cannot be used.

    \b
    Example:
      concierge doctor --config config.yaml
      concierge doctor --json
    """
    import asyncio

    settings = required_settings(config)
    found = asyncio.run(_look(settings, words_of(settings), quiet=as_json))
    wrong = sum(finding.state == "wrong" for _, finding in found)
    if as_json:
        print(json.dumps(_rows(found, words_of(settings)), ensure_ascii=False))
    else:
        print("\n" + words_of(settings)("doctor.sum_wrong" if wrong else "doctor.sum_right", wrong=wrong))
    raise typer.Exit(1 if wrong else 0)


async def _look(settings: Settings, words: Wording, *, quiet: bool) -> list[tuple[str, Finding]]:
    """Each finding is printed as it comes: servers take their time."""
    from bot.doctor import SIGNS, SetupInfo, examine

    found: list[tuple[str, Finding]] = []
    async for area, finding in examine(SetupInfo(settings, cache_folder(os.environ))):
        if not quiet:
            if area not in (area for area, _ in found):
                print(("\n" if found else "") + words(f"doctor.area_{area}"))
            print(f"  {SIGNS[finding.state]} {_said(finding, words)}", flush=True)
        found.append((area, finding))
    return found


def _said(finding: Finding, words: Wording) -> str:
    """What servers say of themselves stands in it: no sign of theirs may steer the terminal."""
    text = words(f"doctor.{finding.key}", **finding.values)
    return "".join(sign if sign.isprintable() or sign in "\u00a0\u202f" else ascii(sign)[1:-1] for sign in text)


def _rows(found: list[tuple[str, Finding]], words: Wording) -> dict[str, object]:
    rows = [
        {"area": area, "check": finding.key, "state": finding.state, "text": _said(finding, words)}
        for area, finding in found
    ]
    return {"right": all(finding.state != "wrong" for _, finding in found), "checks": rows}
