"""`chat`: the bot in the terminal, without a network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.cli.options import Config, KnowledgeFolder, Verbose
from bot.cli.setup import fail, index_of, settings_if_any, words_of
from bot.locale import system_reason

_END = {"/fin", "/end", "/quit", "/exit"}


def chat(knowledge: KnowledgeFolder = None, config: Config = None, verbose: Verbose = False) -> None:
    """Talk with the bot in the terminal, as in a room of two; no network, and nothing is kept.

    A number, 'oui' or 'non' answers an offer; /pourquoi (or /why) explains the last answer, /aide lists the commands.

    \b
    Example:
      concierge chat --knowledge knowledge/
      echo "qui paie les postes ?" | concierge chat
    """
    settings = settings_if_any(config, knowledge)
    from bot.app.terminal_talk import talk
    from bot.channels.terminal import Terminal
    from bot.store import StoreError

    words = words_of(settings)
    index, terminal = index_of(settings), Terminal(words("program.chat_you"))
    terminal.greet(words("program.chat_hello"))
    try:
        talk(settings, index, terminal, _said(terminal.lines(), settings.prefix))
    except StoreError as error:
        fail(error.say(words), 1)
    except FileNotFoundError as error:  # there is no folder for temporary files
        fail(words("program.no_temporary_file", reason=system_reason(error)), 1)


def _said(lines: Iterable[str], prefix: str) -> Iterator[str]:
    """Until the end is asked for, without empty lines; '/aide' is a command of the rooms."""
    for line in filter(None, lines):
        if line in _END:
            return
        yield prefix + line[1:] if line.startswith("/") else line
