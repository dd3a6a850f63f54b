"""The routes that only read."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from tests.forum.asking import Ask, Refusal
from tests.forum.shapes import category_json, post_json, topic_item, topic_json, user_json
from tests.forum.state import REGULAR, Post, Topic

PAGE, CHUNK, REPLIES, TOPICS = 50, 20, 20, 30


def posts_latest(ask: Ask) -> web.Response:
    """[N:718324783]: the newest 50 visible regular posts; [22]: all posts of a window of 50 ids, then filtered."""
    board, before = ask.forum.board, ask.number("before") or 0
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
    user, before = ask.logged_in(), ask.number("before") or 0
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
    """The first 20 posts, or those around a number, or a page; and the ids of all."""
    topic = topic_of(ask, ask.path[0])
    seen = [post for post in topic.posts if ask.forum.board.may_see(ask.user, post)]
    return _topic(ask, topic, _chunk(ask, seen))


def _chunk(ask: Ask, seen: list[Post]) -> list[Post]:
    if ask.path[1:] and ask.path[1]:
        wanted = int(ask.path[1])
        at = next((index for index, post in enumerate(seen) if post.number >= wanted), len(seen) - 1)
        start = max(0, min(at - CHUNK // 4, len(seen) - CHUNK))
    else:
        start = (max(1, ask.number("page", 1) or 1) - 1) * CHUNK
        if start and start >= len(seen):
            raise ask.not_found(topic=True)
    return seen[start : start + CHUNK]


def _topic(ask: Ask, topic: Topic, posts: list[Post]) -> web.Response:
    """`include_raw=false` also turns it on [N:20947852]."""
    raw = "include_raw" in ask.query
    return web.json_response(topic_json(ask.forum.board, topic, ask.user, posts, ask.forum.url, raw=raw))


def topics_posts(ask: Ask) -> web.Response:
    """`post_ids[]`, ordered by number; without: the first 20 [22]."""
    topic, board = topic_of(ask, ask.path[0]), ask.forum.board
    given = ask.query.get("post_ids")
    wanted = {int(id) for id in given} if isinstance(given, list) else None
    seen = [post for post in topic.posts if board.may_see(ask.user, post)]
    chosen = [post for post in seen if wanted is None or post.id in wanted][: None if wanted else CHUNK]
    raw = "include_raw" in ask.query
    posts = [post_json(board, post, ask.user, ask.forum.url, raw=raw) for post in chosen]
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


def posts_replies(ask: Ask) -> web.Response:
    post = post_of(ask, ask.forum.board.posts.get(int(ask.path[0])))
    after = max(ask.number("after", 1) or 1, 1)
    found = [one for one in post.topic.posts if one.reply_to == post.number and one.number > after]
    seen = [one for one in found if ask.forum.board.may_see(ask.user, one)][:REPLIES]
    return web.json_response([post_json(ask.forum.board, one, ask.user, ask.forum.url, raw=False) for one in seen])


def raw(ask: Ask) -> web.Response:
    """/raw/{topic}/{number}, plain text; 404 for what one may not see."""
    topic = ask.forum.board.topics.get(int(ask.path[0]))
    post = topic and topic.numbered(int(ask.path[1] or 1))
    if not post or not ask.forum.board.may_see(ask.user, post):
        raise ask.not_found()
    return web.Response(text=post.raw)


def list_latest(ask: Ask) -> web.Response:
    """`order`, `page`, `per_page` (1 to 100 since 2025-01 [OAS])."""
    board, size = ask.forum.board, min(max(ask.number("per_page", TOPICS) or TOPICS, 1), 100)
    topics = [one for one in board.topics.values() if one.members is None and one.visible and not one.deleted_at]
    topics = [topic for topic in topics if board.may_read(ask.user, topic)]
    if ask.path and ask.path[-1]:  # of a category
        topics = [topic for topic in topics if topic.category and str(topic.category.id) == ask.path[-1]]
    created = ask.query.get("order") == "created"
    topics.sort(key=lambda one: one.created_at if created else one.posts[-1].created_at, reverse=True)
    start = (ask.number("page", 0) or 0) * size
    items = [topic_item(board, topic, ask.user) for topic in topics[start : start + size]]
    return web.json_response({"users": [], "topic_list": {"per_page": size, "topics": items}})


def categories_index(ask: Ask) -> web.Response:
    """Only those that one may enter; children are listed too, or under `subcategory_list` when asked for."""
    board = ask.forum.board
    seen = [one for one in board.categories.values() if board.may_enter(ask.user, one)]
    shapes = {one.id: category_json(board, one, ask.user) for one in seen}
    for one in seen:
        if one.parent in shapes:
            shapes[one.parent].setdefault("subcategory_ids", []).append(one.id)
            if "include_subcategories" in ask.query:
                shapes[one.parent].setdefault("subcategory_list", []).append(shapes[one.id])
    tops = [shapes[one.id] for one in seen if one.parent is None]
    return web.json_response({"category_list": {"can_create_category": False, "categories": tops}})


def categories_show(ask: Ask) -> web.Response:
    category = ask.forum.board.category(ask.path[0])
    if category is None or not ask.forum.board.may_enter(ask.user, category):
        raise ask.not_found()
    return web.json_response({"category": category_json(ask.forum.board, category, ask.user)})


def users_show(ask: Ask) -> web.Response:
    user = ask.forum.board.user(ask.path[0])
    if user is None:
        raise ask.not_found()
    return web.json_response({"user_badges": [], "user": user_json(user)})


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
    limit, offset = min(ask.number("limit", 50) or 50, 1000), ask.number("offset", 0) or 0
    inside = [user_json(user) for user in ask.forum.board.users.values() if user.is_in(name)]
    meta = {"total": len(inside), "limit": limit, "offset": offset}
    return web.json_response({"members": inside[offset : offset + limit], "owners": [], "meta": meta})
