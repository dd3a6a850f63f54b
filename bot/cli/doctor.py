"""`doctor`: findings about the whole set-up, each with how to fix it."""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from collections.abc import Sequence

import typer

from bot.channels.findings import Finding
from bot.cli.log_output import escape_controls
from bot.cli.options import AsJson, Config, Verbose
from bot.cli.setup import required_settings, words_of
from bot.config.loading import cache_folder
from bot.config.settings import Settings
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
    settings = required_settings(config)
    words = words_of(settings)
    findings = asyncio.run(_examine(settings, words, quiet=as_json))
    is_right = all(finding.state != "wrong" for _, finding in findings)
    if as_json:
        rows = [
            {"area": area, "check": finding.key, "state": finding.state, "text": _sentence(finding, words)}
            for area, finding in findings
        ]
        print(json.dumps({"right": is_right, "checks": rows}, ensure_ascii=False))
    else:
        print("\n" + summary([finding for _, finding in findings], words))
    raise typer.Exit(0 if is_right else 1)


def summary(findings: Sequence[Finding], words: Wording) -> str:
    """The last line: never that all is right where something was not looked at."""
    counts = Counter(finding.state for finding in findings)
    key = next((state for state in ("wrong", "unseen") if counts[state]), "right")
    return words(f"doctor.sum_{key}", wrong=counts["wrong"], unseen=counts["unseen"])


async def _examine(settings: Settings, words: Wording, *, quiet: bool) -> list[tuple[str, Finding]]:
    """Unless `quiet`, each finding is printed as it comes, since servers may be slow."""
    from bot.doctor import SIGNS, SetupInfo, examine

    findings: list[tuple[str, Finding]] = []
    async for area, finding in examine(SetupInfo(settings, cache_folder(os.environ))):
        if not quiet:
            if area not in (area for area, _ in findings):
                print(("\n" if findings else "") + words(f"doctor.area_{area}"))
            print(f"  {SIGNS[finding.state]} {_sentence(finding, words)}", flush=True)
        findings.append((area, finding))
    return findings


def _sentence(finding: Finding, words: Wording) -> str:
    """Escape the control characters of servers, lest they steer the terminal."""
    return escape_controls(words(f"doctor.{finding.key}", **finding.values))
