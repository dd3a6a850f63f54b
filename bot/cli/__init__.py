"""The command line. Exit codes: 0 success, 1 failure, 2 wrong usage or settings.

A command imports what it needs when it is called, so that `ask` does not load channels and store.
"""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Callable
from typing import Annotated

import typer

import bot
from bot.cli import ask, backup, chat, check, digest, doctor, evaluate, import_file, init, rehearse, run, site
from bot.cli.log_output import set_up, tell
from bot.cli.options import Verbose
from bot.locale import wording

log = logging.getLogger(__name__)

app = typer.Typer(
    name="concierge",
    help="Recognises the questions that a network's members keep asking, and answers with links.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
COMMANDS: tuple[Callable[..., None], ...] = (
    *(run.demo, init.init, chat.chat, run.run, ask.ask, evaluate.evaluate, rehearse.rehearse, check.check),
    *(import_file.import_file, digest.digest, doctor.doctor, site.site, backup.backup, backup.restore),
)
NAMES = {"evaluate": "eval", "import_file": "import"}  # those that are keywords or functions of Python
for command in COMMANDS:
    app.command(NAMES.get(command.__name__))(command)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"concierge {bot.__version__}")
        raise typer.Exit


def gone(context: typer.Context) -> None:
    """Say what does the work of a command that was removed."""
    tell(wording("fr")(f"program.{context.info_name}_gone"))
    raise typer.Exit(2)


for name in ("gaps", "learn", "propose"):
    anything = {"allow_extra_args": True, "ignore_unknown_options": True}
    app.command(name, hidden=True, context_settings=anything)(gone)


@app.callback()
def _program(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
    verbose: Verbose = False,
) -> None:
    """Recognises the questions that a network's members keep asking, and answers with links."""
    set_up(verbose)


def main() -> None:
    """Entry point of the console script. An error ends in a sentence, with `--verbose` in a traceback too."""
    for stream, errors in ((sys.stdin, "replace"), (sys.stdout, "backslashreplace"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):  # UTF-8 whatever the locale; lone surrogates of JSON are escaped
            stream.reconfigure(encoding="utf-8", errors=errors)
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except BrokenPipeError:  # the reader of our output has closed it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        log.debug("traceback:", exc_info=True)
        sentence = wording("fr")("program.unexpected", error=f"{type(error).__name__}: {error}")
        if isinstance(error, PermissionError) and error.filename:
            sentence = wording("fr")("program.denied", uid=os.getuid(), file=error.filename)
        tell(sentence)
        sys.exit(1)
