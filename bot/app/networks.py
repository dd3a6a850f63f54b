"""The networks of the settings: for each its channel, and how the bot speaks there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from bot.app.clock import SkewedClock
from bot.channels.discourse.channel import DiscourseChannel
from bot.channels.discourse.client import DiscourseClient
from bot.channels.discourse.search import ForumSearch
from bot.channels.discourse.site import Site
from bot.channels.matrix.channel import MatrixChannel
from bot.channels.matrix.login import Account
from bot.config import DiscourseSettings, MatrixSettings, Settings
from bot.conversation.policy import Rules
from bot.locale import wording
from bot.messages import Channel
from bot.replies import ForumReplies, Replies
from bot.store import Store

FORUM_AGE = timedelta(hours=1)
"""How old a forum's new topic may be to be overheard; what was posted while the bot was down, less."""


SILENCE = 120.0
"""Seconds: a homeserver answers each look within half a minute, and one that fails is made again within a minute."""


@dataclass(frozen=True, slots=True)
class Network:
    """`names`: what the bot is called by; `moderators`: user ids that the settings name; `silence`: seconds without a
    look at the network after which something is wrong.
    """

    channel: Channel
    replies: Replies
    names: tuple[str, ...]
    rules: Rules
    moderators: frozenset[str] = frozenset()
    silence: float = SILENCE


Limited = Callable[[str], None]
"""Told the name of a network that asks for a pause."""


def networks(
    settings: Settings, store: Store, time: SkewedClock, limited: Limited = lambda channel: None
) -> Iterator[Network]:
    if settings.matrix:
        yield _matrix(settings, settings.matrix, store, time, limited)
    if settings.discourse:
        yield _discourse(settings, settings.discourse, store, time, limited)


def forum_search(networks: Iterable[Network]) -> ForumSearch | None:
    """As a visitor without an account: what only members may read cannot be found."""
    channels = (network.channel for network in networks)
    return next((channel.search for channel in channels if isinstance(channel, DiscourseChannel)), None)


def _matrix(settings: Settings, matrix: MatrixSettings, store: Store, time: SkewedClock, limited: Limited) -> Network:
    tell = partial(limited, MatrixChannel.name)
    return Network(
        MatrixChannel(_account(settings, matrix), store, settings.name, time.said, tell),
        Replies(wording(settings.language), settings.name, settings.prefix, settings.timezone),
        settings.names,
        _rules(settings),
        frozenset(matrix.moderators),
    )


def _discourse(
    settings: Settings, forum: DiscourseSettings, store: Store, time: SkewedClock, limited: Limited
) -> Network:
    tell = partial(limited, DiscourseChannel.name)
    client = DiscourseClient(forum.url, forum.username, _key(settings), forum.pace, told_time=time.said, limited=tell)
    words, zone = wording(settings.language), settings.timezone
    return Network(
        DiscourseChannel(_site(forum), client, store, time),
        ForumReplies(words, settings.name, settings.prefix, zone, forum.moderators_group),
        (settings.name, f"@{forum.username}"),
        replace(_rules(settings), overheard_age=FORUM_AGE),
        silence=max(SILENCE, 3 * forum.poll),
    )


def _site(forum: DiscourseSettings) -> Site:
    return Site(
        url=forum.url,
        username=forum.username,
        categories=forum.categories,
        moderators_group=forum.moderators_group,
        ignore=forum.ignore,
        direct=forum.direct,
        poll=forum.poll,
        pace=forum.pace,
    )


def _key(settings: Settings) -> str | None:
    key = settings.secrets.discourse_api_key
    return key.get_secret_value() if key else None


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
        key_store=key_folder(settings),
    )


def key_folder(settings: Settings) -> Path:
    """Of the encryption keys."""
    return state_folder(settings) / "keys"


def state_folder(settings: Settings) -> Path:
    """Of what the bot keeps in files: that of a SQLite store; with PostgreSQL `var`, beside the knowledge."""
    kind, _, path = settings.store.get_secret_value().partition(":///")
    return Path(path).parent if kind == "sqlite" else settings.knowledge.absolute().parent / "var"
