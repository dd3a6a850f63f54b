"""The networks of the settings: for each its channel, built, and how the bot speaks there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from bot.app.clock import SkewedClock
from bot.channels.channel_kind import ChannelInstance, Runtime
from bot.channels.fields import SILENCE
from bot.config.settings import Settings
from bot.conversation.context import Context, ConversationSettings, Reloaded, RunningBot
from bot.conversation.policy import Rules
from bot.locale import wording
from bot.matching.index import Index
from bot.messages import Capabilities, Channel, TopicSearch
from bot.replies import ForumReplies, Replies
from bot.store import Store


@dataclass(frozen=True, slots=True)
class Network:
    """`names`: what the bot is called by; `moderators`: user ids of the settings; `silence`: seconds without news from
    the network after which something is wrong.
    """

    channel: Channel
    replies: Replies
    names: tuple[str, ...]
    rules: Rules
    moderators: frozenset[str] = frozenset()
    silence: float = SILENCE

    def context(self, settings: Settings, store: Store, time: SkewedClock, index: Callable[[], Index]) -> Context:
        """Return the least that a conversation needs: to answer and to report; it neither changes nor rereads files."""

        async def reload() -> Reloaded:
            return Reloaded(len(index().knowledge.entries))

        own = ConversationSettings(
            limits=settings.limits,
            rules=self.rules,
            names=self.names,
            prefix=settings.prefix,
            moderators=self.moderators,
            retention=settings.retention.questions,
            timezone=settings.timezone,
        )
        return Context(self.channel, store, self.replies, index, time, own, RunningBot(reload))


OnRateLimited = Callable[[str], None]
"""Called with the name of a network that asks for a pause."""


def networks(
    settings: Settings,
    store: Store,
    time: SkewedClock,
    on_rate_limited: OnRateLimited = lambda channel: None,
) -> Iterator[Network]:
    opening = None if settings.has_moderators_room else _moderators_opening(settings)
    for instance in settings.networks:
        on_limited = partial(on_rate_limited, instance.name)
        keys = key_folder(settings)
        runtime = Runtime(settings.name, store.memory, time, keys, time.on_server_time, on_limited, opening)
        yield Network(
            instance.kind.build(instance, runtime),
            _replies(settings, instance),
            (settings.name, *instance.settings.names),
            _rules(settings, instance.kind.capabilities),
            instance.settings.moderator_ids,
            instance.settings.silence,
        )


def topic_search(networks: Iterable[Network]) -> TopicSearch | None:
    """That of the first network which has one."""
    return next((search for network in networks if (search := network.channel.topic_search)), None)


def _moderators_opening(settings: Settings) -> tuple[str, str]:
    words, always = (
        wording(settings.language),
        {"name": settings.name, "call": f"{settings.prefix}{settings.name.casefold()}"},
    )
    return words("replies.moderators_title", **always), words("replies.moderators_opening", **always)


def _replies(settings: Settings, instance: ChannelInstance[Any]) -> Replies:
    spoken = (wording(settings.language), settings.name, settings.prefix, settings.timezone)
    pages = settings.web.page_address if settings.web else ""
    around: dict[str, Any] = {"contact": settings.contact, "pages": pages, "has_team": settings.has_team}
    if instance.kind.capabilities.has_topics:
        return ForumReplies(*spoken, instance.settings.moderator_group, **around)
    return Replies(*spoken, reacts=instance.kind.capabilities.reacts, **around)


def _rules(settings: Settings, capabilities: Capabilities) -> Rules:
    rules = Rules(settings.answers.per_hour, settings.flood.questions)
    return replace(rules, overheard_age=capabilities.overheard_age) if capabilities.overheard_age else rules


def key_folder(settings: Settings) -> Path:
    """Folder of the encryption keys."""
    return state_folder(settings) / "keys"


def state_folder(settings: Settings) -> Path:
    """Folder of the bot's files: that of a SQLite store; with PostgreSQL `var`, beside the knowledge."""
    kind, _, path = settings.store.get_secret_value().partition(":///")
    return Path(path).parent if kind == "sqlite" else settings.knowledge.absolute().parent / "var"
