"""Down a list of posts, newest first, on both generations of servers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from bot.channels.discourse.models import Post

PAGE = 50

Ask = Callable[[int | None], Awaitable[Sequence[Post]]]
"""The posts up to and with an id; None: the newest."""


async def down_to(ask: Ask, mark: int, oldest: datetime, top: int = 0) -> list[Post]:
    """All posts above the mark, and those that come on the same pages; oldest first.

    New servers give the fifty newest that we may see, old ones those of the fifty highest ids that we may see: there a
    page may be empty though older posts follow. `top`: a post with this id is known to exist. Where all of a page is
    older than `oldest`, what is below does not matter any more.
    """
    found: dict[int, Post] = {}
    before: int | None = None
    by_number = False  # the server is seen to count posts, not ids
    while True:
        page = await ask(before)
        found |= {post.id: post for post in page}
        by_number = by_number or _is_wide(page)
        before = _below(page, before, top, by_number)
        if before <= mark or (page and all(post.created_at < oldest for post in page)):
            return sorted(found.values(), key=lambda post: post.id)


def _below(page: Sequence[Post], before: int | None, top: int, by_number: bool) -> int:
    """Where the next page begins; 0: there is none."""
    if by_number and len(page) < PAGE:
        return 0
    if page:
        return min(post.id for post in page) - 1
    return top if before is None else before - PAGE


def _is_wide(page: Sequence[Post]) -> bool:
    ids = [post.id for post in page]
    return bool(ids) and max(ids) - min(ids) >= PAGE
