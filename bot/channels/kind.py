"""What a network's package exports: its settings, how its channel is built, what it can do, the doctor's checks.

Such a value is imported by every command, so it imports the network's libraries only when one of its functions is
called.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

from bot.channels.fields import ChannelSettings
from bot.channels.findings import Finding
from bot.messages import Capabilities, Channel, Memory, WholeTopic

S = TypeVar("S", bound=ChannelSettings)


@dataclass(frozen=True, slots=True)
class ChannelInstance(Generic[S]):
    """A network of the settings file.

    `name`: its own, which rows of the store, metrics and log lines carry. `secrets`: those that are set, by the names
    that the kind gives them. `digest_places`: where its weekly post goes, as the settings name the places.
    """

    name: str
    kind: ChannelKind[S]
    settings: S
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    digest_places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Runtime:
    """What the program gives a channel. `on_time`: takes the time by the network's server; `on_rate_limited`: called
    with each request that the server refuses as one too many.
    """

    bot_name: str
    memory: Memory
    clock: Callable[[], datetime]
    key_folder: Path
    on_time: Callable[[datetime], None]
    on_rate_limited: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Examination:
    """What the doctor knows of the set-up. `notes`: texts of the store's memory, by name; `web_host`: where the bot's
    own HTTP server listens, None: it has none.
    """

    notes: Mapping[str, str]
    clock: Callable[[], datetime]
    web_host: str | None


@dataclass(frozen=True, slots=True)
class DigestKey:
    """The key of the settings' `digest` section that names where the weekly post goes on this kind of network: type
    and default of its value, whether the network's section (None: there is none) knows a place, and the sentence,
    under `problems`, where it does not.
    """

    name: str
    type: Any
    default: tuple[str, ...] | None
    is_known: Callable[[Any, str], bool]
    problem: str


@dataclass(frozen=True, slots=True)
class WebhookFormat:
    """Pushes from the network to `/hooks/<name>`: the secret whose HMAC they carry, the header that has it, and what
    is called with the channel when a push is genuine."""

    secret: str
    header: str
    on_push: Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class TopicReader(Generic[S]):
    """Reading a whole topic, for `propose`. `locate`: address of the network, None where only an id is given, and the
    id; None for what is neither. `home`: the address of the settings' network. `read`: raises ChannelError.
    """

    locate: Callable[[str], tuple[str | None, int] | None]
    home: Callable[[S], str]
    read: Callable[[str, int, ChannelInstance[S] | None], Awaitable[WholeTopic | None]]


Check = Callable[[ChannelInstance[S], Examination], AsyncIterator[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelKind(Generic[S]):
    """`name`: of its section in the settings file.

    `secrets`: names of what comes from the environment as `CONCIERGE_<NAME>_<SECRET>`, each with a pattern of the keys
    under which people put it into the file instead. `secret_problem`: key of the sentence on a secret without which
    the bot cannot run. `checks`: the doctor's, by the area of its report. `notes`: names in the store's memory that
    they need. `fit_restored_keys`: makes a file of keys usable that comes out of a backup.
    """

    name: str
    settings: type[S]
    capabilities: Capabilities
    build: Callable[[ChannelInstance[S], Runtime], Channel]
    secrets: Mapping[str, str] = field(default_factory=dict)
    secret_problem: Callable[[Mapping[str, str]], str | None] = lambda secrets: None
    checks: Mapping[str, Check[S]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    digest: DigestKey | None = None
    webhook: WebhookFormat | None = None
    topics: TopicReader[S] | None = None
    fit_restored_keys: Callable[[Path], None] = lambda path: None
