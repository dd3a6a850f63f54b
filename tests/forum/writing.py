"""The routes that change something."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import timedelta
from typing import Any

from aiohttp import web

from tests.forum.asking import Ask, yes
from tests.forum.limits import check_action
from tests.forum.reading import post_of
from tests.forum.rules import Draft, body_errors, errors, prettified
from tests.forum.shapes import post_json, stamp
from tests.forum.state import Post, User

MEMO = timedelta(seconds=120)  # [N DistributedMemoizer]
EDITS_PER_LEVEL = {2: 1.5, 3: 2, 4: 3}
SWEEP_TITLE = "deleted_topic"


def posts_create(ask: Ask) -> web.Response:
    """With an Api-Key the same request within 120 s gets the first answer again, be it an error [N:718324783]."""
    writable(ask)
    user = ask.logged_in()
    agent = ask.request.headers.get("User-Agent", "")
    given = json.dumps([user.id, ask.request.remote, agent, ask.body], sort_keys=True)
    signature = hashlib.sha1(given.encode(), usedforsecurity=False).hexdigest()
    made, when = ask.forum.memo.get(signature, ({}, None)) if ask.api else ({}, None)
    if when is None or ask.forum.clock() >= when + MEMO:
        made = _perform(ask, _draft(ask, user))
        ask.forum.memo[signature] = (made, ask.forum.clock())
    return _compatible(ask, made)


def _compatible(ask: Ask, made: dict[str, Any]) -> web.Response:
    """[N backwards_compatible_json]. On old servers an Api-Key got `null` for what waits for approval [22]."""
    waits = made["action"] == "enqueued" and not (ask.forum.site.old and ask.api)
    whole = yes(ask.body.get("nested_post")) or "errors" in made or waits
    return web.json_response(made if whole else made.get("post"), status=200 if made.get("success") else 422)


def _draft(ask: Ask, user: User) -> Draft:
    body, board = ask.body, ask.forum.board
    topic = board.topics.get(_whole(body.get("topic_id"))) if body.get("topic_id") else None
    names = str(body.get("target_recipients") or "") if body.get("archetype") == "private_message" else None
    targets = [name.strip().lower() for name in (names or "").split(",")]
    people = None if names is None else [found for name in targets if (found := board.user(name))]
    external = str(body.get("external_id") or "") if ask.api else ""
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
        tags=[str(tag) for tag in body.get("tags") or ()],
        unchecked=ask.api and yes(body.get("skip_validations")),
    )


def _whole(value: object) -> int:
    return int(str(value)) if str(value).isdigit() else 0


def _perform(ask: Ask, draft: Draft) -> dict[str, Any]:
    """Validations first; a limit is counted only for what passes them [22 on_create_record.rb]."""
    if ask.body.get("topic_id") and draft.topic is None:
        return {"action": "create_post", "errors": [ask.say("no_topic")]}
    if draft.category and not ask.forum.board.may_enter(draft.user, draft.category):
        raise ask.forbidden()
    if draft.recipients == [] and not (draft.groups and draft.groups <= ask.forum.board.messageable):
        return {"action": "create_post", "errors": [ask.say("nobody")]}
    if _queued(ask, draft):
        return _enqueue(ask, draft)
    if wrong := errors(ask, draft):
        return {"action": "create_post", "errors": wrong}
    check_action(ask, *_limits_of(draft))
    post = ask.forum.add(draft)
    shape = post_json(ask.forum.board, post, draft.user, ask.forum.url) | {"draft_sequence": 0}
    return {"action": "create_post", "success": True, "post": shape}


def _limits_of(draft: Draft) -> tuple[str, ...]:
    if draft.topic:
        return ("create_post",)
    return ("create_topic", "private_a_day" if draft.private else "topics_a_day")


def _queued(ask: Ask, draft: Draft) -> bool:
    """Staff are never queued [22 exempt_user?]."""
    category = draft.topic.category if draft.topic else draft.category
    wanted = ask.forum.site.review or (category is not None and category.review)
    return wanted and not draft.user.staff and not draft.private


def _enqueue(ask: Ask, draft: Draft) -> dict[str, Any]:
    number = ask.forum.board.next_number()
    ask.forum.queue[number] = draft
    count = sum(waiting.user is draft.user for waiting in ask.forum.queue.values())
    pending = {"id": number, "raw": draft.raw, "created_at": stamp(ask.forum.clock())}
    return {"action": "enqueued", "success": True, "pending_count": count, "pending_post": pending}


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
    """[N:718324783 `update`]: too late 422, not one's own 403, another text than the server's 409."""
    writable(ask)
    user, given = ask.logged_in(), ask.body.get("post")
    if not isinstance(given, dict):
        raise ask.parameters("post")
    post = ask.forum.board.posts.get(int(ask.path[0]))
    if post is None or (ask.forum.board.gone(post) and not user.staff):
        raise ask.not_found()
    if not user.staff and (post.user is not user or post.topic.archived or post.user_deleted_at):
        raise ask.forbidden()
    if not user.staff and ask.forum.clock() > post.created_at + _window(user):
        raise ask.refusal(422, "too_late")
    original = given.get("original_text") or given.get("raw_old")
    if original and original != post.raw:
        raise ask.refusal(409, "edit_conflict")
    return _edit(ask, user, post, given)


def _edit(ask: Ask, user: User, post: Post, given: dict[str, Any]) -> web.Response:
    raw = str(given.get("raw") or post.raw).rstrip()
    if wrong := list(body_errors(ask, Draft(user, raw, topic=post.topic))):
        return web.json_response({"errors": wrong}, status=422)
    if raw != post.raw:
        check_action(ask, "edits_a_day")
    if post.number == 1 and ask.body.get("title"):
        post.topic.title = prettified(str(ask.body["title"]))
    ask.forum.edit(post, raw, by=user, reason=given.get("edit_reason"))
    return web.json_response({"post": post_json(ask.forum.board, post, user, ask.forum.url) | {"draft_sequence": 0}})


def _window(user: User) -> timedelta:
    """How long after posting one may edit [F26]: a day, from trust level 2 on thirty days."""
    return timedelta(minutes=43200 if user.trust_level >= 2 else 1440)


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


def topics_update(ask: Ask) -> web.Response:
    writable(ask)
    user, topic = ask.logged_in(), ask.forum.board.topics.get(int(ask.path[0]))
    if topic is None or not ask.forum.board.may_read(user, topic):
        raise ask.not_found(topic=True)
    if not user.staff and topic.user is not user:
        raise ask.forbidden()
    if title := ask.body.get("title"):
        topic.title = prettified(str(title))
    shape = {"id": topic.id, "title": topic.title, "fancy_title": topic.title, "slug": topic.slug}
    return web.json_response({"basic_topic": shape | {"posts_count": len(topic.posts)}})


def topics_status(ask: Ask) -> web.Response:
    """For staff: `closed`, `archived`, `visible`."""
    writable(ask)
    topic, status = ask.forum.board.topics.get(int(ask.path[0])), str(ask.body.get("status"))
    if topic is None:
        raise ask.not_found(topic=True)
    if not ask.logged_in().staff:
        raise ask.forbidden()
    if status not in ("closed", "archived", "visible"):
        raise ask.parameters("status")
    setattr(topic, status, yes(ask.body.get("enabled")))
    return web.json_response({"success": "OK", "topic_status_update": None})


def post_actions(ask: Ask) -> web.Response:
    """A like (type 2) [OAS]: no granular scope has it."""
    writable(ask)
    user, id = ask.logged_in(), _whole(ask.body.get("id"))
    post = post_of(ask, ask.forum.board.posts.get(id))
    if post.user is user:
        raise ask.forbidden()
    check_action(ask, "likes_a_day")
    post.likes.add(user.id)
    return web.json_response(post_json(ask.forum.board, post, user, ask.forum.url))


def writable(ask: Ask) -> None:
    """503 [22 application_controller]."""
    if ask.forum.site.read_only:
        raise ask.refusal(503, "read_only", "read_only")
