"""Description of a network that its package exports: settings, channel, capabilities, the doctor's checks.

Every command imports it, so it imports the network's libraries only when one of its functions is called.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

from bot.channels.fields import ChannelSettings
from bot.channels.findings import Finding
from bot.channels.interview import Interview, SectionAnswers
from bot.messages import Capabilities, Channel, KeyRows, Memory, Past, WholeTopic

S = TypeVar("S", bound=ChannelSettings)
OnRead = Callable[[int, int], None]  # receives how many topics were read, of how many


@dataclass(frozen=True, slots=True)
class ChannelInstance(Generic[S]):
    """A network of the settings file."""

    name: str  # unique; used by the store, metrics, webhooks and log lines
    kind: ChannelKind[S]
    settings: S
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)  # the ones that are set
    digest_places: tuple[str, ...] = ()  # where its weekly post goes, as named in the settings


@dataclass(frozen=True, slots=True)
class Runtime:
    """Objects and callbacks that the program gives to a channel."""

    bot_name: str
    memory: Memory
    key_rows: KeyRows
    clock: Callable[[], datetime]
    key_folder: Path
    on_time: Callable[[datetime], None]  # receives the time of the network's server
    on_rate_limited: Callable[[], None]  # called with each request that is refused as one too many
    moderators_opening: tuple[str, str] | None = None
    """Title and first post of a private message that serves as the moderators' room; None if theirs is elsewhere."""
    seconds_left: Callable[[], float] = lambda: math.inf
    """For how long this process may speak for the network, unless it hears otherwise; 0 once another process may."""


@dataclass(frozen=True, slots=True)
class Examination:
    """Facts of the set-up, beside the network, that the doctor's checks need."""

    notes: Mapping[str, str]  # of the store's memory, by name
    clock: Callable[[], datetime]
    web_host: str | None  # of the bot's own HTTP server; None: it has none
    has_moderators_room: bool  # on any network


@dataclass(frozen=True, slots=True)
class DigestKey:
    """Key of the `digest` section that names where the weekly post goes on this kind of network."""

    name: str
    type: Any  # of its value: a text, several texts or None
    default: tuple[str, ...] | None
    is_known: Callable[[Any, str], bool]  # (section or None, place): whether the section allows the place
    problem: str  # sentence under `problems` where it does not


@dataclass(frozen=True, slots=True)
class WebhookFormat:
    """Format of pushes from a network's server to `/hooks/<name of the instance>`."""

    secret: str  # name of the secret; without one there is no webhook
    header: str  # holds `sha256=` and the HMAC of the body
    on_push: Callable[[Any], None]  # called with the channel


@dataclass(frozen=True, slots=True)
class TopicReader(Generic[S]):
    """Reads whole topics, for `import`, and the messages of a category, for `rehearse`."""

    locate: Callable[[str], tuple[str | None, int] | None]  # address of the network, if given, and id of the topic
    home: Callable[[S], str]  # address of the settings' network
    read: Callable[[str, int, ChannelInstance[S] | None], Coroutine[Any, Any, WholeTopic | None]]  # raises ChannelError
    locate_category: Callable[[str], tuple[str, str] | None]  # address of the network, and the category
    read_category: Callable[[str, str, ChannelInstance[S] | None, OnRead], Coroutine[Any, Any, list[WholeTopic] | None]]
    read_past: Callable[[str, str, ChannelInstance[S] | None, OnRead], Coroutine[Any, Any, Past | None]]


Check = Callable[[ChannelInstance[S], Examination], AsyncIterator[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelKind(Generic[S]):
    name: str  # of its section in the settings file
    settings: type[S]
    capabilities: Capabilities
    build: Callable[[ChannelInstance[S], Runtime], Channel]
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Secrets, from environment variables `CONCIERGE_<NAME>_<SECRET>`, each with a pattern of keys that people write
    instead."""
    for_all: frozenset[str] = frozenset()  # secrets that may be one for all networks of a process
    secret_problem: Callable[[Mapping[str, str]], str | None] = lambda secrets: None
    """Returns the key of the sentence on a missing or invalid secret without which the bot cannot run."""
    checks: Mapping[str, Check[S]] = field(default_factory=dict)  # the doctor's, by area of its report
    notes: tuple[str, ...] = ()  # names in the store's memory that the checks need
    retired: tuple[str, ...] = ()
    """Keys of its section in earlier versions that are no longer needed; `problems.setting_unneeded_<key>` says why."""
    digest: DigestKey | None = None
    webhook: WebhookFormat | None = None
    topics: Callable[[], TopicReader[S]] | None = None
    read_export: Callable[[Any, S | None], Past | None] = lambda raw, settings: None
    """Reads the JSON of an export, with the network's section if there is one; None if it is something else."""
    interview: Callable[[Interview, ChannelInstance[S] | None], Awaitable[SectionAnswers | None]] | None = None
    """Asks for the values of its section, from those that stand there; None if the network is not wanted."""
    fit_restored_keys: Callable[[Path], None] = lambda path: None
    """Makes a file of encryption keys from a backup usable."""
