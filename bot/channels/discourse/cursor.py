"""Cursor of how far the forum was read, and paging down to it through a list of posts, newest first."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from bot.channels.discourse.models import DiscoursePost

PAGE = 50  # posts of `/posts.json` (`app/controllers/posts_controller.rb#latest`)
OVERLAP = 25  # ids below the mark that are read again: saving a post may take longer than saving later ones

_LONG_AGO = "1970-01-01T00:00:00+00:00"  # nothing was read yet
_SLOW_SAVE = timedelta(minutes=5)  # how long saving a post may take after its id was given
_CLOCK_SKEW = timedelta(minutes=1)  # between the forum's clock and ours

FetchPage = Callable[[int | None], Awaitable[Sequence[DiscoursePost]]]
"""Fetch posts with ids up to and including one; None: the newest."""


class Pager:
    """Pages through posts on both kinds of server.

    Current servers answer with the fifty newest posts that the bot may see; those of 2022 and before with the posts it
    may see among the fifty highest ids: there a page may be empty though older posts exist.
    """

    def __init__(self) -> None:
        self._counts_posts = False  # the server is known to be a current one

    async def down_to(self, fetch: FetchPage, mark: int, oldest: datetime, top: int = 0) -> list[DiscoursePost]:
        """Return all posts above the mark, those right below it, and the rest of these pages; oldest first.

        `top` is the id of a post known to exist. Paging ends at a page on which all posts are older than `oldest`.
        """
        posts: dict[int, DiscoursePost] = {}
        before: int | None = None
        while True:
            page = await fetch(before)
            posts |= {post.id: post for post in page}
            ids = [post.id for post in page]
            self._counts_posts = self._counts_posts or (bool(ids) and max(ids) - min(ids) >= PAGE)
            if self._counts_posts and len(page) < PAGE:
                before = 0  # it was the last page
            elif ids:
                before = min(ids) - 1
            else:
                before = top if before is None else before - PAGE
            overlap = OVERLAP if len(page) >= PAGE else 0  # nothing follows a page that is not full
            if before <= mark - overlap or (page and all(post.created_at < oldest for post in page)):
                return sorted(posts.values(), key=lambda post: post.id)


@dataclass(frozen=True, slots=True)
class ForumCursor:
    """Highest ids seen of posts, private posts and notifications. Stored as the channel's position.

    `floor` is the highest post at the very first start; nothing up to there is ever new. `begun` is that time, until a
    post was seen, since old servers may show none though there are many. `looked` is when `post` was read, or later.
    """

    floor: int = 0
    post: int = 0
    private: int = 0
    notification: int = 0
    begun: str | None = None
    looked: str = _LONG_AGO

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    def is_new(self, post: DiscoursePost, mark: int) -> bool:
        """Whether a post is new, also below the mark: an id is given before its post is saved, which may take
        longer."""
        is_slow = post.created_at > datetime.fromisoformat(self.looked) - _SLOW_SAVE
        return post.id > self.floor and (post.id > mark or is_slow)

    def with_floor(self, posts: Sequence[DiscoursePost]) -> ForumCursor:
        """Return the cursor with the floor that these posts show, if it was not known."""
        if self.begun is None or not posts:
            return self
        begun = datetime.fromisoformat(self.begun) - _CLOCK_SKEW
        floor = highest([post for post in posts if post.created_at < begun])
        return replace(self, floor=floor, post=max(self.post, floor), private=max(self.private, floor), begun=None)


def highest(posts: Sequence[DiscoursePost]) -> int:
    return max((post.id for post in posts), default=0)
