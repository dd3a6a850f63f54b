"""The networks beside one that `init` sets up: those in other folders of its folder."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from itertools import chain, count
from pathlib import Path

from bot.cli.setup import database_url
from bot.config.loading import load
from bot.config.settings import CONFIG, Settings
from bot.knowledge.yaml.problems import Faulty
from bot.text.accents import slug


def siblings(config: Path) -> list[Settings]:
    """Return the settings, without secrets, of those that can be read. `config`: the settings file of the network."""
    own, found = config.absolute(), list[Settings]()
    if config.parent == Path() or config.name != CONFIG.name:  # whoever works in its folder has one network
        return found
    for file in sorted(own.parent.parent.glob(f"*/{CONFIG}")):
        if file != own:
            with contextlib.suppress(Faulty):
                found.append(load(file, database_url(), secrets=False))
    return found


def folder_of_networks(config: Path) -> Path:
    """Return the folder of its folder, as `run` takes it."""
    folder = config.absolute().parent.parent
    return folder if config.is_absolute() else Path(os.path.relpath(folder))


def free_schema(config: Path, others: Iterable[Settings]) -> str:
    """Return a schema for the network where the others share the database of the environment; else nothing."""
    if not database_url() or not any(one.store.get_secret_value().startswith("postgres") for one in others):
        return ""
    name = slug(config.absolute().parent.name, 50).replace("-", "_")
    if not name[:1].isalpha() or name.startswith("pg_") or name == "public":  # the last two are PostgreSQL's
        name = f"network_{name}"
    taken = {one.store_schema for one in others}
    numbered = (f"{name}_{number}" for number in count(2))
    return next(schema for schema in chain([name], numbered) if schema not in taken)
