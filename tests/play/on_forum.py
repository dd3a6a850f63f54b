"""The play on the forum of the tests: the bot as it runs, a topic for each place, a private message for moderators."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from unicodedata import normalize

import pytest

from bot.channels.discourse import watchlist
from tests.forum.state import Post, Topic
from tests.play.rooms import KNOWLEDGE, waiting
from tests.play.script import MODERATION, MODERATORS, Scene
from tests.play.stage import Act, Words
from tests.reliability.forum import BOT, CATEGORY, ForumScene, open_forum
from tests.waiting import PATIENCE

FORUM = Path(__file__).parent / "forum.md"
_GROUP = "equipe"
_FENCES = 2  # questions in a topic of their own, answered after all that was said before them was looked at


@dataclass
class OnForum:
    """See `stage.Stage`. Ids are those of the forum's posts."""

    scene: ForumScene
    store: Path
    acts: list[Act] = field(default_factory=list)
    _topics: dict[str, Topic] = field(default_factory=dict)  # by place
    _standing: dict[str, str] = field(default_factory=dict)  # the bot's posts that were seen, in their words

    async def write(self, who: str, place: str, words: Words) -> str:
        if words.replaces:
            self.scene.forum.edit(self._post(words.replaces), words.text)
            return words.replaces
        where = self._topic(place) or CATEGORY
        to = self._post(words.to) if words.to else None
        title = words.text.removeprefix(f"@{BOT} ")
        post = self.scene.forum.say(_username(who), where, words.text, title=title, reply_to=to)
        self._topics.setdefault(place, post.topic)
        return str(post.id)

    async def react(self, who: str, place: str, target: str, key: str) -> str:
        raise NotImplementedError("not on a forum")

    async def remove(self, who: str, place: str, target: str) -> None:
        self.scene.forum.delete(self._post(target))

    async def give(self, name: str, text: str) -> None:
        raise NotImplementedError("in the first week only")

    async def settle(self) -> None:
        for _ in range(_FENCES):
            await self.scene.until_answered(self.scene.ask(_username(MODERATORS[0])))
        async with asyncio.timeout(PATIENCE):
            while waiting(self.store):  # noqa: ASYNC110 (the store tells nobody)
                await asyncio.sleep(0.02)
        for post in self.scene.forum.posts_of(BOT, deleted=True):
            if place := self._place(post.topic):
                self.acts += self._changes(place, post)

    async def wait(self, time: timedelta) -> None:
        await asyncio.sleep(time.total_seconds())

    async def absent(self, begins: bool) -> None:
        raise NotImplementedError("on paper only")

    def _post(self, id: str) -> Post:
        return self.scene.forum.board.posts[int(id)]

    def _topic(self, place: str) -> Topic | None:
        if place != MODERATION:
            return self._topics.get(place)
        return next(topic for topic in self.scene.forum.board.topics.values() if _GROUP in topic.groups)

    def _place(self, topic: Topic) -> str:
        return MODERATION if _GROUP in topic.groups else next((p for p, t in self._topics.items() if t is topic), "")

    def _changes(self, place: str, post: Post) -> list[Act]:
        id, before = str(post.id), self._standing.get(str(post.id))
        if post.deleted_at or post.user_deleted_at:
            return [Act("removal", place, id, target=id)] if self._standing.pop(id, None) else []
        self._standing[id] = post.raw
        if before is None:
            answered = post.topic.numbered(post.reply_to)
            return [Act("message", place, id, post.raw, str(answered.id) if answered else None)]
        return [Act("edit", place, id, post.raw, target=id)] if before != post.raw else []


class ForumHouse:
    """For each scene a forum and a bot of its own."""

    @asynccontextmanager
    async def open(self, folder: Path, _: Scene) -> AsyncIterator[OnForum]:
        async with AsyncExitStack() as stack:
            patch = stack.enter_context(pytest.MonkeyPatch.context())
            patch.setattr(watchlist, "_INTERVALS", ((timedelta(days=1), 0.1),))
            scene = await open_forum(stack, folder, folder, moderators_group=_GROUP)
            shutil.copytree(KNOWLEDGE, scene.program.folder / "knowledge", dirs_exist_ok=True)
            scene.forum.group(_GROUP, *map(_username, MODERATORS))
            async with scene.program.up():
                await scene.marked()
                yield OnForum(scene, scene.program.folder / "var" / "concierge.db")


def _username(name: str) -> str:
    return "".join(char for char in normalize("NFD", name.lower()) if char.isascii())
