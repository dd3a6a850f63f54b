"""The routes that only read."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from tests.forum.asking import Ask, Refusal
from tests.forum.shapes import category_json, post_json, topic_item, topic_json
from tests.forum.state import REGULAR, Post, Topic

PAGE, CHUNK, TOPICS = 50, 20, 30


def posts_latest(ask: Ask) -> web.Response:
    """[N:718324783]: the newest 50 visible regular posts; [22]: all posts of a window of 50 ids, then filtered."""
    board, before = ask.forum.board, ask.number("before")
    if ask.forum.site.old:
        top = before if before > 0 else max(board.posts, default=0)
        found = [post for id, post in board.posts.items() if top - PAGE < id <= top]
    else:
        found = [post for post in board.posts.values() if post.type == REGULAR and post.topic.visible]
        found = [post for post in found if before <= 0 or post.id <= before]
    found = [post for post in found if post.topic.members is None and not post.topic.deleted_at]
    found = [post for post in found if not board.gone(post) and board.may_see(ask.user, post)]
    return web.json_response({"latest_posts": _listed(ask, found)})


def posts_private(ask: Ask) -> web.Response:
    """[N:718324783] /private-posts.json: of all types, of the private messages that the user is in."""
    user, before = ask.logged_in(), ask.number("before")
    found = [post for post in ask.forum.board.posts.values() if user in ask.forum.board.people_of(post.topic)]
    found = [post for post in found if (before <= 0 or post.id <= before) and ask.forum.board.may_see(user, post)]
    return web.json_response({"private_posts": _listed(ask, found)})


def _listed(ask: Ask, posts: list[Post]) -> list[Any]:
    newest = sorted(posts, key=lambda post: post.id, reverse=True)[:PAGE]
    return [post_json(ask.forum.board, post, ask.user, ask.forum.url, title=True) for post in newest]


def topic_of(ask: Ask, id: str) -> Topic:
    """404 for what is not there and for what one may not see (`detailed_404` is off by default [own])."""
    topic = ask.forum.board.topics.get(int(id))
    if topic is None or not ask.forum.board.may_read(ask.user, topic):
        raise ask.not_found(topic=True)
    return topic


def topics_show(ask: Ask) -> web.Response:
    """The first 20 posts and the ids of all. `include_raw=false` also turns it on [N:20947852]."""
    topic, board = topic_of(ask, ask.path[0]), ask.forum.board
    posts = [post for post in topic.posts if board.may_see(ask.user, post)][:CHUNK]
    return web.json_response(topic_json(board, topic, ask.user, posts, ask.forum.url, raw="include_raw" in ask.query))


def topics_posts(ask: Ask) -> web.Response:
    """`post_ids[]`, ordered by number."""
    topic, board = topic_of(ask, ask.path[0]), ask.forum.board
    chosen = [post for post in topic.posts if board.may_see(ask.user, post) and str(post.id) in ask.query["post_ids"]]
    posts = [post_json(board, post, ask.user, ask.forum.url, raw="include_raw" in ask.query) for post in chosen]
    return web.json_response({"post_stream": {"posts": posts}, "id": topic.id})


def topics_by_external_id(ask: Ask) -> web.Response:
    """301 to the topic [REC get_topic_by_external_id_301]."""
    found = (topic for topic in ask.forum.board.topics.values() if topic.external_id == ask.path[0])
    topic = next(found, None)
    if topic is None or not ask.forum.board.may_read(ask.user, topic):
        raise ask.not_found(topic=True)
    raise Refusal(301, "", {"Location": f"{ask.forum.url}/t/{topic.slug}/{topic.id}.json"})


def post_of(ask: Ask, post: Post | None) -> Post:
    """[N find_post_using]: 404 when it is deleted, 403 when one may not see it."""
    board = ask.forum.board
    staff = ask.user is not None and ask.user.staff
    if post is None or ((board.gone(post) or post.topic.deleted_at) and not staff):
        raise ask.not_found()
    if not board.may_see(ask.user, post):
        raise ask.forbidden()
    return post


def posts_show(ask: Ask) -> web.Response:
    return _post(ask, post_of(ask, ask.forum.board.posts.get(int(ask.path[0]))))


def posts_by_number(ask: Ask) -> web.Response:
    topic = ask.forum.board.topics.get(int(ask.path[0]))
    return _post(ask, post_of(ask, topic.numbered(int(ask.path[1])) if topic else None))


def _post(ask: Ask, post: Post) -> web.Response:
    return web.json_response(post_json(ask.forum.board, post, ask.user, ask.forum.url))


def list_category(ask: Ask) -> web.Response:
    """Thirty topics of a category, the newest post first."""
    board = ask.forum.board
    topics = [one for one in board.topics.values() if one.category and str(one.category.id) == ask.path[0]]
    topics = [one for one in topics if one.visible and not one.deleted_at and board.may_read(ask.user, one)]
    topics.sort(key=lambda one: one.posts[-1].created_at, reverse=True)
    start = ask.number("page") * TOPICS
    items = [topic_item(board, topic, ask.user) for topic in topics[start : start + TOPICS]]
    return web.json_response({"users": [], "topic_list": {"per_page": TOPICS, "topics": items}})


def categories_index(ask: Ask) -> web.Response:
    """Only those that one may enter; children are listed too, or under `subcategory_list` when asked for."""
    board = ask.forum.board
    seen = [one for one in board.categories.values() if board.may_enter(ask.user, one)]
    shapes = {one.id: category_json(one, ask.user) for one in seen}
    for one in seen:
        if one.parent in shapes:
            shapes[one.parent].setdefault("subcategory_ids", []).append(one.id)
            if "include_subcategories" in ask.query:
                shapes[one.parent].setdefault("subcategory_list", []).append(shapes[one.id])
    tops = [shapes[one.id] for one in seen if one.parent is None]
    return web.json_response({"category_list": {"can_create_category": False, "categories": tops}})


def groups_show(ask: Ask) -> web.Response:
    name = ask.path[0].lower()
    if name not in ask.forum.board.groups:
        raise ask.not_found()
    members = sum(user.is_in(name) for user in ask.forum.board.users.values())
    group = {"id": ask.forum.board.groups[name], "name": name, "user_count": members, "automatic": False}
    group["messageable"] = name in ask.forum.board.messageable  # to whoever asks [OAS]
    return web.json_response({"group": group, "extras": {"visible_group_names": [name]}})


def groups_members(ask: Ask) -> web.Response:
    """[OAS]: 50 a page, at most 1000 with `limit`."""
    name = ask.path[0].lower()
    if name not in ask.forum.board.groups:
        raise ask.not_found()
    limit, offset = min(ask.number("limit", 50), 1000), ask.number("offset")
    users = [user for user in ask.forum.board.users.values() if user.is_in(name)]
    inside = [{"id": user.id, "username": user.username} for user in users]
    meta = {"total": len(inside), "limit": limit, "offset": offset}
    return web.json_response({"members": inside[offset : offset + limit], "owners": [], "meta": meta})
