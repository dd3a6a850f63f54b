"""The command line. Exit codes: 0 success, 1 failure, 2 wrong usage or settings.

A command imports what it needs when it is called, so that `ask` does not load channels and store.
"""

from __future__ import annotations

import io
import logging
import os
import sys
from typing import Annotated

import typer

import bot
from bot.cli import (
    ask,
    backup,
    chat,
    check,
    digest,
    doctor,
    evaluate,
    import_file,
    init,
    log_output,
    propose,
    rehearse,
    run,
    site,
)
from bot.cli.setup import Verbose
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
app.command()(run.demo)
app.command()(init.init)
app.command()(chat.chat)
app.command()(run.run)
app.command()(ask.ask)
app.command("eval")(evaluate.evaluate)
app.command()(rehearse.rehearse)
app.command()(check.check)
app.command()(propose.propose)
app.command("import")(import_file.import_file)
app.command()(digest.digest)
app.command()(doctor.doctor)
app.command()(site.site)
app.command()(backup.backup)
app.command()(backup.restore)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"concierge {bot.__version__}")
        raise typer.Exit


@app.command("gaps", hidden=True, context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
@app.command("learn", hidden=True, context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def gone(context: typer.Context) -> None:
    """Say what does the work of a command that was removed."""
    log_output.tell(wording("fr")(f"program.{context.info_name}_gone"))
    raise typer.Exit(2)


@app.callback()
def _program(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
    verbose: Verbose = False,
) -> None:
    """Recognises the questions that a network's members keep asking, and answers with links."""
    log_output.set_up(verbose)


def main() -> None:
    """Entry point of the console script. An error ends in a sentence, with `--verbose` in a traceback too."""
    _speak_utf8()
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
        log_output.tell(_unexpected(error))
        sys.exit(1)


def _unexpected(error: Exception) -> str:
    if isinstance(error, PermissionError) and error.filename:
        return wording("fr")("program.denied", uid=os.getuid(), file=error.filename)
    return wording("fr")("program.unexpected", error=f"{type(error).__name__}: {error}")


def _speak_utf8() -> None:
    """Whatever the locale; lone surrogates, which JSON can contain, are escaped."""
    for stream, errors in ((sys.stdin, "replace"), (sys.stdout, "backslashreplace"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)
