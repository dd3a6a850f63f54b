"""The routes that only read. Of the keys of an answer there are those that the bot reads."""

import re
import unicodedata
from typing import Any

from tests.forum.asking import Ask, Refusal, forbidden, not_found, refused
from tests.forum.people import TYPES
from tests.forum.shapes import Json, category_json, notification_json, post_json, topic_item, topic_json
from tests.forum.state import REGULAR, WHISPER, Post, Topic

FILTER = re.compile(r"(?:^|\s)((?:order|status|category|after):\S+)")
PAGE, CHUNK, TOPICS, NOTES, FOUND = 50, 20, 30, 60, 50


def posts_latest(ask: Ask) -> Json:
    """[N:718324783]: the newest 50 visible regular posts. How [22] answers: tests/channels/discourse/paper.py."""
    board, before = ask.board, ask.number("before")
    found = [post for post in board.posts.values() if post.type == REGULAR and post.topic.visible]
    found = [post for post in found if before <= 0 or post.id <= before]
    found = [post for post in found if post.topic.members is None and not post.topic.deleted_at]
    found = [post for post in found if not board.gone(post) and board.may_see(ask.user, post)]
    return {"latest_posts": _listed(ask, found)}


def posts_private(ask: Ask) -> Json:
    """[N:718324783] /private-posts.json: of all types, of the private messages that the user is in."""
    user, before = ask.logged_in(), ask.number("before")
    found = [post for post in ask.board.posts.values() if user in ask.board.people_of(post.topic)]
    found = [post for post in found if (before <= 0 or post.id <= before) and ask.board.may_see(user, post)]
    return {"private_posts": _listed(ask, found)}


def _listed(ask: Ask, posts: list[Post]) -> list[Any]:
    newest = sorted(posts, key=lambda post: post.id, reverse=True)[:PAGE]
    return [post_json(ask.forum, post, ask.user, title=True) for post in newest]


def topic_of(ask: Ask, id: str) -> Topic:
    """404 for what is not there and for what one may not see (`detailed_404` is off by default [own])."""
    topic = ask.board.topics.get(int(id))
    if topic is None or not ask.board.may_read(ask.user, topic):
        raise not_found()
    return topic


def topics_show(ask: Ask) -> Json:
    """The first 20 posts and the ids of all. `include_raw=false` also turns it on [N:20947852]."""
    topic, board = topic_of(ask, ask.path[0]), ask.board
    posts = [post for post in topic.posts if board.may_see(ask.user, post)][:CHUNK]
    return topic_json(ask.forum, topic, ask.user, posts, raw="include_raw" in ask.query)


def topics_posts(ask: Ask) -> Json:
    """`post_ids[]`, ordered by number."""
    topic, board, ids = topic_of(ask, ask.path[0]), ask.board, ask.query.getall("post_ids[]")
    chosen = [post for post in topic.posts if board.may_see(ask.user, post) and str(post.id) in ids]
    posts = [post_json(ask.forum, post, ask.user, raw="include_raw" in ask.query) for post in chosen]
    return {"post_stream": {"posts": posts}, "id": topic.id}


def topics_by_external_id(ask: Ask) -> Json:
    """301 to the topic [REC get_topic_by_external_id_301]."""
    found = (topic for topic in ask.board.topics.values() if topic.external_id == ask.path[0])
    topic = next(found, None)
    if topic is None or not ask.board.may_read(ask.user, topic):
        raise not_found()
    raise Refusal(301, "", {"Location": f"{ask.forum.url}/t/-/{topic.id}.json"})


def post_of(ask: Ask, post: Post | None) -> Post:
    """[N find_post_using]: 404 when it is deleted, 403 when one may not see it."""
    board = ask.board
    staff = ask.user is not None and ask.user.staff
    if post is None or ((board.gone(post) or post.topic.deleted_at) and not staff):
        raise not_found()
    if not board.may_see(ask.user, post):
        raise forbidden()
    return post


def posts_show(ask: Ask) -> Json:
    return post_json(ask.forum, post_of(ask, ask.board.posts.get(int(ask.path[0]))), ask.user)


def posts_by_number(ask: Ask) -> Json:
    topic = ask.board.topics.get(int(ask.path[0]))
    return post_json(ask.forum, post_of(ask, topic.numbered(int(ask.path[1])) if topic else None), ask.user)


