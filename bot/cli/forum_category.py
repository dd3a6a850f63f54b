"""A category of a forum, read for `import` and `rehearse`; what cannot be read ends the command."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bot.cli.propose import forum_reader, with_secrets
from bot.cli.setup import fail, progress_bar

if TYPE_CHECKING:
    from bot.channels.channel_kind import ChannelInstance, TopicReader
    from bot.config import Settings
    from bot.locale import Wording
    from bot.matching.embedding_cache import Progress

Found = TypeVar("Found")
Read = Callable[[str, str, "ChannelInstance[Any] | None", "Progress"], Awaitable[Found | None]]


def is_address(text: str) -> bool:
    return text.startswith(("https://", "http://"))


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
    own = with_secrets(config, forum) if forum and reader.home(forum.settings) == located[0] else None
    try:
        with progress_bar(words("import.reading")) as progress:
            found = asyncio.run(_run(read(reader)(*located, own, progress)))
    except ChannelError as trouble:
        fail(words("import.trouble", url=located[0], trouble=trouble), 1)
    if found is None:
        fail(f"{address}: {words('import.closed_category', detail=located[1])}", 2)
    return found


async def _run(reading: Awaitable[Found]) -> Found:
    return await reading
