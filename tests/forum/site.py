"""What the forum says of itself and of who asks: about, session; notifications and search."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from aiohttp import web

from tests.forum.asking import Ask, Refusal
from tests.forum.people import TYPES
from tests.forum.shapes import notification_json, topic_item
from tests.forum.state import WHISPER, Post

NOTES, FOUND = 60, 50


def basic_info(ask: Ask) -> web.Response:
    """Works without a login on every site [OAS]."""
    site = ask.forum.site
    return web.json_response({"title": site.title, "description": "", "login_required": site.login_required})


def about(ask: Ask) -> web.Response:
    """To /login where a login is required [22]."""
    site = ask.forum.site
    if site.login_required and ask.user is None:
        raise Refusal(302, "", {"Location": f"{ask.forum.url}/login"})
    return web.json_response({"about": {"title": site.title, "description": "", "version": site.version}})


def session_scopes(ask: Ask) -> web.Response:
    """Of a key, always allowed to it; an empty list: a global key [22]."""
    if ask.key is None:
        raise ask.not_found()
    scopes = [scope.split(":") for scope in sorted(ask.key.scopes or ())]
    shapes: list[dict[str, Any]] = [
        {"resource": resource, "action": action.replace("_", " "), "allowed_parameters": None, "key": action}
        for resource, action in scopes
    ]
    return web.json_response({"scopes": shapes})


def session_current(ask: Ask) -> web.Response:
    """404 with an empty body when nobody is logged in [22]."""
    if ask.user is None:
        raise Refusal(404, "")
    user = ask.user
    rights = {"admin": user.admin, "moderator": user.moderator, "trust_level": user.trust_level}
    return web.json_response({"current_user": {"id": user.id, "username": user.username, **rights}})


def notifications(ask: Ask) -> web.Response:
    """[N:6069109087]. `filter_by_types` holds with `recent` alone, which marks as seen without `silent`."""
    user = ask.logged_in()
    names = [name for name in str(ask.query.get("filter_by_types", "")).split(",") if name]
    if not {"recent", "silent"} <= ask.query.keys() or not names or not TYPES.keys() >= set(names):
        raise ask.parameters("the bot asks otherwise")
    board, kinds = ask.forum.board, {TYPES[name] for name in names}
    notes = [note for note in board.notifications if note.user is user and note.type in kinds]
    notes = sorted(notes, key=lambda note: (note.created_at, note.id), reverse=True)[: ask.number("limit", NOTES)]
    readable = [note for note in notes if board.may_read(user, note.post.topic)]
    return web.json_response({"notifications": [notification_json(ask.forum.site.old, note) for note in readable]})


def search(ask: Ask) -> web.Response:
    """[N:1347231599]. The first page, of fifty."""
    term, board = str(ask.query.get("q", "")), ask.forum.board
    if len(term) < ask.forum.site.min_search_term:
        raise ask.parameters("q")
    posts = _found(ask, term)[:FOUND]
    topics = {post.topic.id: topic_item(board, post.topic, ask.user) for post in posts}
    return web.json_response(
        {
            "posts": [{"id": post.id, "topic_id": post.topic.id} for post in posts],
            **({"topics": list(topics.values())} if topics else {}),
            "grouped_search_result": {"term": term, "error": None, "post_ids": [post.id for post in posts]},
        }
    )


FILTER = re.compile(r"(?:^|\s)((?:order|status|category|after):\S+)")


def _found(ask: Ask, term: str) -> list[Post]:
    """One post a topic. All words must be in its title or the post; nothing private."""
    board, filters, words = ask.forum.board, FILTER.findall(term), _words(FILTER.sub(" ", term))
    best: dict[int, Post] = {}
    for post in board.posts.values():
        is_open = post.topic.members is None and post.type != WHISPER and not post.hidden and not board.gone(post)
        if is_open and board.may_see(ask.user, post) and all(_passes(post, one) for one in filters):
            text = _words(f"{post.topic.title} {post.raw}")
            if all(any(one.startswith(word) for one in text) for word in words):
                best.setdefault(post.topic.id, post)
    return list(best.values())


def _passes(post: Post, one: str) -> bool:
    name, _, value = one.partition(":")
    match name:
        case "category":
            return post.topic.category is not None and post.topic.category.slug in value.split(",")
        case "status":  # `solved` [discourse-solved, lib/discourse_solved/register_filters.rb]
            return post.topic.accepted is not None
        case "after":  # a day, at 00:00 [22 Search.word_to_date]
            return post.created_at.date().isoformat() >= value
    return True


def _words(text: str) -> list[str]:
    """Folded; the plural's s is off, as a stemmer would."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return [word.rstrip("s") or word for word in re.findall(r"\w+", plain)]