def list_category(ask: Ask) -> Json:
    """Thirty topics of a category, the newest post first."""
    board = ask.board
    topics = [one for one in board.topics.values() if one.category and str(one.category.id) == ask.path[0]]
    topics = [one for one in topics if one.visible and not one.deleted_at and board.may_read(ask.user, one)]
    topics.sort(key=lambda one: one.posts[-1].created_at, reverse=True)
    start = ask.number("page") * TOPICS
    items = [topic_item(board, topic, ask.user) for topic in topics[start : start + TOPICS]]
    return {"topic_list": {"topics": items}}


def categories_index(ask: Ask) -> Json:
    """Only those that one may enter; children under `subcategory_list`, when asked for."""
    board = ask.board
    seen = [one for one in board.categories.values() if board.may_enter(ask.user, one)]
    shapes = {one.id: category_json(one, ask.user) for one in seen}
    for one in seen:
        if one.parent in shapes and "include_subcategories" in ask.query:
            shapes[one.parent].setdefault("subcategory_list", []).append(shapes[one.id])
    return {"category_list": {"categories": [shapes[one.id] for one in seen if one.parent is None]}}


def group_of(ask: Ask) -> str:
    name = ask.path[0].lower()
    if name not in ask.board.groups:
        raise not_found()
    return name


def groups_show(ask: Ask) -> Json:
    """`messageable`: to whoever asks [OAS]."""
    return {"group": {"messageable": group_of(ask) in ask.board.messageable}}


def groups_members(ask: Ask) -> Json:
    """[OAS]: 50 a page, at most 1000 with `limit`."""
    name, start, limit = group_of(ask), ask.number("offset"), min(ask.number("limit", 50), 1000)
    inside = [{"id": user.id, "username": user.username} for user in ask.board.users.values() if user.is_in(name)]
    return {"members": inside[start : start + limit]}


def basic_info(ask: Ask) -> Json:
    """Works without a login on every site [OAS]."""
    return {"title": ask.forum.site.title, "login_required": ask.forum.site.login_required}


def about(ask: Ask) -> Json:
    """To /login where a login is required [22]."""
    site = ask.forum.site
    if site.login_required and ask.user is None:
        raise Refusal(302, "", {"Location": f"{ask.forum.url}/login"})
    return {"about": {"version": site.version}}


def session_scopes(ask: Ask) -> Json:
    """Of a key, always allowed to it; an empty list: a global key [22]."""
    if ask.key is None:
        raise not_found()
    scopes = [scope.split(":") for scope in sorted(ask.key.scopes or ())]
    return {"scopes": [{"resource": resource, "key": action} for resource, action in scopes]}


def session_current(ask: Ask) -> Json:
    """404 with an empty body when nobody is logged in [22]."""
    if ask.user is None:
        raise Refusal(404, "")
    user = ask.user
    rights = {"admin": user.admin, "moderator": user.moderator, "trust_level": user.trust_level}
    return {"current_user": {"id": user.id, "username": user.username, **rights}}


def notifications(ask: Ask) -> Json:
    """[N:6069109087]. `filter_by_types` holds with `recent` alone, which marks as seen without `silent`."""
    user = ask.logged_in()
    names = [name for name in ask.query.get("filter_by_types", "").split(",") if name]
    if not {"recent", "silent"} <= set(ask.query) or not names or not TYPES.keys() >= set(names):
        raise refused(400, "invalid_parameters")  # the bot asks otherwise
    board, kinds = ask.board, {TYPES[name] for name in names}
    notes = [note for note in board.notifications if note.user is user and note.type in kinds]
    notes = sorted(notes, key=lambda note: (note.created_at, note.id), reverse=True)[: ask.number("limit", NOTES)]
    readable = [note for note in notes if board.may_read(user, note.post.topic)]
    return {"notifications": [notification_json(note) for note in readable]}


def search(ask: Ask) -> Json:
    """[N:1347231599]. The first page, of fifty."""
    term, board = ask.query.get("q", ""), ask.board
    if len(term) < ask.forum.site.min_search_term:
        raise refused(400, "invalid_parameters")
    posts = _found(ask, term)[:FOUND]
    topics = {post.topic.id: topic_item(board, post.topic, ask.user) for post in posts}
    return {
        "posts": [{"id": post.id, "topic_id": post.topic.id} for post in posts],
        **({"topics": list(topics.values())} if topics else {}),
        "grouped_search_result": {"term": term, "error": None, "post_ids": [post.id for post in posts]},
    }


def _found(ask: Ask, term: str) -> list[Post]:
    """One post a topic. All words must be in its title or the post; nothing private."""
    board, filters, words = ask.board, FILTER.findall(term), _words(FILTER.sub(" ", term))
    best: dict[int, Post] = {}
    for post in board.posts.values():
        is_open = post.topic.members is None and post.type != WHISPER and not board.gone(post)
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
