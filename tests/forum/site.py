"""What the forum says of itself and of who asks: site, about, session; notifications and search."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from aiohttp import web

from tests.forum.alerts import TYPES
from tests.forum.asking import Ask, Refusal
from tests.forum.limits import check_search
from tests.forum.shapes import AVATAR, category_json, notification_json, stamp, topic_item
from tests.forum.state import WHISPER, Notification, Post

NOTES, RECENT, FOUND, LAST_PAGE = 60, 15, 50, 10


def basic_info(ask: Ask) -> web.Response:
    """Works without a login on every site [OAS]."""
    site = ask.forum.site
    info = {"title": site.title, "description": "", "login_required": site.login_required, "locale": site.locale}
    return web.json_response({"logo_url": f"{ask.forum.url}/images/logo.png", **info})


def about(ask: Ask) -> web.Response:
    """To /login where a login is required [22]."""
    site = ask.forum.site
    if site.login_required and ask.user is None:
        raise Refusal(302, "", {"Location": f"{ask.forum.url}/login"})
    facts = {"title": site.title, "description": "", "locale": site.locale, "version": site.version, "https": False}
    return web.json_response({"about": {**facts, "stats": {}, "admins": [], "moderators": []}})


def site(ask: Ask) -> web.Response:
    board = ask.forum.board
    seen = [one for one in board.categories.values() if board.may_enter(ask.user, one)]
    return web.json_response(
        {
            "default_archetype": "regular",
            "notification_types": TYPES,
            "post_types": {"regular": 1, "moderator_action": 2, "small_action": 3, "whisper": 4},
            "trust_levels": {"newuser": 0, "basic": 1, "member": 2, "regular": 3, "leader": 4},
            "groups": [{"id": id, "name": name} for name, id in board.groups.items()],
            "filters": ["latest", "unread", "new", "top", "categories"],
            "periods": ["all", "yearly", "quarterly", "monthly", "weekly", "daily"],
            "top_tags": [],
            "can_create_tag": False,
            "can_tag_topics": ask.user is not None,
            "categories": [category_json(board, one, ask.user) for one in seen],
        }
    )


def session_scopes(ask: Ask) -> web.Response:
    """Of a key, always allowed to it; an empty list: a global key [22]."""
    if ask.key is None:
        raise ask.not_found()
    scopes = [scope.split(":") for scope in sorted(ask.key.scopes or ())]
    shapes: list[dict[str, Any]] = [
        {"resource": resource, "action": action.replace("_", " "), "parameters": [], "urls": [],
         "allowed_parameters": None, "key": action}
        for resource, action in scopes
    ]  # fmt: skip
    return web.json_response({"scopes": shapes})


def session_current(ask: Ask) -> web.Response:
    """404 with an empty body when nobody is logged in [22]."""
    if ask.user is None:
        raise Refusal(404, "")
    user = ask.user
    unread = sum(note.user is user and not note.read for note in ask.forum.board.notifications)
    facts = {"id": user.id, "username": user.username, "name": user.username, "trust_level": user.trust_level}
    rights = {"admin": user.admin, "moderator": user.moderator, "staff": user.staff}
    return web.json_response({"current_user": {**facts, **rights, "unread_notifications": unread}})


def notifications(ask: Ask) -> web.Response:
    """[N:6069109087]. `filter_by_types` is always checked, but holds with `recent` alone."""
    user = ask.logged_in()
    names = [name for name in str(ask.query.get("filter_by_types", "")).split(",") if name]
    if unknown := [name for name in names if name not in TYPES]:
        raise ask.parameters(f"invalid notification type: {unknown[0]}")
    notes = [note for note in ask.forum.board.notifications if note.user is user]
    notes.sort(key=lambda note: (note.created_at, note.id), reverse=True)
    if ask.query.get("recent"):
        return _recent(ask, [note for note in notes if not names or note.type in {TYPES[name] for name in names}])
    wanted = ask.query.get("filter")
    notes = [note for note in notes if wanted not in ("read", "unread") or note.read == (wanted == "read")]
    limit, offset = min(ask.number("limit", NOTES) or NOTES, NOTES), ask.number("offset", 0) or 0
    more = f"/notifications?limit={limit}&offset={offset + limit}&username={user.username}"
    counts = {"total_rows_notifications": len(notes), "seen_notification_id": user.seen_notification}
    return web.json_response(
        {"notifications": _shown(ask, notes[offset : offset + limit]), **counts, "load_more_notifications": more}
    )


def _recent(ask: Ask, notes: list[Notification]) -> web.Response:
    """Unread ones first; marks them as seen, unless `silent` is there, with whatever value."""
    user = ask.logged_in()
    notes.sort(key=lambda note: note.read)
    chosen = notes[: min(ask.number("limit", RECENT) or RECENT, NOTES)]
    body = {"notifications": _shown(ask, chosen), "seen_notification_id": user.seen_notification}
    if "silent" not in ask.query and chosen:
        user.seen_notification = max(note.id for note in notes)
    return web.json_response(body)


def _shown(ask: Ask, notes: list[Notification]) -> list[Any]:
    """Without those of topics that one may no longer read."""
    board = ask.forum.board
    return [notification_json(board, note) for note in notes if board.may_read(ask.user, note.post.topic)]


def mark_read(ask: Ask) -> web.Response:
    """Without an id: all of them."""
    user, id = ask.logged_in(), ask.body.get("id")
    for note in ask.forum.board.notifications:
        if note.user is user and id in (None, note.id, str(note.id)):
            note.read = True
    return web.json_response({"success": "OK"})


def search(ask: Ask) -> web.Response:
    """[N:1347231599]. A page beyond 10 is dropped: page 1 comes again."""
    term = str(ask.query.get("q", ""))
    if len(term) < ask.forum.site.min_search_term:
        raise ask.parameters("q")
    page = str(ask.query.get("page", "1"))
    if not page.isdigit():
        raise ask.parameters("page")
    check_search(ask)
    overloaded = ask.forum.site.search_overloaded
    found = [] if overloaded else _found(ask, term)
    start = (max(int(page), 1) - 1 if int(page) <= LAST_PAGE else 0) * FOUND
    shown, more = found[start : start + FOUND], len(found) > start + FOUND
    return web.json_response(_results(ask, term, shown, more, overloaded))


def _results(ask: Ask, term: str, posts: list[Post], more: bool, overloaded: bool) -> dict[str, Any]:
    board = ask.forum.board
    grouped = {
        "more_posts": None,
        "term": term,
        "search_log_id": 1,
        "more_full_page_results": more or None,
        "can_create_topic": ask.user is not None,
        "error": "extreme load" if overloaded else None,
        "post_ids": [post.id for post in posts],
    }
    topics = {post.topic.id: topic_item(board, post.topic, ask.user) for post in posts}
    results = {"posts": [_hit(post) for post in posts], "users": [], "categories": [], "tags": [], "groups": []}
    return results | ({"topics": list(topics.values())} if topics else {}) | {"grouped_search_result": grouped}


def _hit(post: Post) -> dict[str, Any]:
    facts = {"id": post.id, "name": post.user.username, "username": post.user.username, "avatar_template": AVATAR}
    place = {"created_at": stamp(post.created_at), "post_number": post.number, "topic_id": post.topic.id}
    return {**facts, **place, "like_count": len(post.likes), "blurb": post.raw[:300]}


FILTER = re.compile(r"(?:^|\s)((?:in|order|status|category|tags?|before|after|max_posts):\S+|[#@]\S+|[ltf](?=\s|$))")
PRIVATE = {"in:personal", "in:messages", "in:all-pms"}


def _found(ask: Ask, term: str) -> list[Post]:
    """One post a topic. All words must be in its title or the post; private messages only when asked for."""
    filters, words = FILTER.findall(term), _words(FILTER.sub(" ", term))
    private = bool(PRIVATE & set(filters))
    best: dict[int, Post] = {}
    for post in ask.forum.board.posts.values():
        open_to_all = (post.topic.members is None) != private and post.type != WHISPER and not post.hidden
        if open_to_all and _alive(ask, post) and _fits(post, filters):
            text = _words(f"{post.topic.title} {post.raw}")
            if all(any(one.startswith(word) for one in text) for word in words):
                best.setdefault(post.topic.id, post)
    newest = "order:latest" in filters or "l" in filters
    return sorted(best.values(), key=lambda post: post.created_at, reverse=True) if newest else list(best.values())


def _alive(ask: Ask, post: Post) -> bool:
    board = ask.forum.board
    return not board.gone(post) and not post.topic.deleted_at and board.may_see(ask.user, post)


def _fits(post: Post, filters: list[str]) -> bool:
    return all(_passes(post, one) for one in filters)


def _passes(post: Post, one: str) -> bool:
    if one.startswith(("category:", "#")):
        slugs = one.removeprefix("category:").lstrip("#=").split(",")
        return post.topic.category is not None and post.topic.category.slug in slugs
    if one in ("in:first", "f"):
        return post.number == 1
    if one == "status:solved":  # [discourse-solved, lib/discourse_solved/register_filters.rb]
        return post.topic.accepted is not None
    if one.startswith("after:"):  # a day, at 00:00 [22 Search.word_to_date]
        return post.created_at.date().isoformat() >= one.removeprefix("after:")
    return not one.startswith("@") or post.user.username.lower() == one[1:].lower()


def _words(text: str) -> list[str]:
    """Folded; the plural's s is off, as a stemmer would."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return [word.rstrip("s") or word for word in re.findall(r"\w+", plain)]
