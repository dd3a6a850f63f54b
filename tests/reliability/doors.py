"""One bot in a room and on a forum at once."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from bot.demo.homeserver import Homeserver
from tests.forum import Forum
from tests.forum.state import Post
from tests.reliability.forum import BOT, CATEGORY, QUESTION, QUICK, Forgetful, ForumScene
from tests.reliability.harness import ASKED, end
from tests.reliability.scene import Scene, set_up
from tests.waiting import PATIENCE

UNKNOWN = "concierge : comment réparer une imprimante Prusa qui fume ?"


@dataclass
class Doors:
    room: Scene
    forum: ForumScene
    questions: list[str] = field(default_factory=list)  # in the room
    posts: list[Post] = field(default_factory=list)  # on the forum

    async def ask(self, random: Random) -> None:
        """On one side or on both at once."""
        if random.random() < 0.7:
            self.questions.append(await self.room.ana.say(self.room.room, ASKED))
        if random.random() < 0.7:
            title = f"Encore une question, la {len(self.posts)} du jour"
            self.posts.append(self.forum.forum.say(random.choice(("ana", "ben")), CATEGORY, QUESTION, title=title))

    async def ask_and_kill(self, random: Random, kills: int, each: int) -> None:
        """Start the bot and kill it so many times, people asking on both sides all the while. It is down then."""
        for _ in range(kills):
            process = await self.room.concierge.start()
            for _ in range(each):
                await self.ask(random)
                await asyncio.sleep(random.uniform(0, 0.8))
            await end(process)

    async def one_reply_each(self, seconds: float = PATIENCE) -> None:
        await self.forum.one_reply_each(*self.posts, seconds=seconds)
        await self.room.one_reply_each(*self.questions, seconds=seconds)

    async def wrong(self) -> tuple[int, int]:
        """How many were lost, and how many doubled."""
        tallies = [(await self.room.tally(), self.questions), (self.forum.tally(), [str(p.id) for p in self.posts])]
        return (
            sum(len(tally.lost(asked)) for tally, asked in tallies),
            sum(len(tally.doubled(asked)) for tally, asked in tallies),
        )


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
