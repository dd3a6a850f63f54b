"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli import logs

Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="The settings; without it config.yaml of this folder, if there."),
]
KnowledgeFolder = Annotated[
    Path | None,
    typer.Option(
        "--knowledge", metavar="DIR", help="The folder of the answers; without it the settings', else knowledge/."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object instead of sentences.")]
Overheard = Annotated[bool, typer.Option("--overheard", help="As if said in a room, to nobody in particular.")]
Log = Annotated[
    logs.Form,
    typer.Option(
        "--log",
        envvar="CONCIERGE_LOG",
        callback=logs.formed,
        help="How the log is written: lines to read, or one JSON object a line for programs.",
    ),
]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", callback=logs.louder, help="More details; they may quote what people wrote.")
]
