"""`site`: the readers' pages as files, for any web host."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from bot.channels.fields import Url
from bot.cli.options import Config, KnowledgeFolder, Verbose
from bot.cli.setup import database_variables, fail, progress_bar, settings_if_any, tell, today, words_of
from bot.config.settings import Settings
from bot.knowledge.atomic_write import LockTimeout, folder_lock
from bot.knowledge.folder import LibraryError
from bot.knowledge.library import Library
from bot.knowledge.models import Knowledge
from bot.locale import system_reason
from bot.pages import site_folder

Target = Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the pages go; empty, or made by this command.")]
PublicUrl = Annotated[
    str | None,
    typer.Option(
        "--url",
        metavar="URL",
        help="Where readers will find them; without it `web.public_url`, unless the bot serves pages there.",
    ),
]


def site(
    folder: Target,
    url: PublicUrl = None,
    knowledge: KnowledgeFolder = None,
    config: Config = None,
    verbose: Verbose = False,
) -> None:
    """Write the readers' pages as files: themes, answers, and a search that works in the browser.

    They are the pages of a running bot, for any web host, a forge's pages or a disk. What only some rooms may see is
    in none of them, nor are members' phrasings. Beside a bot, links that it found dead are marked.

    A folder with other files is refused; run again, only what changed is written, and only pages of this
    command are ever removed. Answers with errors are reported as by `concierge check`, and nothing is written.

    \b
    Example:
      concierge site public --url https://example.org/answers
      concierge site public --knowledge knowledge/
    """
    from bot.cli.link_report import known_to_the_bot
    from bot.pages.publication import Publication, most_asked
    from bot.pages.static_site import SUFFIX, site_files
    from bot.pages.templates import Templates

    settings = settings_if_any(config, knowledge, database_variables())
    words, public_url = words_of(settings), _public_url(url, settings)
    store = settings.store.get_secret_value() if settings.file else ""  # no bot without it
    dead, uses = known_to_the_bot(store, words)
    publication = Publication(_sound_knowledge(settings), dead, today(settings), most_asked(uses))
    logo = settings.web.logo.read_bytes() if settings.web and settings.web.logo else b""
    whose = partial(Templates, words, settings.name, contact=settings.contact, about=settings.about, logo=logo)
    templates = whose(suffix=SUFFIX, public_url=public_url, has_team=settings.has_team)
    with progress_bar(words("program.site_pages")) as progress:
        files = site_files(publication, templates, progress)
    try:
        site_folder.check(folder)
        folder.mkdir(parents=True, exist_ok=True)
        with folder_lock(folder):
            changes = site_folder.replace(folder, files)
    except site_folder.ForeignFiles as foreign:
        fail(words("program.site_foreign", path=foreign), 2)
    except LockTimeout:
        fail(words("program.site_busy", folder=folder), 1)
    except OSError as error:
        fail(words("program.site_unwritable", folder=folder, reason=system_reason(error)), 1)
    pages = sum(name.endswith(".html") for name in files)
    print(words("program.site_done", folder=folder, pages=pages, **changes))


def _public_url(url: str | None, settings: Settings) -> str | None:
    """That of the settings is the bot's own where it serves pages itself."""
    if url is None:
        return settings.web.public_url if settings.web and not settings.web.pages else None
    try:
        return TypeAdapter[str](Url).validate_python(url)
    except ValidationError:
        fail(words_of(settings)("problems.setting_url", key="--url"), 2)


def _sound_knowledge(settings: Settings) -> Knowledge:
    """Errors end the command: a site without half of its answers would replace a whole one."""
    try:
        loaded = Library(settings.knowledge, regions=settings.regions).load(today(settings))
    except LibraryError as error:
        fail(error.say(words_of(settings)), 1)
    if errors := [problem for problem in loaded.problems if not problem.warning]:
        tell(errors, words_of(settings))
        fail(words_of(settings)("program.site_faulty", errors=len(errors)), 1)
    return loaded.knowledge
