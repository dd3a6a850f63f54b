"""Posts of ours that wait for a moderator of the forum: where they stand is known only when they appear."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from bot.channels.discourse.event_parser import appeared
from bot.channels.discourse.formatting import answered, variants, words
from bot.channels.discourse.models import DiscoursePost
from bot.channels.discourse.site import HELD, Site, topic_of
from bot.messages import Event, Memory, Reply

_MEMORY = "discourse.held"
_MOST = 200  # posts


@dataclass(frozen=True, slots=True)
class Marks:
    """By which a post is known again. `topic`: None for one of our own; `answers`: a post number; `said`: hashes of
    what it may say."""

    us: str
    topic: int | None
    answers: int | None
    said: list[str]

    def fit(self, post: DiscoursePost) -> bool:
        there = (post.topic_id, post.reply_to_post_number) == (self.topic, self.answers)
        opened = self.topic is None and post.post_number == 1
        return (there or opened) and post.username.casefold() == self.us and _hash(post.raw) in self.said


class PendingPosts:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._marks: dict[str, Marks] = {}  # by the id of what waits

    async def open(self) -> None:
        kept = json.loads(await self._memory.recall(_MEMORY) or "{}")
        self._marks = {held: Marks(**fields) for held, fields in kept.items()}

    async def note(self, event: str, reply: Reply, site: Site) -> None:
        """Nothing to do for what stands in its topic already."""
        if not event.startswith(HELD):
            return
        said = [_hash(body) for body in variants(site, reply)]
        self._marks[event] = Marks(site.username.casefold(), topic_of(reply.room), answered(reply), said)
        self._marks = dict([*self._marks.items()][-_MOST:])
        await self._memory.remember(_MEMORY, json.dumps({held: asdict(marks) for held, marks in self._marks.items()}))

    def appeared(self, posts: Iterable[DiscoursePost]) -> Iterator[Event]:
        """Told once: what is not journalled after that is told again after the next start."""
        for post in posts:
            if held := next((held for held, marks in self._marks.items() if marks.fit(post)), None):
                del self._marks[held]
                yield appeared(post, held)


def _hash(raw: str) -> str:
    return hashlib.sha256(words(raw).encode("utf-8", "replace")).hexdigest()[:16]
