"""Down a list of posts, newest first, on both generations of servers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from bot.channels.discourse.models import DiscoursePost

PAGE = 50
BELOW = 25  # ids below the mark that are looked at again: a post may take longer to be saved than those behind it

Ask = Callable[[int | None], Awaitable[Sequence[DiscoursePost]]]
"""The posts up to and with an id; None: the newest."""


class Pages:
    """New servers give the fifty newest posts that we may see, old ones those of the fifty highest ids that we may
    see: there a page may be empty though older posts follow.
    """

    def __init__(self) -> None:
        self._by_number = False  # the server is seen to count posts, not ids

    async def down_to(self, ask: Ask, mark: int, oldest: datetime, top: int = 0) -> list[DiscoursePost]:
        """All posts above the mark, those right below it, and those that come on the same pages; oldest first.

        `top`: a post with this id is known to exist. Where all of a page is older than `oldest`, what is below does not
        matter any more.
        """
        found: dict[int, DiscoursePost] = {}
        before: int | None = None
        while True:
            page = await ask(before)
            found |= {post.id: post for post in page}
            self._by_number = self._by_number or _is_wide(page)
            before = self._below(page, before, top)
            below = BELOW if len(page) >= PAGE else 0  # behind a page that is not full there is nothing
            if before <= mark - below or (page and all(post.created_at < oldest for post in page)):
                return sorted(found.values(), key=lambda post: post.id)

    def _below(self, page: Sequence[DiscoursePost], before: int | None, top: int) -> int:
        """Where the next page begins; 0: there is none."""
        if self._by_number and len(page) < PAGE:
            return 0
        if page:
            return min(post.id for post in page) - 1
        return top if before is None else before - PAGE


def _is_wide(page: Sequence[DiscoursePost]) -> bool:
    ids = [post.id for post in page]
    return bool(ids) and max(ids) - min(ids) >= PAGE
