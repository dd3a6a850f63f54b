"""`backup` and `restore`: everything that must survive, into one file and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bot.cli.setup import Config, Verbose, fail, required_settings, words_of

if TYPE_CHECKING:
    from bot.backup import Done
    from bot.config import Settings

Result = TypeVar("Result")
Target = Annotated[Path, typer.Argument(metavar="F", help="The file to make.")]
Source = Annotated[Path, typer.Argument(metavar="F", help="A file that `concierge backup` made.")]
Force = Annotated[bool, typer.Option("--force", help="Put the new backup in the place of a file that is there.")]


def backup(file: Target, force: Force = False, config: Config = None, verbose: Verbose = False) -> None:
    """Write everything that must survive into one file: store and encryption keys.

    It may run beside the bot, which goes on meanwhile. The file holds secrets, and is readable by its owner alone.
    Not in it: settings, secrets of the environment, and the answers.

    \b
    Example:
      concierge backup --config config.yaml /var/backups/concierge-$(date +%F).zip
    """
    from bot import backup as backups

    settings = required_settings(config)
    url, keys = _places(settings)
    _tell(settings, "made", file, _work(settings, lambda: backups.back_up(url, keys, file, force=force)))


def restore(file: Source, config: Config = None, verbose: Verbose = False) -> None:
    """Bring a backup back, into a place where there is no store yet.

    The store may be of the other kind (SQLite, PostgreSQL) than it was. What was answered since the backup is not
    answered twice: the bot looks in the rooms first.

    \b
    Example:
      concierge restore --config config.yaml /var/backups/concierge-2026-11-26.zip
    """
    from bot import backup as backups

    settings = required_settings(config)
    url, keys = _places(settings)
    _tell(settings, "restored", file, _work(settings, lambda: backups.restore(url, keys, file)))


def _places(settings: Settings) -> tuple[str, Path]:
    from bot.app.networks import key_folder

    return settings.store.get_secret_value(), key_folder(settings)


def _work(settings: Settings, work: Callable[[], Result]) -> Result:
    from bot.backup import BackupError
    from bot.store import StoreError

    try:
        return work()
    except BackupError as error:
        fail(error.say(words_of(settings)), 1)
    except StoreError as error:
        fail(str(error), 1)


def _tell(settings: Settings, key: str, file: Path, done: Done) -> None:
    taken = done.manifest.taken.astimezone(settings.timezone).strftime("%Y-%m-%d %H:%M")
    print(words_of(settings)(f"backup.{key}", file=file, rows=done.rows, keys=done.keys, taken=taken))
