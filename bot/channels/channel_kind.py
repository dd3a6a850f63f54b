"""What a network's package exports: its settings, how its channel is built, what it can do, the doctor's checks.

Such a value is imported by every command, so it imports the network's libraries only when one of its functions is
called.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

from bot.channels.fields import ChannelSettings
from bot.channels.findings import Finding
from bot.channels.interview import Interview, SectionAnswers
from bot.messages import Capabilities, Channel, Memory, Past, WholeTopic

S = TypeVar("S", bound=ChannelSettings)


@dataclass(frozen=True, slots=True)
class ChannelInstance(Generic[S]):
    """A network of the settings file."""

    name: str  # its own, by which the store, metrics, webhooks and log lines know it
    kind: ChannelKind[S]
    settings: S
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)  # those that are set
    digest_places: tuple[str, ...] = ()  # where its weekly post goes, as the settings name the places


@dataclass(frozen=True, slots=True)
class Runtime:
    """What the program gives to a channel."""

    bot_name: str
    memory: Memory
    clock: Callable[[], datetime]
    key_folder: Path
    on_time: Callable[[datetime], None]  # takes the time by the network's server
    on_rate_limited: Callable[[], None]  # with each request that the server refuses as one too many
    moderators_opening: tuple[str, str] | None = None
    """Title and first words of a private message that serves as the moderators' room; None: theirs is elsewhere."""


@dataclass(frozen=True, slots=True)
class Examination:
    """What the doctor knows of the set-up beside the network."""

    notes: Mapping[str, str]  # of the store's memory, by name
    clock: Callable[[], datetime]
    web_host: str | None  # of the bot's own HTTP server; None: it has none
    has_moderators_room: bool  # on any network


@dataclass(frozen=True, slots=True)
class DigestKey:
    """The key of the `digest` section that names where the weekly post goes on this kind of network."""

    name: str
    type: Any  # of its value: a text, several or None
    default: tuple[str, ...] | None
    is_known: Callable[[Any, str], bool]  # whether the network's section, None without one, allows a place
    problem: str  # sentence under `problems` where it does not


@dataclass(frozen=True, slots=True)
class WebhookFormat:
    """Pushes from a network's server to `/hooks/<name of the instance>`."""

    secret: str  # name of the secret; without one there is no webhook
    header: str  # has `sha256=` and the HMAC of the body
    on_push: Callable[[Any], None]  # called with the channel


@dataclass(frozen=True, slots=True)
class TopicReader(Generic[S]):
    """Reads whole topics, for `propose` and `import`, and all that was said in a category, for `rehearse`."""

    locate: Callable[[str], tuple[str | None, int] | None]  # address of the network, if given, and id of the topic
    home: Callable[[S], str]  # address of the settings' network
    read: Callable[[str, int, ChannelInstance[S] | None], Coroutine[Any, Any, WholeTopic | None]]  # raises ChannelError
    locate_category: Callable[[str], tuple[str, str] | None]  # address of the network, and the category
    read_category: Callable[
        [str, str, ChannelInstance[S] | None, Callable[[int, int], None]], Coroutine[Any, Any, list[WholeTopic] | None]
    ]
    read_past: Callable[
        [str, str, ChannelInstance[S] | None, Callable[[int, int], None]], Coroutine[Any, Any, Past | None]
    ]


Check = Callable[[ChannelInstance[S], Examination], AsyncIterator[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelKind(Generic[S]):
    name: str  # of its section in the settings file
    settings: type[S]
    capabilities: Capabilities
    build: Callable[[ChannelInstance[S], Runtime], Channel]
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Environment variables `CONCIERGE_<NAME>_<SECRET>`, each with a pattern of the keys that people write instead."""
    secret_problem: Callable[[Mapping[str, str]], str | None] = lambda secrets: None
    """Key of the sentence on a missing or invalid secret without which the bot cannot run."""
    checks: Mapping[str, Check[S]] = field(default_factory=dict)  # the doctor's, by area of its report
    notes: tuple[str, ...] = ()  # names in the store's memory that the checks need
    digest: DigestKey | None = None
    webhook: WebhookFormat | None = None
    topics: Callable[[], TopicReader[S]] | None = None
    read_export: Callable[[Any, S | None], Past | None] = lambda raw, settings: None
    """What the JSON of an export says, read with the network's section if there is one; None: it is something else."""
    interview: Callable[[Interview], Awaitable[SectionAnswers | None]] | None = None
    """Asks what its section needs; None: the network is not wanted."""
    fit_restored_keys: Callable[[Path], None] = lambda path: None
    """Makes a file of encryption keys from a backup usable."""
