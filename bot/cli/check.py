"""`check`: everything wrong with the files, with its line and how to mend it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.opening import found_config, today
from bot.cli.options import Config, KnowledgeFolder, Verbose
from bot.config import Settings, cache_folder, language, load
from bot.wording import Wording, wording
from bot.yamltext import Faulty, Problem

if TYPE_CHECKING:
    from bot.knowledge import Knowledge
    from bot.library import Nearest

Links = Annotated[bool, typer.Option("--links", help="Try every link as well; takes minutes, and the network.")]
Strict = Annotated[bool, typer.Option("--strict", help="Warnings fail too: exit code 1.")]


def check(
    strict: Strict = False,
    links: Links = False,
    knowledge: KnowledgeFolder = None,
    config: Config = None,
    verbose: Verbose = False,
) -> None:
    """Say all that is wrong with the files, where, and how to mend it.

    Exit code 0: nothing, or warnings alone; 1: errors; 2: the settings cannot be used.

    \b
    Example:
      concierge check
      concierge check --knowledge knowledge/ --strict
      concierge check --links
    """
    path = found_config(config)
    settings, faults = _settings(path)
    folder = knowledge or settings.knowledge
    from bot.library import check as check_files

    words = wording(language(path) if path else settings.language)
    problems = [*faults, *check_files(folder, today(settings), _nearest(settings))]
    if links:
        from bot.cli.links import check_links

        problems += check_links(folder, today(settings), words)
    errors = _tell(problems, words)
    raise typer.Exit(2 if faults else 1 if errors or (strict and problems) else 0)


def _settings(path: Path | None) -> tuple[Settings, tuple[Problem, ...]]:
    """With faulty settings the knowledge is looked at all the same: everything in one go."""
    try:
        return (load(path, {}) if path else Settings()), ()
    except Faulty as fault:
        folder = path.parent if path else Path()
        return Settings(knowledge=folder / "knowledge"), fault.problems


def _nearest(settings: Settings) -> Callable[[Knowledge], Nearest]:
    """The entry to which a text leads."""
    from bot.matching.index import Index

    def matcher(knowledge: Knowledge) -> Nearest:
        index = Index(knowledge, semantic=settings.matching.semantic, cache=cache_folder(os.environ))
        return lambda text: next((match.id for match in index.search(text).matches), None)

    return matcher


def _tell(problems: list[Problem], words: Wording) -> int:
    """The number of errors."""
    for problem in problems:
        said = problem.say(words)
        print(words("program.check_warning", said=said) if problem.warning else said)
    errors = sum(not problem.warning for problem in problems)
    print(words("program.check_found", errors=errors, warnings=len(problems) - errors))
    return errors
