"""The routes that change something."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

from aiohttp import web

from tests.forum.asking import TEXTS, Ask
from tests.forum.reading import post_of
from tests.forum.rules import Draft, body_errors, errors, prettified
from tests.forum.shapes import post_json, stamp
from tests.forum.state import User

MEMO = timedelta(seconds=120)  # [N DistributedMemoizer]


def posts_create(ask: Ask) -> web.Response:
    """The same request within 120 s gets the first answer again, be it an error [N:718324783]."""
    writable(ask)
    user = ask.logged_in()
    signature = json.dumps([user.id, ask.body], sort_keys=True)
    made, when = ask.forum.memo.get(signature, ({}, None))
    if when is None or ask.forum.clock() >= when + MEMO:
        made = _perform(ask, _draft(ask, user))
        ask.forum.memo[signature] = (made, ask.forum.clock())
    # On old servers an Api-Key got `null` for what waits for approval [22, N backwards_compatible_json].
    whole = "errors" in made or (made["action"] == "enqueued" and not ask.forum.site.old)
    return web.json_response(made if whole else made.get("post"), status=200 if made.get("success") else 422)


def _draft(ask: Ask, user: User) -> Draft:
    body, board = ask.body, ask.forum.board
    topic = board.topics.get(_whole(body.get("topic_id"))) if body.get("topic_id") else None
    names = str(body.get("target_recipients") or "") if body.get("archetype") == "private_message" else None
    targets = [name.strip().lower() for name in (names or "").split(",")]
    people = None if names is None else [found for name in targets if (found := board.user(name))]
    external = str(body.get("external_id") or "")
    if external and not re.fullmatch(r"[\w-]+", external):
        raise ask.parameters("external_id")
    return Draft(
        user=user,
        raw=str(body.get("raw") or "").rstrip(),
        topic=topic,
        title=prettified(str(body.get("title") or "")),
        category=board.category(body["category"]) if body.get("category") else None,
        recipients=people,
        groups=frozenset() if names is None else frozenset(targets) & board.groups.keys(),
        reply_to=_whole(body.get("reply_to_post_number")) or None,
        external_id=external or None,
    )


def _whole(value: object) -> int:
    return int(str(value)) if str(value).isdigit() else 0


def _perform(ask: Ask, draft: Draft) -> dict[str, Any]:
    if ask.body.get("topic_id") and draft.topic is None:
        return {"action": "create_post", "errors": [TEXTS["no_topic"]]}
    if draft.category and not ask.forum.board.may_enter(draft.user, draft.category):
        raise ask.forbidden()
    if draft.recipients == [] and not (draft.groups and draft.groups <= ask.forum.board.messageable):
        return {"action": "create_post", "errors": [TEXTS["nobody"]]}
    if ask.forum.site.review and not draft.user.staff and not draft.private:  # [22 exempt_user?]
        number = ask.forum.board.next_number()
        ask.forum.queue[number] = draft
        pending = {"id": number, "raw": draft.raw, "created_at": stamp(ask.forum.clock())}
        return {"action": "enqueued", "success": True, "pending_count": 1, "pending_post": pending}
    if wrong := errors(ask, draft):
        return {"action": "create_post", "errors": wrong}
    post = ask.forum.add(draft)
    shape = post_json(ask.forum.board, post, draft.user, ask.forum.url)
    return {"action": "create_post", "success": True, "post": shape}


def posts_pending(ask: Ask) -> web.Response:
    """One's own posts that wait; others' are not there [N:718324783 `pending`]."""
    user = ask.forum.board.user(ask.path[0])
    asker = ask.logged_in()
    if user is None or not (asker is user or asker.staff):
        raise ask.not_found()
    mine = {number: draft for number, draft in ask.forum.queue.items() if draft.user is user}
    shapes = [
        {"id": number, "raw_text": draft.raw, "title": draft.title, "username": user.username,
         "topic_id": draft.topic.id if draft.topic else None, "created_at": stamp(ask.forum.clock())}
        for number, draft in sorted(mine.items(), reverse=True)
    ]  # fmt: skip
    return web.json_response({"pending_posts": shapes})


def posts_update(ask: Ask) -> web.Response:
    """[N:718324783 `update`]: too late 422 (a day, from trust level 2 on thirty [F26]), not one's own 403."""
    writable(ask)
    user, given = ask.logged_in(), ask.body.get("post")
    post = ask.forum.board.posts.get(int(ask.path[0]))
    if post is None or (ask.forum.board.gone(post) and not user.staff):
        raise ask.not_found()
    if not user.staff and (post.user is not user or post.topic.archived or post.user_deleted_at):
        raise ask.forbidden()
    window = timedelta(minutes=43200 if user.trust_level >= 2 else 1440)
    if not user.staff and ask.forum.clock() > post.created_at + window:
        raise ask.refusal(422, "too_late")
    raw = str(given["raw"]).rstrip() if isinstance(given, dict) else ""
    if wrong := list(body_errors(ask, Draft(user, raw, topic=post.topic))):
        return web.json_response({"errors": wrong}, status=422)
    ask.forum.edit(post, raw, by=user)
    return web.json_response({"post": post_json(ask.forum.board, post, user, ask.forum.url)})


def posts_destroy(ask: Ask) -> web.Response:
    """By its author: the text goes first, the post a day later; a first post with replies stays [22 post_destroyer]."""
    writable(ask)
    user = ask.logged_in()
    post = post_of(ask, ask.forum.board.posts.get(int(ask.path[0])))
    replied = post.number == 1 and len(post.topic.posts) > 1
    if not user.staff and (post.user is not user or post.user_deleted_at or replied or post.topic.archived):
        raise ask.forbidden()
    ask.forum.delete(post, by=user)
    return web.Response()


def writable(ask: Ask) -> None:
    """503 [22 application_controller]."""
    if ask.forum.site.read_only:
        raise ask.refusal(503, "read_only", "read_only")
