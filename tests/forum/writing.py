"""The routes that change something, and what a post must be like to be taken. Staff exempt where marked."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from tests.forum.asking import Ask, Refusal, forbidden, not_found, refused
from tests.forum.reading import post_of
from tests.forum.shapes import Json, post_json, stamp
from tests.forum.state import Draft, Topic, User

NO_TOPIC = "Le sujet est introuvable ou fermé."
MEMO = timedelta(seconds=120)  # [N DistributedMemoizer]


def posts_create(ask: Ask) -> Json | None:
    """The same request within 120 s gets the first answer again, be it an error [N:718324783]."""
    writable(ask)
    user = ask.logged_in()
    signature = json.dumps([user.id, ask.body], sort_keys=True)
    made, when = ask.forum.memo.get(signature, ({}, None))
    if when is None or ask.forum.clock() >= when + MEMO:
        made = _perform(ask, _draft(ask, user))
        ask.forum.memo[signature] = (made, ask.forum.clock())
    if "success" not in made:
        raise Refusal(422, made)
    # On old servers an Api-Key got `null` for what waits for approval [22, N backwards_compatible_json].
    return made if made["action"] == "enqueued" and not ask.forum.site.old else made.get("post")


def _draft(ask: Ask, user: User) -> Draft:
    body, board = ask.body, ask.board
    topic = board.topics.get(_whole(body.get("topic_id"))) if body.get("topic_id") else None
    names = str(body.get("target_recipients") or "") if body.get("archetype") == "private_message" else None
    targets = [name.strip().lower() for name in (names or "").split(",")]
    people = None if names is None else [found for name in targets if (found := board.user(name))]
    external = str(body.get("external_id") or "")
    if external and not re.fullmatch(r"[\w-]+", external):
        raise refused(400, "invalid_parameters")
    return Draft(
        user=user,
        raw=str(body.get("raw") or "").rstrip(),
        topic=topic,
        title=" ".join(str(body.get("title") or "").split()),
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
        return {"action": "create_post", "errors": [NO_TOPIC]}
    if draft.category and not ask.board.may_enter(draft.user, draft.category):
        raise forbidden()
    if draft.recipients == [] and not (draft.groups and draft.groups <= ask.board.messageable):
        return {"action": "create_post", "errors": ["Choisissez une personne ou un groupe."]}
    if ask.forum.site.review and not draft.user.staff and not draft.private:  # [22 exempt_user?]
        number = ask.board.next_number()
        ask.forum.queue[number] = draft
        pending = {"id": number, "raw": draft.raw, "created_at": stamp(ask.forum.clock())}
        return {"action": "enqueued", "success": True, "pending_count": 1, "pending_post": pending}
    if wrong := errors(ask, draft):
        return {"action": "create_post", "errors": wrong}
    post = ask.forum.add(draft)
    return {"action": "create_post", "success": True, "post": post_json(ask.forum, post, draft.user)}


def posts_pending(ask: Ask) -> Json:
    """One's own posts that wait; others' are not there [N:718324783 `pending`]."""
    user = ask.board.user(ask.path[0])
    asker = ask.logged_in()
    if user is None or not (asker is user or asker.staff):
        raise not_found()
    mine = {number: draft for number, draft in ask.forum.queue.items() if draft.user is user}
    shapes = [
        {"id": number, "raw_text": draft.raw, "title": draft.title, "username": user.username,
         "topic_id": draft.topic.id if draft.topic else None, "created_at": stamp(ask.forum.clock())}
        for number, draft in sorted(mine.items(), reverse=True)
    ]  # fmt: skip
    return {"pending_posts": shapes}


def posts_update(ask: Ask) -> Json:
    """[N:718324783 `update`]: too late 422 (a day, from trust level 2 on thirty [F26]), not one's own 403."""
    writable(ask)
    user, given = ask.logged_in(), ask.body.get("post")
    post = ask.board.posts.get(int(ask.path[0]))
    if post is None or (ask.board.gone(post) and not user.staff):
        raise not_found()
    if not user.staff and (post.user is not user or post.topic.archived or post.user_deleted_at):
        raise forbidden()
    window = timedelta(minutes=43200 if user.trust_level >= 2 else 1440)
    if not user.staff and ask.forum.clock() > post.created_at + window:
        raise refused(422)
    raw = str(given["raw"]).rstrip() if isinstance(given, dict) else ""
    if wrong := list(body_errors(ask, Draft(user, raw, topic=post.topic))):
        raise Refusal(422, {"errors": wrong})
    ask.forum.edit(post, raw, by=user)
    return {"post": post_json(ask.forum, post, user)}


