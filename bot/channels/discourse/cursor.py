"""How far the forum has been read. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from bot.channels.discourse.models import DiscoursePost

_LONG_AGO = "1970-01-01T00:00:00+00:00"
_SAVING = timedelta(minutes=5)
_CLOCKS = timedelta(minutes=1)  # how far the forum's clock may be from ours


@dataclass(frozen=True, slots=True)
class ForumCursor:
    """Ids of posts and notifications: the highest ones that were seen.

    `floor`: the highest post at the very first start. Nothing up to there is ever new. `begun` is that moment, as long
    as no post was seen: old servers may show none though there are many. `looked`: when `post` was found, or later.
    """

    floor: int = 0
    post: int = 0
    private: int = 0
    notification: int = 0
    begun: str | None = None
    looked: str = _LONG_AGO

    @classmethod
    def read(cls, text: str) -> Self:
        return cls(**json.loads(text))

    @classmethod
    def first(cls, posts: Sequence[DiscoursePost], now: datetime) -> Self:
        mark = highest(posts)
        return cls(mark, mark, mark, begun=None if posts else now.isoformat(), looked=now.isoformat())

    def written(self) -> str:
        return json.dumps(asdict(self))

    def is_new(self, post: DiscoursePost, mark: int) -> bool:
        """Ids are given before a post is saved: one that took longer than those behind it is new, too."""
        slow = post.created_at > datetime.fromisoformat(self.looked) - _SAVING
        return post.id > self.floor and (post.id > mark or slow)

    def reached(self, posts: Sequence[DiscoursePost], now: datetime) -> ForumCursor:
        """With all of these seen."""
        return replace(self, post=max(self.post, highest(posts)), looked=now.isoformat())

    def moved_on(self, earlier: ForumCursor) -> bool:
        """Whether it is worth keeping."""
        return replace(self, looked=earlier.looked) != earlier

    def grounded(self, posts: Sequence[DiscoursePost]) -> ForumCursor:
        """With the floor that is known now, if it was not."""
        if self.begun is None or not posts:
            return self
        begun = datetime.fromisoformat(self.begun) - _CLOCKS
        floor = highest([post for post in posts if post.created_at < begun])
        return replace(self, floor=floor, post=max(self.post, floor), private=max(self.private, floor), begun=None)


def highest(posts: Sequence[DiscoursePost]) -> int:
    return max((post.id for post in posts), default=0)
