"""The networks of the settings: for each its channel, and how the bot speaks there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.channels.matrix import Account, MatrixChannel
from bot.config import MatrixSettings, Settings
from bot.messages import Channel
from bot.policy import Rules
from bot.replies import Replies
from bot.store import Store
from bot.wording import wording


@dataclass(frozen=True, slots=True)
class Network:
    """`names`: what the bot is called by; `moderators`: user ids that the settings name."""

    channel: Channel
    replies: Replies
    names: tuple[str, ...]
    rules: Rules
    moderators: frozenset[str] = frozenset()


def networks(settings: Settings, store: Store) -> Iterator[Network]:
    if settings.matrix:
        yield _matrix(settings, settings.matrix, store)


def _matrix(settings: Settings, matrix: MatrixSettings, store: Store) -> Network:
    return Network(
        MatrixChannel(_account(settings, matrix), store, settings.name),
        Replies(wording(settings.language), settings.name, settings.prefix, settings.timezone),
        settings.names,
        _rules(settings),
        frozenset(matrix.moderators),
    )


def _rules(settings: Settings) -> Rules:
    return Rules(settings.answers.per_hour, settings.flood.questions, settings.flood.window)


def _account(settings: Settings, matrix: MatrixSettings) -> Account:
    secrets = settings.secrets
    return Account(
        homeserver=matrix.homeserver,
        user=matrix.user,
        password=secrets.matrix_password.get_secret_value() if secrets.matrix_password else None,
        signing_seed=secrets.matrix_signing_seed.get_secret_value() if secrets.matrix_signing_seed else None,
        access_token=secrets.matrix_access_token.get_secret_value() if secrets.matrix_access_token else None,
        rooms=tuple(matrix.listening.items()),
        direct=matrix.direct,
        moderators_room=matrix.moderators_room,
        ignore=matrix.ignore,
        encryption=matrix.encryption,
        key_store=_beside_the_store(settings) / "keys",
    )


def _beside_the_store(settings: Settings) -> Path:
    """The folder of a SQLite store; beside a PostgreSQL one, `var` beside the knowledge."""
    kind, _, path = settings.store.get_secret_value().partition(":///")
    return Path(path).parent if kind == "sqlite" else settings.knowledge.absolute().parent / "var"
