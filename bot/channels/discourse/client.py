"""What we ask the forum for, and what we write there: one method a thing, typed answers.

Raises of every method: Unreachable, TooFast, Refused (see `server`). LoggedOut: where it says so, and where the key
has a sign that cannot be sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx

from bot.channels.discourse.http import (
    CREATE,
    DELETE,
    EDIT,
    SEARCH,
    Denied,
    DiscourseHttp,
    DiscourseNotFound,
    Forbidden,
    pieces,
)
from bot.channels.discourse.models import (
    BasicInfo,
    Category,
    DiscoursePost,
    DiscourseTopic,
    Enqueued,
    FoundTopic,
    GroupMember,
    Notification,
    PendingPost,
    Scope,
    listed,
    many,
    one,
    parsed,
    part,
)
from bot.messages import AuthenticationFailed, Unreachable

_AT_ONCE = 20  # posts of a topic that the forum likes to be asked for in one request
_MEMBERS = 50


class DiscourseClient:
    """One forum, as the user whose `key` it has; without a key, as a visitor.

    `pace`: requests a second in the long run; twenty may follow each other at once. `beside`: another client of the
    forum; what one of them asks, and the pauses that it is told to make, count for both. `told_time`: hears by each
    answer which moment it is on the forum; `limited`: called with each 429.
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
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        beside: DiscourseClient | None = None,
        told_time: Callable[[datetime], None] = lambda _: None,
        limited: Callable[[], None] = lambda: None,
    ) -> None:
        shared = beside._server.pacing if beside else None
        self._server: DiscourseHttp = DiscourseHttp(
            url, username, key, pace, transport, clock, sleep, shared, told_time, limited
        )

    async def latest_posts(self, before: int | None = None) -> list[DiscoursePost]:
        """The newest posts with ids up to and with `before`, newest first.

        Old servers look only at the fifty ids below `before`: there an empty page does not mean that nothing is older.
        """
        return await self._posts("posts", "latest_posts", before)

    async def private_posts(self, before: int | None = None) -> list[DiscoursePost]:
        """As `latest_posts`, of private messages that the bot is in."""
        return await self._posts("private-posts", "private_posts", before)

    async def notifications(self) -> list[Notification]:
        """The newest sixty that tell of a mention or a reply, newest first; none is marked as seen."""
        # Only with `recent` the forum looks at the types; with `silent`, whatever it says, nothing is marked as seen.
        query = {"recent": "true", "silent": "true", "limit": 60, "filter_by_types": "mentioned,replied"}
        return listed(Notification, await self._server.get("/notifications.json", query), "notifications")

    async def post(self, post: int) -> DiscoursePost | None:
        """None: it is gone, or we may not see it."""
        return one(DiscoursePost, await self._if_there(f"/posts/{post}.json"))

    async def post_by_number(self, topic: int, number: int) -> DiscoursePost | None:
        return one(DiscoursePost, await self._if_there(f"/posts/by_number/{topic}/{number}.json"))

    async def topic(self, topic: int) -> DiscourseTopic | None:
        """With its first twenty posts; None: it is gone, or we may not see it."""
        return one(DiscourseTopic, await self._if_there(f"/t/{topic}.json", {"include_raw": 1}))

    async def topic_posts(self, topic: int, posts: Sequence[int]) -> list[DiscoursePost]:
        """The posts with these ids, in the order of their numbers; those that we may not see are left out."""
        found: list[DiscoursePost] = []
        for some in pieces(posts, _AT_ONCE):
            said = await self._if_there(f"/t/{topic}/posts.json", {"post_ids[]": list(some), "include_raw": 1})
            found += [] if said is None else listed(DiscoursePost, said, "post_stream", "posts")
        return found

    async def topic_by_external_id(self, external: str) -> DiscourseTopic | None:
        return one(
            DiscourseTopic, await self._if_there(f"/t/external_id/{quote(external, safe='')}.json", {"include_raw": 1})
        )

    async def create_post(self, topic: int, raw: str, reply_to: int | None = None) -> DiscoursePost | Enqueued:
        """`reply_to`: a post number. Sent once: after Unreachable, look in the topic before sending it again."""
        return await self._create({"topic_id": topic, "raw": raw, "reply_to_post_number": reply_to})

    async def create_topic(
        self, title: str, raw: str, category: int | None = None, external_id: str | None = None
    ) -> DiscoursePost | Enqueued:
        """The first post of the new topic. With `external_id` (letters, digits, - and _), it can be found again."""
        return await self._create({"title": title, "raw": raw, "category": category, "external_id": external_id})

    async def edit_post(self, post: int, raw: str, reason: str | None = None) -> DiscoursePost:
        words = {key: value for key, value in {"raw": raw, "edit_reason": reason}.items() if value is not None}
        said = await self._server.write("PUT", f"/posts/{post}.json", EDIT, {"post": words})
        return parsed(DiscoursePost, part(said, "post"))

    async def delete_post(self, post: int) -> None:
        """Nothing happens when it is gone already."""
        with contextlib.suppress(DiscourseNotFound):
            await self._server.write("DELETE", f"/posts/{post}.json", DELETE)

    async def search(self, query: str) -> list[FoundTopic]:
        """The first page, best first."""
        try:
            said = await self._server.get("/search.json", {"q": query}, SEARCH)
        except Denied as refusal:
            if refusal.status == 400:  # too short for this forum
                return []
            raise
        if part(said, "grouped_search_result", "error"):
            raise Unreachable("the forum's search is overloaded")
        best = {part(post, "topic_id"): post for post in reversed(part(said, "posts") or [])}
        return many(FoundTopic, [_with_best(topic, best) for topic in part(said, "topics") or []])

    async def categories(self) -> list[Category]:
        """All that we may see, sub-categories included."""
        said = await self._server.get("/categories.json", {"include_subcategories": "true"})
        return list(_flat(listed(Category, said, "category_list", "categories")))

    async def pending_posts(self, username: str) -> list[PendingPost]:
        """The posts of this user that wait for a moderator; nothing where the server does not tell."""
        try:
            said = await self._server.get(f"/posts/{quote(username, safe='')}/pending.json")
        except Denied:
            return []
        return listed(PendingPost, said, "pending_posts")

    async def basic_info(self) -> BasicInfo:
        """Works without a key, also where reading needs a login."""
        return parsed(BasicInfo, await self._server.get("/site/basic-info.json"))

    async def scopes(self) -> list[Scope]:
        """What the key may do; nothing: all that its user may. Raises LoggedOut: key or user name are wrong."""
        try:
            said = await self._server.get("/session/scopes.json")
        except Forbidden as refusal:
            raise AuthenticationFailed("the forum does not accept the API key, or not for this user name") from refusal
        return listed(Scope, said, "scopes")

    async def group_members(self, name: str) -> list[GroupMember]:
        """Empty too where the group does not exist, or its members are not shown."""
        found: list[GroupMember] = []
        while True:
            query = {"limit": _MEMBERS, "offset": len(found)}
            said = await self._if_there(f"/groups/{quote(name, safe='')}/members.json", query)
            page = [] if said is None else listed(GroupMember, said, "members")
            found += page
            if len(page) < _MEMBERS:
                return found

    async def close(self) -> None:
        await self._server.close()

    async def _posts(self, path: str, key: str, before: int | None) -> list[DiscoursePost]:
        said = await self._server.get(f"/{path}.json", {} if before is None else {"before": before})
        return listed(DiscoursePost, said, key)

    async def _if_there(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        try:
            return await self._server.get(path, query)
        except DiscourseNotFound:
            return None

    async def _create(self, words: Mapping[str, Any]) -> DiscoursePost | Enqueued:
        """Without `auto_track` the bot would be told of every further post in topics that it wrote in.

        Old servers answer null where a post waits for a moderator.
        """
        given = {key: value for key, value in words.items() if value is not None}
        said = await self._server.write("POST", "/posts.json", CREATE, {**given, "auto_track": False})
        if said is None or part(said, "action") == "enqueued":
            return parsed(Enqueued, part(said, "pending_post") or {})
        return parsed(DiscoursePost, part(said, "post") or said)


def _with_best(topic: Any, best: Mapping[Any, Any]) -> Any:
    """A topic that was found, with the post in it that was found first."""
    post = best.get(part(topic, "id"))
    best_of = {"blurb": part(post, "blurb"), "post_number": part(post, "post_number")}
    return {**topic, **best_of} if isinstance(topic, dict) else topic


def _flat(categories: Iterable[Category]) -> Iterator[Category]:
    for category in categories:
        yield category
        yield from _flat(category.subcategory_list)
