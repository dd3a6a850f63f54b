"""`check`: problems of settings, knowledge files and links, each with its line and how to fix it."""

import sys
from functools import partial
from typing import Annotated

import typer

from bot.cli.options import Config, KnowledgeFolder, Verbose
from bot.cli.setup import config_path, database_variables, index_over, progress_bar, today
from bot.config.loading import language, load
from bot.config.settings import Settings
from bot.knowledge.library import check as check_files
from bot.knowledge.models import Knowledge
from bot.knowledge.yaml.problems import Faulty, Problem
from bot.locale import Wording, wording

Links = Annotated[bool, typer.Option("--links", help="Try every link as well; takes minutes, and the network.")]


def check(
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail too: exit code 1.")] = False,
    links: Links = False,
    knowledge: KnowledgeFolder = None,
    config: Config = None,
    verbose: Verbose = False,
) -> None:
    """Say all that is wrong with the files, where, and how to mend it.

    The entries are asked their own phrasings, too: which would not find their
    entry if they were not written there, which entries are hard to tell apart,
    which not_questions are answered all the same.

    With --links every address is tried. Beside a bot (settings and a store), one
    that was found right within a day is not asked for again.

    Exit code 0: nothing, or warnings alone; 1: errors; 2: the settings cannot be used.

    \b
    Example:
      concierge check
      concierge check --knowledge knowledge/ --strict
      concierge check --links
    """
    path, settings, faults = config_path(config), Settings(), tuple[Problem, ...]()
    if path:
        try:
            settings = load(path, database_variables() if links else {}, secrets=False)
        except Faulty as fault:  # the defaults, so that one run reports the problems of the knowledge too
            settings, faults = Settings(knowledge=path.parent / "knowledge"), fault.problems
    folder = knowledge or settings.knowledge
    words = wording(language(path) if path else settings.language)
    problems = [*faults, *settings.warnings]
    if knowledge or not faults or folder.exists():
        problems += check_files(folder, today(settings), partial(_self_test, settings, words), settings.regions)
    if links:
        from bot.cli.link_report import check_links

        store = settings.store.get_secret_value() if path and not faults else None
        problems += check_links(folder, today(settings), words, store=store)
    for problem in problems:
        said = problem.say(words)
        print(words("program.check_warning", said=said) if problem.warning else said)
    errors = sum(not problem.warning for problem in problems)
    print(words("program.check_found", errors=errors, warnings=len(problems) - errors))
    raise typer.Exit(2 if faults else 1 if errors or (strict and problems) else 0)


def _self_test(settings: Settings, words: Wording, knowledge: Knowledge) -> list[Problem]:
    from bot.quality.self_test import SelfTest

    test = SelfTest(index_over(knowledge, settings), settings.limits)
    if test.searched < test.total:
        print(words("program.check_asked", asked=test.searched, all=test.total), file=sys.stderr)
    problems: list[Problem] = []
    with progress_bar(words("program.check_trying")) as progress:
        for done, found in enumerate(test.run(), start=1):
            problems += found
            progress(done, len(knowledge.entries))
    return problems
