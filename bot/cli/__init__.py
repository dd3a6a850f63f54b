"""The command line. Exit codes: 0 success, 1 failure, 2 wrong usage or settings.

A command imports what it needs when it is called, so that `ask` does not load channels and store.
"""

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

import bot
from bot.cli import ask, backup, check, digest, doctor, import_file, init, network_list, rehearse, run, site
from bot.cli.each_network import address_under, archive_in, each_network, new_archive_in, one_network
from bot.cli.log_output import set_up, tell
from bot.cli.options import Verbose
from bot.cli.setup import unexpected
from bot.locale import wording

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
    *(run.demo, init.init, one_network(run.chat), run.run, one_network(ask.ask), one_network(ask.evaluate)),
    *(one_network(rehearse.rehearse), each_network(check.check), one_network(import_file.import_file)),
    *(each_network(digest.digest), each_network(doctor.doctor), network_list.networks),
    each_network(site.site, folder=Path.joinpath, url=address_under),
    each_network(backup.backup, file=new_archive_in),
    each_network(backup.restore, file=archive_in),
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
        unexpected(error)
        sys.exit(1)
