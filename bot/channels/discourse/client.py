"""Client of the Discourse API (https://docs.discourse.org): one method an endpoint, typed answers.

Every method raises Unreachable, RateLimited or NetworkRefusal (see `http`), and AuthenticationFailed for a key that
cannot be sent.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from bot.channels.discourse import http, models
from bot.channels.discourse.models import DiscoursePost, Enqueued, Kind, listed, parsed, part
from bot.messages import AuthenticationFailed, ChannelError, NetworkRefusal, RateLimited, Unreachable

_POSTS_AT_ONCE = 20  # post ids in one request, as their documentation advises
_MEMBERS = 50  # of a group in one request


class DiscourseClient(http.DiscourseHttp):
    """Client of one forum."""

    async def latest_posts(self, before: int | None = None) -> list[DiscoursePost]:
        """Return the newest posts with ids up to and including `before`, newest first.

        Servers of 2022 and before look only at the fifty ids below `before`: an empty page there is not the last one.
        """
        return await self._posts("posts", "latest_posts", before)

    async def private_posts(self, before: int | None = None) -> list[DiscoursePost]:
        """Return posts as `latest_posts`, from the private messages that the bot takes part in."""
        return await self._posts("private-posts", "private_posts", before)

    async def notifications(self) -> list[models.Notification]:
        """Return the newest sixty notifications of a mention or a reply, newest first; none is marked as seen."""
        # `filter_by_types` works only with `recent`, which marks as seen unless `silent` is there, whatever its value
        # (`app/controllers/notifications_controller.rb#index`).
        query = {"recent": "true", "silent": "true", "limit": 60, "filter_by_types": "mentioned,replied"}
        return listed(models.Notification, await self.get("/notifications.json", query), "notifications")

    async def post(self, post: int) -> DiscoursePost | None:
        """Return a post; None if it is gone, or not visible to the bot."""
        return await self._get_if_there(DiscoursePost, f"/posts/{post}.json")

    async def post_by_number(self, topic: int, number: int) -> DiscoursePost | None:
        return await self._get_if_there(DiscoursePost, f"/posts/by_number/{topic}/{number}.json")

    async def topic(self, topic: int) -> models.DiscourseTopic | None:
        """Return a topic with its first twenty posts; None if it is gone, or not visible to the bot."""
        return await self._get_if_there(models.DiscourseTopic, f"/t/{topic}.json", {"include_raw": 1})

    async def topic_posts(self, topic: int, posts: Sequence[int]) -> list[DiscoursePost]:
        """Return the posts with these ids, by their numbers; without those that are not visible to the bot."""
        result: list[DiscoursePost] = []
        for start in range(0, len(posts), _POSTS_AT_ONCE):
            query = {"post_ids[]": list(posts[start : start + _POSTS_AT_ONCE]), "include_raw": 1}
            with suppress(http.DiscourseNotFound):
                answer = await self.get(f"/t/{topic}/posts.json", query)
                result += listed(DiscoursePost, answer, "post_stream", "posts")
        return result

    async def first_post(self, external_id: str) -> DiscoursePost | None:
        """Return the first post of the topic with that `external_id`; None if there is no such topic, or it is gone."""
        path = f"/t/external_id/{quote(external_id, safe='')}.json"
        topic = await self._get_if_there(models.DiscourseTopic, path, {"include_raw": 1})
        return topic.numbered(1) if topic else None

    async def create_post(self, topic: int, raw: str, reply_to: int | None = None) -> DiscoursePost | Enqueued:
        """Create a post, as a reply to the post with number `reply_to`.

        Sent once: after Unreachable, look in the topic before sending it again.
        """
        return await self._create({"topic_id": topic, "raw": raw, "reply_to_post_number": reply_to})

    async def create_topic(self, title: str, raw: str, category: int, external_id: str) -> DiscoursePost | Enqueued:
        """Create a topic and return its first post.

        `external_id` (letters, digits, - and _) is unique on the forum (`app/models/topic.rb`): see `first_post`.
        """
        return await self._create({"title": title, "raw": raw, "category": category, "external_id": external_id})

    async def create_message(self, title: str, raw: str, group: str, external_id: str) -> DiscoursePost | Enqueued:
        """Create a private message to the members of a group, as `create_topic`."""
        to = {"archetype": "private_message", "target_recipients": group}
        return await self._create({"title": title, "raw": raw, "external_id": external_id, **to})

    async def edit_post(self, post: int, raw: str) -> DiscoursePost:
        answer = await self.request("PUT", f"/posts/{post}.json", http.EDIT, body={"post": {"raw": raw}})
        return parsed(DiscoursePost, part(answer, "post"))

    async def delete_post(self, post: int) -> None:
        """Delete a post, if it is not gone already."""
        with suppress(http.DiscourseNotFound):
            await self.request("DELETE", f"/posts/{post}.json", http.DELETE)

    async def search(self, query: str) -> list[models.ListedTopic]:
        """Return the first page of results, best first."""
        try:
            answer = await self.get("/search.json", {"q": query}, http.SEARCH)
        except http.Denied as refusal:
            if refusal.status == 400:  # shorter than the forum's `min_search_term_length`
                return []
            raise
        if part(answer, "grouped_search_result", "error"):
            raise Unreachable("the forum's search is overloaded")
        return models.many(models.ListedTopic, part(answer, "topics") or [])

    async def categories(self) -> list[models.Category]:
        """Return all categories visible to the bot, sub-categories included."""
        answer = await self.get("/categories.json", {"include_subcategories": "true"})
        return [*models.all_categories(answer)]

    async def category_topics(self, category: models.Category, page: int) -> list[models.ListedTopic]:
        """Return the topics of a page, from 0; empty after the last one."""
        answer = await self.get(f"/c/{quote(category.slug, safe='')}/{category.id}.json", {"page": page})
        return listed(models.ListedTopic, answer, "topic_list", "topics")

    async def pending_posts(self, username: str) -> list[models.PendingPost]:
        """Return the user's posts that wait for approval; none from a server that does not tell."""
        with suppress(http.Denied):
            answer = await self.get(f"/posts/{quote(username, safe='')}/pending.json")
            return listed(models.PendingPost, answer, "pending_posts")
        return []

    async def basic_info(self) -> models.BasicInfo:
        """Return the forum's basic information; works without a key, also with `login_required`."""
        return parsed(models.BasicInfo, await self.get("/site/basic-info.json"))

    async def check_key(self) -> None:
        """Ask for the scopes of the key, as any key that works may (`ApiKey#request_allowed?`).

        A refusal means that key or user name are wrong: raises AuthenticationFailed.
        """
        try:
            await self.get("/session/scopes.json")
        except http.Forbidden as refusal:
            raise AuthenticationFailed("the forum does not accept the API key, or not for this user name") from refusal

    async def group_members(self, name: str) -> list[str]:
        """Return the members' names; empty as well if the group does not exist, or does not show its members."""
        path = f"/groups/{quote(name, safe='')}/members.json"
        members: list[str] = []
        while True:
            page: list[models.GroupMember] = []
            with suppress(http.DiscourseNotFound):
                answer = await self.get(path, {"limit": _MEMBERS, "offset": len(members)})
                page = listed(models.GroupMember, answer, "members")
            members += [member.username for member in page]
            if len(page) < _MEMBERS:
                return members

    async def category(self, slug: str) -> models.Category | None:
        """Return the category of that slug; None if there is none, or it is not visible to the bot."""
        return next((one for one in await self.categories() if one.slug == slug), None)

    async def _posts(self, path: str, key: str, before: int | None) -> list[DiscoursePost]:
        answer = await self.get(f"/{path}.json", {} if before is None else {"before": before})
        return listed(DiscoursePost, answer, key)

    async def _get_if_there(self, kind: type[Kind], path: str, query: Mapping[str, Any] | None = None) -> Kind | None:
        with suppress(http.DiscourseNotFound):
            return parsed(kind, await self.get(path, query))
        return None

    async def _create(self, fields: Mapping[str, Any]) -> DiscoursePost | Enqueued:
        """Create a post or topic, without tracking it.

        With `auto_track` the bot would be notified of every further post in topics that it wrote in. A post that waits
        for approval is `"action": "enqueued"`, and null from servers of 2022 and before.
        """
        body = {key: value for key, value in fields.items() if value is not None}
        answer = await self.request("POST", "/posts.json", http.CREATE, body={**body, "auto_track": False})
        if answer is None or part(answer, "action") == "enqueued":
            return parsed(Enqueued, part(answer, "pending_post") or {})
        return parsed(DiscoursePost, part(answer, "post") or answer)


async def diagnose(client: DiscourseClient, refusal: http.Forbidden) -> ChannelError:
    """Return the error behind a 403: a revoked key must not cost the waiting replies, since it will be replaced."""
    try:
        await client.check_key()
    except AuthenticationFailed as error:
        return Unreachable(str(error))
    except (Unreachable, RateLimited) as error:
        return error
    except NetworkRefusal:
        pass
    return NetworkRefusal(f"the bot may not do this on the forum: {refusal}")
