"""Options that several commands have."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from bot.cli import log_output
from bot.config.settings import CONFIG


def settings_file(path: Path | None) -> Path | None:
    """Callback of an option: a folder stands for the settings in it, unless it is one of networks."""
    if path and path.is_dir() and ((path / CONFIG).exists() or not any(path.glob(f"*/{CONFIG}"))):
        return path / CONFIG
    return path


def are_several(paths: Sequence[Path]) -> bool:
    """Whether these are the settings of several networks: more than one path, or a folder of networks."""
    return len(paths) > 1 or (paths[0].is_dir() and not (paths[0] / CONFIG).exists())


Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        callback=settings_file,
        help="The settings, or their folder; without it config.yaml of this folder, if there. Some commands also take a"
        " folder of networks: they do their work for each.",
    ),
]
Configs = Annotated[
    list[Path] | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="The settings, or their folder; without it config.yaml of this folder. Given several times, or a folder of"
        " such folders: several networks in one process.",
    ),
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
    log_output.Form,
    typer.Option(
        "--log",
        envvar="CONCIERGE_LOG",
        callback=log_output.set_form,
        help="How the log is written: lines to read, or one JSON object a line for programs.",
    ),
]
Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose", "-v", callback=log_output.set_verbose, help="More details; they may quote what people wrote."
    ),
]
