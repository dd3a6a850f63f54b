"""The forum that commands read: topics for `import`, what was said for `rehearse`. What cannot be read ends them."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from bot.channels.channel_kind import ChannelInstance, OnRead, TopicReader
from bot.channels.registry import CHANNELS
from bot.cli.setup import fail, progress_bar, words_of
from bot.config.loading import load
from bot.config.settings import Settings
from bot.locale import Wording
from bot.messages import ChannelError, Past, WholeTopic

Found = TypeVar("Found")
Read = Callable[[str, str, ChannelInstance[Any] | None, OnRead], Coroutine[Any, Any, Found | None]]


def is_address(text: str) -> bool:
    return text.startswith(("https://", "http://"))


def topics_at(address: str, settings: Settings) -> list[WholeTopic]:
    """Return the topics of a category; or one topic, by its own address."""
    reader, words = _topic_reader(settings), words_of(settings)
    url, number = reader.locate(address) or (None, 0)
    if url is None:
        return _of_category(address, settings, reader.read_category)
    topic = _fetched(reader.read(url, number, _own_forum(reader, settings, url)), url, words)
    if topic is None or not topic.posts:
        fail(words("import.private_topic" if topic and topic.private else "import.no_topic", topic=address), 1)
    return [topic]


def past_at(address: str, settings: Settings) -> Past:
    """Return what was said in a category."""
    return _of_category(address, settings, _topic_reader(settings).read_past)


def _of_category(address: str, settings: Settings, read: Read[Found]) -> Found:
    reader, words = _topic_reader(settings), words_of(settings)
    located = reader.locate_category(address)
    if located is None:
        fail(f"{address}: {words('import.no_category', detail=address)}", 2)
    with progress_bar(words("import.reading")) as progress:
        found = _fetched(read(*located, _own_forum(reader, settings, located[0]), progress), located[0], words)
    if found is None:
        fail(f"{address}: {words('import.closed_category', detail=located[1])}", 2)
    return found


def _fetched(reading: Coroutine[Any, Any, Found | None], url: str, words: Wording) -> Found | None:
    try:
        return asyncio.run(reading)
    except ChannelError as trouble:
        fail(words("import.trouble", url=url, trouble=trouble), 1)


def _topic_reader(settings: Settings) -> TopicReader[Any]:
    """Return the reader of the settings' network that has topics, else of any."""
    kinds = [network.kind for network in settings.networks if network.kind.topics] or [*CHANNELS.values()]
    return next(kind.topics() for kind in kinds if kind.topics)


def _own_forum(reader: TopicReader[Any], settings: Settings, url: str) -> ChannelInstance[Any] | None:
    """Return the settings' forum with its secrets if it stands at that address; another one is read as a visitor."""
    forum = next((network for network in settings.networks if network.kind.topics), None)
    if forum is None or settings.file is None or reader.home(forum.settings) != url.rstrip("/"):
        return None
    return next(network for network in load(settings.file, os.environ).networks if network.name == forum.name)