def posts_destroy(ask: Ask) -> Json:
    """By its author: the text goes first, the post a day later; a first post with replies stays [22 post_destroyer]."""
    writable(ask)
    user = ask.logged_in()
    post = post_of(ask, ask.board.posts.get(int(ask.path[0])))
    replied = post.number == 1 and len(post.topic.posts) > 1
    if not user.staff and (post.user is not user or post.user_deleted_at or replied or post.topic.archived):
        raise forbidden()
    ask.forum.delete(post, by=user)
    raise Refusal(200, "")


def writable(ask: Ask) -> None:
    """503 [22 application_controller]."""
    if ask.forum.site.read_only:
        raise refused(503, "read_only")


def errors(ask: Ask, draft: Draft) -> list[str]:
    """Of the post to be created, in the site's language, as 422 tells them; none: it may be."""
    if draft.topic and (closed := list(_place(ask, draft, draft.topic))):
        return closed
    return [*_title(ask, draft), *body_errors(ask, draft), *_repeated(ask, draft)]


def _place(ask: Ask, draft: Draft, topic: Topic) -> Iterator[str]:
    user, most = draft.user, ask.forum.site.max_consecutive_replies
    free = user.staff or user.trust_level >= 4
    if not ask.board.may_read(user, topic) or ((topic.closed or topic.archived) and not free):
        yield NO_TOPIC
        return
    last = [post for post in topic.posts if not post.deleted_at][-most:]
    is_own = topic.user is user or user.staff
    if not is_own and len(last) == most and all(post.user is user for post in last):
        yield f"Pas plus de {most} réponses de suite. Modifiez plutôt votre réponse précédente."


def _title(ask: Ask, draft: Draft) -> Iterator[str]:
    if draft.topic:
        return
    least = 2 if draft.private else 1 if draft.user.admin else ask.forum.site.min_title
    if len(draft.title) < least:
        yield f"Le titre est trop court (au moins {least} caractères)"
    same = (one for one in ask.board.topics.values() if one.members is None and not one.deleted_at)
    if not draft.private and any(one.title.lower() == draft.title.lower() for one in same):
        yield "Le titre est déjà utilisé"  # `duplicate_topic_titles: disallowed` [F26]


def body_errors(ask: Ask, draft: Draft) -> Iterator[str]:
    """Of a new post and of an edit; HTML comments do not count [22 stripped_length_validator]."""
    site, got = ask.forum.site, len(re.sub(r"<!--.*?-->", "", draft.raw, flags=re.DOTALL).strip())
    least = site.min_private_post if draft.private else site.min_post
    if got < least:
        yield f"Le corps du message est trop court (au moins {least} caractères)"
    elif got > site.max_post:
        yield f"Le corps est limité à {site.max_post} caractères ; il en a {got}."


def _repeated(ask: Ask, draft: Draft) -> Iterator[str]:
    """The same body by the same person within five minutes, wherever [F26 unique_posts_mins]."""
    since = ask.forum.clock() - ask.forum.site.unique_posts
    recent = (post for post in ask.board.posts.values() if post.user is draft.user and post.created_at > since)
    same = any(post.raw.strip() == draft.raw.strip() for post in recent)
    if same and not draft.user.staff and not draft.private:
        yield "Le corps ressemble trop à ce que vous avez posté récemment"
    taken = any(topic.external_id == draft.external_id for topic in ask.board.topics.values())
    if draft.external_id and taken:
        yield "L’identifiant externe est déjà pris"
