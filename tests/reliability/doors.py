"""One bot in a room and on a forum at once."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.demo.homeserver import Homeserver
from tests.forum import Forum
from tests.reliability.forum import BOT, CATEGORY, QUICK, Forgetful, ForumScene
from tests.reliability.scene import Scene, set_up

UNKNOWN = "concierge : comment réparer une imprimante Prusa qui fume ?"


@dataclass
class Doors:
    room: Scene
    forum: ForumScene


async def open_doors(
    stack: AsyncExitStack, server: Homeserver, folder: Path, nest: Path, *, database: str = "", **settings: Any
) -> Doors:
    """`settings`: of the forum's section."""
    room = await set_up(stack, server, folder, nest, database=database)
    forum = await stack.enter_async_context(Forum())
    forum.memo = Forgetful()
    forum.category(CATEGORY)
    room.concierge.add("discourse", url=forum.url, username=BOT, categories=[CATEGORY], **QUICK, **settings)
    room.concierge.secrets["CONCIERGE_DISCOURSE_API_KEY"] = forum.key
    return Doors(room, ForumScene(forum, room.concierge))
