"""The forum that commands read: its topics for `propose`, a category for `import` and `rehearse`. What cannot be read
ends the command."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bot.channels.registry import CHANNELS
from bot.cli.setup import config_path, fail, progress_bar
from bot.config.loading import load

if TYPE_CHECKING:
    from bot.channels.channel_kind import ChannelInstance, TopicReader
    from bot.config.settings import Settings
    from bot.locale import Wording
    from bot.matching.embedding_cache import Progress

Found = TypeVar("Found")
Read = Callable[[str, str, "ChannelInstance[Any] | None", "Progress"], Coroutine[Any, Any, Found | None]]


def is_address(text: str) -> bool:
    return text.startswith(("https://", "http://"))


def forum_reader(settings: Settings) -> tuple[TopicReader[Any], ChannelInstance[Any] | None]:
    """How topics are read, and the network of the settings, if there is one that has topics."""
    network = next((network for network in settings.networks if network.kind.topics), None)
    kinds = [network.kind] if network else CHANNELS.values()
    return next(kind.topics() for kind in kinds if kind.topics), network


def own_forum(
    reader: TopicReader[Any], forum: ChannelInstance[Any] | None, url: str, config: Path | None
) -> ChannelInstance[Any] | None:
    """The settings' forum with its secrets, where it stands at that address; another one is read as a visitor."""
    path = config_path(config)
    if forum is None or path is None or reader.home(forum.settings) != url:
        return None
    return next(network for network in load(path, os.environ).networks if network.name == forum.name)


def read_category(
    address: str,
    settings: Settings,
    config: Path | None,
    words: Wording,
    read: Callable[[TopicReader[Any]], Read[Found]],
) -> Found:
    """`read`: which of the reader's functions. With the settings' key where it is the settings' forum."""
    from bot.messages import ChannelError

    reader, forum = forum_reader(settings)
    located = reader.locate_category(address)
    if located is None:
        fail(f"{address}: {words('import.no_category', detail=address)}", 2)
    own = own_forum(reader, forum, located[0], config)
    try:
        with progress_bar(words("import.reading")) as progress:
            found = asyncio.run(read(reader)(*located, own, progress))
    except ChannelError as trouble:
        fail(words("import.trouble", url=located[0], trouble=trouble), 1)
    if found is None:
        fail(f"{address}: {words('import.closed_category', detail=located[1])}", 2)
    return found
