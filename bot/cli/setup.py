"""What commands share: settings, wording and knowledge, whose faults end them; progress on the terminal."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from bot.cli import log_output
from bot.config.loading import cache_folder, language, load, own_variables
from bot.config.settings import CONFIG, Settings
from bot.encoder import EncoderError
from bot.knowledge.folder import LibraryError
from bot.knowledge.library import Library, LoadResult
from bot.knowledge.models import Knowledge
from bot.knowledge.yaml.problems import Faulty, Problem
from bot.locale import Wording, system_reason, wording

if TYPE_CHECKING:
    from bot.matching.embedding_cache import Progress
    from bot.matching.index import Index

log = logging.getLogger(__name__)

_YES, _NO = ("o", "oui", "y", "yes"), ("n", "non", "no")


def fail(sentence: str, code: int) -> NoReturn:
    log_output.tell(sentence)
    raise typer.Exit(code)


def unexpected(error: Exception) -> None:
    """Report an error that no command knows; with `--verbose`, with its traceback."""
    log.debug("traceback:", exc_info=error)
    sentence = wording("fr")("program.unexpected", error=f"{type(error).__name__}: {error}")
    if isinstance(error, PermissionError) and error.filename:
        sentence = wording("fr")("program.denied", uid=os.getuid(), file=error.filename)
    log_output.tell(sentence)


def words_of(settings: Settings) -> Wording:
    return wording(settings.language)


def required_settings(config: Path | None) -> Settings:
    """Read the settings of a file, with the secrets."""
    return _load(config or CONFIG, os.environ)


def check_secrets(settings: Settings) -> None:
    """The secrets that the networks need must be there, and fit an HTTP header."""
    for network in settings.networks:
        if problem := network.kind.secret_problem(network.secrets):
            fail(words_of(settings)(problem), 2)


def no_secrets_of_one() -> None:
    """Several networks have their secrets beside their settings: a variable would give one of them to all."""
    if own := [name for name in own_variables() if name in os.environ]:
        fail(wording("fr")("program.secret_for_all", variable=own[0]), 2)


def config_path(config: Path | None) -> Path | None:
    """The settings file of the option, else that of this folder, if there is one."""
    return config or (CONFIG if CONFIG.exists() else None)


def settings_if_any(config: Path | None, knowledge: Path | None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings, with the secrets of `environ` only; without a file: defaults, knowledge/ of this folder."""
    path = config_path(config)
    settings = _load(path, environ or {}, secrets=False) if path else Settings()
    return settings.model_copy(update={"knowledge": knowledge}) if knowledge else settings


def database_variables() -> dict[str, str]:
    """Return the variables of the environment that name the store's address; no other secret is read."""
    return {name: value for name, value in os.environ.items() if name.startswith("CONCIERGE_DATABASE_URL")}


def _load(path: Path, environ: Mapping[str, str], *, secrets: bool = True) -> Settings:
    try:
        return load(path, environ, secrets=secrets)
    except Faulty as fault:
        tell(fault.problems, wording(language(path)))
        raise typer.Exit(2) from None


def tell(problems: Iterable[Problem], words: Wording) -> None:
    for problem in problems:
        log_output.tell(problem.say(words))


def today(settings: Settings) -> date:
    return datetime.now(settings.timezone).date()


def load_knowledge(settings: Settings, may_be_empty: bool = False) -> LoadResult:
    """Load the files without errors, and print the number of the others."""
    words = words_of(settings)
    try:
        loaded = Library(settings.knowledge).load(today(settings))
    except LibraryError as error:
        if may_be_empty and [problem.key for problem in error.problems] in (["no_file"], ["no_entry"]):
            return LoadResult(Knowledge({}), ())
        fail(error.say(words), 2)
    if errors := sum(not problem.warning for problem in loaded.problems):
        log_output.tell(words("program.some_errors", errors=errors))
    return loaded


def index_of(settings: Settings, may_be_empty: bool = False) -> Index:
    return index_over(load_knowledge(settings, may_be_empty).knowledge, settings)


def index_over(knowledge: Knowledge, settings: Settings) -> Index:
    """By words alone where the settings want it so, or where there is no encoder, and print why."""
    from bot.matching.encoder_folder import load_embeddings
    from bot.matching.index import Index

    words, embeddings = words_of(settings), None
    with progress_bar(words("program.embedding")) as progress:
        try:
            if settings.matching.semantic:
                embeddings = load_embeddings(settings.matching.encoder_folder, cache_folder(os.environ), progress)
        except EncoderError as error:
            log_output.tell(words("program.no_encoder", error=system_reason(error, name_file=True)))
        return Index(knowledge, embeddings=embeddings)


def fail_unreadable(file: object, error: OSError | UnicodeError, words: Wording) -> NoReturn:
    reason = system_reason(error) if isinstance(error, OSError) else "UTF-8"
    fail(words("program.no_such_file", file=file, reason=reason), 2)


def confirmed(words: Wording, key: str, *, default: bool, **values: object) -> bool:
    """Asks until it is answered by yes or no, in either language; Enter is the default. Raises typer.Abort."""
    while True:
        question = f"{words(key, **values)} {words('program.default_yes' if default else 'program.default_no')}"
        typed = str(typer.prompt(question, default="", show_default=False)).strip().lower()
        if typed in ("", *_YES, *_NO):
            return typed in _YES if typed else default
        typer.echo(words("program.yes_no_again"))


@contextmanager
def progress_bar(title: str) -> Iterator[Progress]:
    """On a terminal, once there is something to wait for."""
    if not sys.stderr.isatty():
        yield lambda done, of: None
        return
    from rich.console import Console  # 35 ms that nobody else needs
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, visible=False)
        yield lambda done, of: bar.update(task, completed=done, total=of, visible=done < of or None)
