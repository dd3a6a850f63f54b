"""`networks`: who serves which network."""

from __future__ import annotations

import asyncio
import json
import os
import re
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from bot.cli.options import AsJson, Configs, Verbose, are_several
from bot.cli.setup import fail, no_secrets_of_one
from bot.config.loading import language, load
from bot.config.settings import CONFIG, Settings
from bot.knowledge.yaml.problems import Faulty
from bot.locale import Wording, wording

if TYPE_CHECKING:
    from bot.store import StoreError
    from bot.store.fleet import FleetState


@dataclass(frozen=True, slots=True)
class NetworkState:
    """`worker`, `since`: of the lease in a PostgreSQL database; `since` in the network's time zone.

    `problem`: what is wrong with the settings, or why the store could not be looked at.
    """

    state: Literal["served", "idle", "faulty", "unseen"]
    worker: str | None = None
    since: datetime | None = None
    problem: str | None = None


def networks(config: Configs = None, as_json: AsJson = False, verbose: Verbose = False) -> None:
    """Say of each network whether a bot serves it; in a PostgreSQL database, which worker, and since when.

    Changes nothing, and may run beside the bots.
    Exit code 0: all are served; 1: one is not; 2: there is none.

    \b
    Example:
      concierge networks --config networks/
      concierge networks --config networks/ --json
    """
    from bot.app.host import settings_files

    paths = config or [CONFIG]
    if are_several(paths):
        no_secrets_of_one()
    files = settings_files(paths)
    if not files:
        fail(wording("fr")("program.networks_none", folder=paths[0]), 2)
    states: dict[str, NetworkState] = {}
    stores: dict[str, str] = {}
    fleets: dict[str, FleetState | StoreError] = {}
    for name, file in files.items():
        words = wording(language(file))
        settings, problem = _settings(file, words)
        if settings and (other := stores.setdefault(settings.store.get_secret_value(), name)) != name:
            problem = words("program.network_same_store", other=other)
        state = NetworkState("faulty", problem=problem)
        if settings and not problem:
            state = _store_state(settings, fleets, words)
        states[name] = state
        if not as_json:
            key = "served_by" if state.since else state.state
            since = f"{state.since:%Y-%m-%d %H:%M}" if state.since else ""
            said = words(f"program.network_{key}", worker=state.worker, since=since, problem=state.problem)
            print(f"{name:{max(map(len, files))}}  {said}")
    if as_json:
        rows = {name: asdict(state) for name, state in states.items()}
        print(json.dumps(rows, ensure_ascii=False, default=datetime.isoformat))
    raise typer.Exit(0 if all(state.state == "served" for state in states.values()) else 1)


def _settings(file: Path, words: Wording) -> tuple[Settings | None, str]:
    """Return the settings, and the first problem that keeps a bot from serving them."""
    try:
        settings = load(file, os.environ)
    except Faulty as fault:
        first = min(fault.problems, key=lambda problem: problem.warning)
        return None, replace(first, values={**first.values, "correction": ""}).say(words)
    keys = (network.kind.secret_problem(network.secrets) for network in settings.networks)
    return settings, next((words(key) for key in keys if key), "")


def _store_state(settings: Settings, fleets: dict[str, FleetState | StoreError], words: Wording) -> NetworkState:
    """`fleets`: of each database that was asked, by its address without the schema."""
    from bot.store import StoreError
    from bot.store.fleet import look
    from bot.store.inspection import inspect_store

    store, schema = settings.store.get_secret_value(), settings.store_schema
    try:
        if schema is None:
            return NetworkState("served" if inspect_store(store).is_locked else "idle")
        if (database := re.sub(r"[?&]options=[^&]*", "", store)) not in fleets:
            try:
                fleets[database] = asyncio.run(look(store))
            except StoreError as error:
                fleets[database] = error
        if isinstance(fleet := fleets[database], StoreError):
            raise fleet
    except StoreError as error:
        return NetworkState("unseen", problem=error.say(words))
    lease = fleet.leases.get(schema)
    if lease is None or not lease.is_live:
        return NetworkState("idle")
    return NetworkState("served", lease.worker, lease.since.astimezone(settings.timezone))
