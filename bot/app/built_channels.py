"""The channels of the settings, built, and how the bot speaks in each."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from bot.app.clock import SkewedClock
from bot.channels.channel_kind import Runtime
from bot.channels.fields import SILENCE
from bot.config.settings import Settings
from bot.conversation.context import Context, ConversationSettings, Reloaded, RunningBot
from bot.conversation.policy import Rules
from bot.locale import wording
from bot.matching.index import Index
from bot.messages import Channel, TopicSearch
from bot.replies import ForumReplies, Replies
from bot.store import Store


@dataclass(frozen=True, slots=True)
class BuiltChannel:
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


def built_channels(
    settings: Settings,
    store: Store,
    time: SkewedClock,
    on_rate_limited: Callable[[str], None] = lambda channel: None,
) -> Iterator[BuiltChannel]:
    """Yield each of the settings. `on_rate_limited`: called with the name of one whose network asks for a pause."""
    opening = None
    if not settings.has_moderators_room:
        words, call = wording(settings.language), f"{settings.prefix}{settings.name.casefold()}"
        title = words("replies.moderators_title", name=settings.name)
        opening = title, words("replies.moderators_opening", name=settings.name, call=call)
    keys = key_folder(settings)
    for instance in settings.networks:
        own, can = instance.settings, instance.kind.capabilities
        on_limited = partial(on_rate_limited, instance.name)
        stored, hears = (store.memory, store.device_keys), (time.on_server_time, on_limited)
        runtime = Runtime(settings.name, *stored, time, keys, *hears, opening, store.seconds_left)
        in_topics = {"team": own.moderator_group} if can.has_topics else {"reacts": can.reacts}
        rules = Rules(settings.answers.per_hour, settings.flood.questions)
        if can.overheard_age:
            rules = replace(rules, overheard_age=can.overheard_age)
        yield BuiltChannel(
            instance.kind.build(instance, runtime),
            replies(settings, ForumReplies if can.has_topics else Replies, **in_topics),
            (settings.name, *own.names),
            rules,
            own.moderator_ids,
            own.silence,
        )


def replies(settings: Settings, form: type[Replies] = Replies, **of_network: Any) -> Replies:
    """Return the bot's sentences as the settings have them; `of_network`: see `Sentences`."""
    spoken = (wording(settings.language), settings.name, settings.prefix, settings.timezone)
    pages = settings.web.page_address if settings.web else ""
    return form(*spoken, contact=settings.contact, pages=pages, has_team=settings.has_team, **of_network)


def topic_search(built: Iterable[BuiltChannel]) -> TopicSearch | None:
    """Return the search of the first channel that has one."""
    return next((search for one in built if (search := one.channel.topic_search)), None)


def key_folder(settings: Settings) -> Path:
    """Folder of the encryption keys."""
    return state_folder(settings) / "keys"


def state_folder(settings: Settings) -> Path:
    """Folder of the bot's files: that of a SQLite store; with PostgreSQL `var`, beside the knowledge."""
    kind, _, path = settings.store.get_secret_value().partition(":///")
    return Path(path).parent if kind == "sqlite" else settings.knowledge.absolute().parent / "var"
