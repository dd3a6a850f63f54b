"""Commands given a folder of networks: for each of them in turn, or a sentence that asks for one."""

import contextlib
import functools
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import typer

from bot.app.served import served
from bot.cli.setup import fail, no_secrets_of_one, unexpected
from bot.locale import system_reason, wording

Command = Callable[..., None]
OfNetwork = Callable[[Any, str], Any]
"""The value of a parameter for one network, from the value given and the network's name."""


def one_network(command: Command) -> Command:
    """The command for the settings of one network: a folder of them is refused."""

    @functools.wraps(command)
    def run(config: Path | None = None, **given: Any) -> None:
        if config and config.is_dir():
            first, *_ = _files(config)
            fail(wording("fr")("program.one_network", folder=config, example=config / first), 2)
        command(config=config, **given)

    return run


def each_network(command: Command, **own: OfNetwork) -> Command:
    """The command, for a folder of networks once for each of them; it exits with the worst code.

    With `--json` it prints one object: by name, what the command printed, null where it printed nothing.
    """

    @functools.wraps(command)
    def run(config: Path | None = None, **given: Any) -> None:
        if not config or not config.is_dir():
            return command(config=config, **given)
        as_json, worst, found = given.get("as_json"), 0, dict[str, Any]()
        for number, (name, file) in enumerate(_files(config).items()):
            values = given | {key: value(given[key], name) for key, value in own.items()}
            if not as_json:
                print("\n" * bool(number) + f"== {name} ==", flush=True)
            output = io.StringIO()
            with contextlib.redirect_stdout(output) if as_json else contextlib.nullcontext():
                worst = max(worst, _exit_code(command, name, config=file, **values))
            found[name] = json.loads(output.getvalue() or "null")
        if as_json:
            print(json.dumps(found, ensure_ascii=False))
        raise typer.Exit(worst)

    return run


def _files(folder: Path) -> Mapping[str, Path]:
    from bot.app.host import settings_files

    no_secrets_of_one()
    return settings_files([folder])


def _exit_code(command: Command, name: str, **given: Any) -> int:
    """Run it to its end; what fails for one network hinders no other."""
    before = served.set(name)
    try:
        command(**given)
    except typer.Exit as end:
        return end.exit_code
    except (typer.Abort, BrokenPipeError):
        raise
    except Exception as error:
        unexpected(error)
        return 1
    finally:
        served.reset(before)
    return 0


def archive_in(folder: Path, name: str) -> Path:
    return folder / f"{name}.zip"


def new_archive_in(folder: Path, name: str) -> Path:
    """Likewise, in a folder that is created if it is missing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        fail(wording("fr")("program.unwritable", file=folder, reason=system_reason(error)), 1)
    return archive_in(folder, name)


def address_under(url: str | None, name: str) -> str | None:
    return url and f"{url.rstrip('/')}/{quote(name)}"
