"""What we ask the forum for, and what we write there: one method a thing, typed answers.

Raises of every method: Unreachable, TooFast, Refused (see `server`); LoggedOut only where it says so.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import httpx

from bot.channels.discourse.models import (
    About,
    BasicInfo,
    Category,
    CurrentUser,
    Enqueued,
    FoundTopic,
    Member,
    Notification,
    Pending,
    Post,
    Scope,
    Topic,
    User,
)


class Client:
    """One forum, as the user whose `key` it has; without a key, as a visitor.

    `pace`: requests a second in the long run; twenty may follow each other at once.
    """

    def __init__(
        self,
        url: str,
        username: str | None = None,
        key: str | None = None,
        pace: float = 1.0,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        raise NotImplementedError

    async def latest_posts(self, before: int | None = None) -> list[Post]:
        """The newest posts with ids up to and with `before`, newest first.

        Old servers look only at the fifty ids below `before`: there an empty page does not mean that nothing is older.
        """
        raise NotImplementedError

    async def private_posts(self, before: int | None = None) -> list[Post]:
        """As `latest_posts`, of private messages that the bot is in."""
        raise NotImplementedError

    async def notifications(self) -> list[Notification]:
        """The newest sixty that tell of a mention or a reply, newest first; none is marked as seen."""
        raise NotImplementedError

    async def post(self, post: int) -> Post | None:
        """None: it is gone, or we may not see it."""
        raise NotImplementedError

    async def post_by_number(self, topic: int, number: int) -> Post | None:
        raise NotImplementedError

    async def topic(self, topic: int) -> Topic | None:
        """With its first twenty posts; None: it is gone, or we may not see it."""
        raise NotImplementedError

    async def topic_posts(self, topic: int, posts: Sequence[int]) -> list[Post]:
        """The posts with these ids, in the order of their numbers; those that we may not see are left out."""
        raise NotImplementedError

    async def topic_by_external_id(self, external: str) -> Topic | None:
        raise NotImplementedError

    async def create_post(self, topic: int, raw: str, reply_to: int | None = None) -> Post | Enqueued:
        """`reply_to`: a post number. Sent once: after Unreachable, look in the topic before sending it again."""
        raise NotImplementedError

    async def create_topic(
        self, title: str, raw: str, category: int | None = None, external_id: str | None = None
    ) -> Post | Enqueued:
        """The first post of the new topic. With `external_id` (letters, digits, - and _), it can be found again."""
        raise NotImplementedError

    async def edit_post(self, post: int, raw: str, reason: str | None = None) -> Post:
        raise NotImplementedError

    async def edit_topic_title(self, topic: int, title: str) -> None:
        raise NotImplementedError

    async def delete_post(self, post: int) -> None:
        """Nothing happens when it is gone already."""
        raise NotImplementedError

    async def search(self, query: str) -> list[FoundTopic]:
        """The first page, best first."""
        raise NotImplementedError

    async def categories(self) -> list[Category]:
        """All that we may see, sub-categories included."""
        raise NotImplementedError

    async def pending_posts(self, username: str) -> list[Pending]:
        """The posts of this user that wait for a moderator; nothing where the server does not tell."""
        raise NotImplementedError

    async def about(self) -> About:
        raise NotImplementedError

    async def basic_info(self) -> BasicInfo:
        """Works without a key, also where reading needs a login."""
        raise NotImplementedError

    async def scopes(self) -> list[Scope]:
        """What the key may do; nothing: all that its user may. Raises LoggedOut: key or user name are wrong."""
        raise NotImplementedError

    async def current_user(self) -> CurrentUser | None:
        """None: we are a visitor, or the key may not ask."""
        raise NotImplementedError

    async def user(self, name: str) -> User | None:
        raise NotImplementedError

    async def group_members(self, name: str) -> list[Member]:
        """Empty too where the group does not exist, or its members are not shown."""
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError
