"""`backup` and `restore`: store and encryption keys in one file, and back."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.options import Config, Verbose
from bot.cli.setup import fail, required_settings, words_of

Target = Annotated[Path, typer.Argument(metavar="FILE", help="The file to make; of several networks a folder.")]
Source = Annotated[Path, typer.Argument(metavar="FILE", help="What `concierge backup` made.")]
Force = Annotated[bool, typer.Option("--force", help="Put the new backup in the place of a file that is there.")]


def backup(file: Target, force: Force = False, config: Config = None, verbose: Verbose = False) -> None:
    """Write everything that must survive into one file: store and encryption keys.

    It may run beside the bot, which goes on meanwhile. The file holds secrets, and is readable by its owner alone.
    Not in it: settings, secrets of the environment, and the answers.

    \b
    Example:
      concierge backup --config config.yaml /var/backups/concierge-$(date +%F).zip
      concierge backup --config networks/ /var/backups/$(date +%F)
    """
    _run(config, file, is_new=True, force=force)


def restore(file: Source, config: Config = None, verbose: Verbose = False) -> None:
    """Bring a backup back, into a place where there is no store yet.

    The store may be of the other kind (SQLite, PostgreSQL) than it was. What was answered since the backup is not
    answered twice: the bot looks in the rooms first.

    \b
    Example:
      concierge restore --config config.yaml /var/backups/concierge-2026-11-26.zip
    """
    _run(config, file, is_new=False)


def _run(config: Path | None, file: Path, *, is_new: bool, force: bool = False) -> None:
    from bot import backup as backups
    from bot.app.built_channels import key_folder
    from bot.store import StoreError

    settings = required_settings(config)
    words, url, keys = words_of(settings), settings.store.get_secret_value(), key_folder(settings)
    try:
        done = backups.back_up(url, keys, file, force=force) if is_new else backups.restore(url, keys, file)
    except (backups.BackupError, StoreError) as error:
        fail(error.say(words), 1)
    taken = done.manifest.taken.astimezone(settings.timezone).strftime("%Y-%m-%d %H:%M")
    key = "made" if is_new else "restored"
    print(words(f"backup.{key}", file=file, rows=done.rows, keys=done.keys, taken=taken))
