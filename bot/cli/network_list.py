"""`networks`: who serves which network."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
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


@dataclass(frozen=True, slots=True)
class NetworkState:
    """`problem`: what is wrong with the settings, or why the store could not be looked at."""

    state: Literal["served", "idle", "faulty", "unseen"]
    problem: str | None = None


def networks(config: Configs = None, as_json: AsJson = False, verbose: Verbose = False) -> None:
    """Say of each network whether a bot serves it.

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
    states = dict(_states(files))
    if as_json:
        print(json.dumps({name: asdict(state) for name, state in states.items()}, ensure_ascii=False))
    else:
        for name, state in states.items():
            words = wording(language(files[name]))
            print(f"{name:{max(map(len, states))}}  {_said(state, words)}")
    raise typer.Exit(0 if all(state.state == "served" for state in states.values()) else 1)


def _said(state: NetworkState, words: Wording) -> str:
    return words(f"program.network_{state.state}", **asdict(state))


def _states(files: Mapping[str, Path]) -> Iterator[tuple[str, NetworkState]]:
    """Yield each network with its state. Servers that do not answer are asked once."""
    stores: dict[str, str] = {}
    failures: dict[str, StoreError] = {}
    for name, file in files.items():
        words = wording(language(file))
        settings, problem = _settings(file, words)
        store = settings.store.get_secret_value() if settings else ""
        if settings and (other := stores.setdefault(store, name)) != name:
            problem = words("program.network_same_store", other=other)
        yield name, NetworkState("faulty", problem) if problem else _store_state(store, failures, words)


def _settings(file: Path, words: Wording) -> tuple[Settings | None, str]:
    """Return the settings, and the first problem that keeps a bot from serving them."""
    try:
        settings = load(file, os.environ)
    except Faulty as fault:
        return None, fault.problems[0].say(words)
    keys = (network.kind.secret_problem(network.secrets) for network in settings.networks)
    return settings, next((words(key) for key in keys if key), "")


def _store_state(store: str, failures: dict[str, StoreError], words: Wording) -> NetworkState:
    """`failures`: of the databases that could not be reached, by their address without its parameters."""
    from bot.store import StoreError
    from bot.store.inspection import inspect_store

    server = store.partition("?")[0]
    try:
        if server in failures:
            raise failures[server]
        return NetworkState("served" if inspect_store(store).is_locked else "idle")
    except StoreError as error:
        failures[server] = error
        return NetworkState("unseen", error.say(words))
