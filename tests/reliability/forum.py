"""A forum with people and a bot that reads it, killed and started again beside it."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.channels.discourse import watchlist
from bot.demo.homeserver import free_port
from tests.forum import Forum
from tests.forum.state import Post, Topic
from tests.reliability.harness import Program, Tally
from tests.waiting import PATIENCE, until

BOT, CATEGORY = "concierge", "formations"
QUESTION = "@concierge Où trouver une formation de facilitateur ?"
OTHER = "@concierge un modele de fiche de poste svp"
SECRET = "a secret of the webhook"
QUICK = {"poll": 0.15}
"""As if time passed faster: so that a test waits moments, not minutes."""


class Forgetful(dict[str, Any]):
    """In place of the forum's memory of the last two minutes, which hides a post that is sent twice."""

    def __setitem__(self, key: str, value: Any) -> None: ...


@dataclass
class ForumScene:
    forum: Forum
    program: Program
    topics: list[Topic] = field(default_factory=list)

    def ask(self, name: str = "ana", text: str = QUESTION, topic: Topic | None = None) -> Post:
        return self.forum.say(name, topic or self.topics[0], text)

    async def marked(self) -> None:
        """The bot knows from where on posts are new."""
        await until(lambda: any(asked.path.endswith("/notifications.json") for asked in self.forum.requests))

    def tally(self) -> Tally:
        """By the ids of posts; what was deleted counts too, and what waits for a moderator."""
        replies: Counter[str] = Counter()
        for post in self.forum.posts_of(BOT, deleted=True):
            if answered := post.topic.numbered(post.reply_to):
                replies[str(answered.id)] += 1
        return Tally(replies)

    async def until_answered(self, *posts: Post, seconds: float = PATIENCE) -> None:
        ids = [str(post.id) for post in posts]
        try:
            await until(lambda: not self.tally().lost(ids), seconds)
        except TimeoutError:
            lost = self.tally().lost(ids)
            raise AssertionError(f"{len(lost)} of {len(ids)} posts have no reply: {lost[:3]}") from None

    async def one_reply_each(self, *posts: Post, seconds: float = PATIENCE) -> None:
        """Wait for the replies, then for one to a last question, behind which a second reply would have come."""
        await self.until_answered(*posts, seconds=seconds)
        last = self.forum.say("ben", CATEGORY, QUESTION, title=f"Une dernière question en route {len(self.topics)}")
        await self.until_answered(last, seconds=seconds)
        ids = [str(post.id) for post in (*posts, last)]
        assert {id: self.tally().replies[id] for id in ids} == dict.fromkeys(ids, 1)


async def open_forum(
    stack: AsyncExitStack, folder: Path, nest: Path, *, database: str = "", hook: bool = False, **settings: Any
) -> ForumScene:
    """With one topic by ana. `hook`: the forum rings when something happens; `settings`: of the forum's section."""
    forum = await stack.enter_async_context(Forum())
    forum.memo = Forgetful()
    forum.category(CATEGORY)
    secrets = {"CONCIERGE_DISCOURSE_API_KEY": forum.key, "CONCIERGE_DISCOURSE_WEBHOOK_SECRET": SECRET}
    scene = ForumScene(forum, Program(folder, secrets, nest, database))
    stack.push_async_callback(scene.program.end_all)
    scene.topics.append(forum.say("ana", CATEGORY, "Bonjour, voici de quoi parler.", title="De quoi parler ici").topic)
    section = {"url": forum.url, "username": BOT, "categories": [CATEGORY], **QUICK, **settings}
    port = free_port()
    scene.program.set_up(discourse=section, **({"web": {"address": port}} if hook else {}))
    if hook:
        forum.hook(f"http://127.0.0.1:{port}/hooks/discourse", SECRET)
    return scene


@asynccontextmanager
async def running_forum(
    folder: Path, group: str, *members: str, more_answers: str = "", **settings: Any
) -> AsyncIterator[ForumScene]:
    """With a bot in this process that sees edits at each look. `group`: of the moderators; `more_answers`: YAML."""
    async with AsyncExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(watchlist, "_INTERVALS", ((timedelta(days=1), 0.1),))
        scene = await open_forum(stack, folder, folder, moderators_group=group, **settings)
        scene.forum.group(group, *members)
        with (scene.program.folder / "knowledge" / "formations.yaml").open("a", encoding="utf-8") as file:
            file.write(more_answers)
        async with scene.program.up():
            await scene.marked()
            yield scene
