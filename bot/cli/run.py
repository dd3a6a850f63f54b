"""`run`, `demo` and `chat`: the bot on its networks, on a homeserver of this machine, or in the terminal."""

import asyncio
import importlib.util
import os
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path
from typing import Annotated

import typer

from bot.cli import setup
from bot.cli.options import Config, Configs, KnowledgeFolder, Log, Verbose, are_several, settings_file
from bot.config.settings import CONFIG
from bot.knowledge.folder import LibraryError
from bot.knowledge.yaml.problems import Faulty
from bot.locale import system_reason, wording

_END = {"/fin", "/end", "/quit", "/exit"}  # of a talk
Once = Annotated[bool, typer.Option("--once", help="End after the scripted part: 0, or 1 if a reply did not come.")]


def run(config: Configs = None, log: Log = "text", verbose: Verbose = False) -> None:
    """Run the bot until it is stopped (Ctrl-C, SIGTERM).

    With a folder of networks: the bots of all of them. One that is added, changed or removed
    there begins, begins again or ends by itself.

    \b
    Example:
      CONCIERGE_MATRIX_PASSWORD_FILE=/run/secrets/matrix concierge run --config config.yaml
      concierge run --log json 2>> concierge.log
      concierge run --config networks/
    """
    paths = config or [CONFIG]
    if are_several(paths):
        raise typer.Exit(_run_all(paths))
    settings = setup.required_settings(settings_file(paths[0]))
    setup.check_secrets(settings)
    from bot.app import main
    from bot.store import StoreError

    try:
        raise typer.Exit(asyncio.run(main.run(settings, watched=True)))
    except (LibraryError, StoreError) as error:
        setup.fail(error.say(setup.words_of(settings)), 2 if isinstance(error, LibraryError) else 1)


def _run_all(paths: Sequence[Path]) -> int:
    words = wording("fr")
    for path in paths:
        try:
            path.stat()
        except OSError as error:
            setup.fail_unreadable(path, error, words)
    setup.no_secrets_of_one()
    from bot.app import main
    from bot.store import StoreError

    folder = paths[0] if paths[0].is_dir() else Path()
    try:
        return asyncio.run(main.run_all(paths, os.environ, folder / "var"))
    except Faulty as fault:
        setup.tell(fault.problems, words)
    except StoreError as error:
        setup.fail(error.say(words), 1)
    return 2


def demo(once: Once = False, knowledge: KnowledgeFolder = None, verbose: Verbose = False) -> None:
    """Watch the bot in a real room on this machine.

    A homeserver, two rooms, the bot in them, and a member who asks what members ask; then you write as that member
    and for a moderator: /aide says how. Ctrl-D or Ctrl-C ends it.

    \b
    Example:
      concierge demo
      concierge demo --once
    """
    if importlib.util.find_spec("synapse") is None:
        setup.fail(wording("fr")("program.no_synapse"), 1)
    settings = setup.settings_if_any(None, knowledge)
    setup.load_knowledge(settings)  # says what is wrong with the folder before anything starts
    from bot.demo import stage

    try:
        code = asyncio.run(stage.demo(settings.knowledge, once=once))
    except KeyboardInterrupt:  # before the bot runs, which hears of it itself
        code = stage.INTERRUPTED
    raise typer.Exit(code)


def chat(knowledge: KnowledgeFolder = None, config: Config = None, verbose: Verbose = False) -> None:
    """Talk with the bot in the terminal, as in a room of two; no network, and nothing is kept.

    A number, 'oui' or 'non' answers an offer; /pourquoi (or /why) explains the last answer, /aide lists the commands.

    \b
    Example:
      concierge chat --knowledge knowledge/
      echo "qui paie les postes ?" | concierge chat
    """
    settings = setup.settings_if_any(config, knowledge)
    from bot.app.terminal_talk import talk
    from bot.channels.terminal import Terminal
    from bot.store import StoreError

    words = setup.words_of(settings)
    index, terminal = setup.index_of(settings), Terminal(words("program.chat_you"))
    terminal.greet(words("program.chat_hello"))
    lines = takewhile(lambda line: line not in _END, filter(None, terminal.lines()))
    said = (settings.prefix + line[1:] if line.startswith("/") else line for line in lines)  # '/aide' as in the rooms
    try:
        talk(settings, index, terminal, said)
    except StoreError as error:
        setup.fail(error.say(words), 1)
    except FileNotFoundError as error:  # there is no folder for temporary files
        setup.fail(words("program.no_temporary_file", reason=system_reason(error)), 1)
