"""What the forum holds, as JSON: the keys of the recorded answers of 3.5.1 that a client may look at [REC]."""

from __future__ import annotations

import html
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from tests.forum.alerts import HIGH_PRIORITY
from tests.forum.cooking import cook
from tests.forum.state import BAKED_AFTER, REGULAR, Board, Category, Notification, Post, Topic, User

Json = dict[str, Any]

AVATAR = "/letter_avatar_proxy/v4/letter/c/{size}.png"
HIDDEN = {"fr": "<p>Ce message a été signalé et est masqué.</p>", "en": "<p>This post was flagged and is hidden.</p>"}


def stamp(when: datetime | None) -> str | None:
    """UTC with milliseconds [REC]."""
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03}Z" if when else None


def _known(board: Board, name: str) -> str | None:
    return "user" if board.user(name) else "group" if name.lower() in board.groups else None


def cooked(board: Board, post: Post, reader: User | None, base: str) -> str:
    if post.hidden and not (reader and (reader.staff or reader is post.user)):
        return HIDDEN.get(board.site.locale, HIDDEN["en"])  # [22 basic_post_serializer]
    baked = board.clock() >= post.updated_at + BAKED_AFTER
    return cook(post.raw, lambda name: _known(board, name), urlsplit(base).path, baked)


def post_json(
    board: Board, post: Post, reader: User | None, base: str, *, raw: bool = True, title: bool = False
) -> Json:
    """`raw`, `title`: with `raw`; with the topic's title, as in lists over all topics."""
    topic, user = post.topic, post.user
    answered = topic.numbered(post.reply_to)
    shape: Json = {
        "id": post.id,
        "name": user.username,
        "username": user.username,
        "avatar_template": AVATAR,
        "created_at": stamp(post.created_at),
        "cooked": cooked(board, post, reader, base),
        "post_number": post.number,
        "post_type": post.type,
        "posts_count": len(topic.posts),
        "updated_at": stamp(post.updated_at),
        "reply_count": sum(one.reply_to == post.number for one in topic.posts),
        "reply_to_post_number": post.reply_to,
        "quote_count": 0,
        "score": 0,
        "yours": user is reader,
        "topic_id": topic.id,
        "topic_slug": topic.slug,
        "display_username": user.username,
        "version": post.version,
        "can_edit": reader is not None and (reader is user or reader.staff),
        "can_delete": reader is not None and (reader is user or reader.staff) and post.number > 1,
        "moderator": user.moderator,
        "admin": user.admin,
        "staff": user.staff,
        "user_id": user.id,
        "hidden": post.hidden,
        "trust_level": user.trust_level,
        "deleted_at": stamp(post.deleted_at),
        "user_deleted": post.user_deleted_at is not None,
        "edit_reason": post.reason,
        "wiki": False,
        "actions_summary": [{"id": 2, "count": len(post.likes)}] if post.likes else [],
        "post_url": post.url,
    }
    if answered:
        shape["reply_to_user"] = {"id": answered.user.id, "username": answered.user.username, "avatar_template": AVATAR}
    if post.action_code:
        shape["action_code"] = post.action_code
    if raw:
        shape["raw"] = post.raw
    if title:
        shape |= {
            "topic_title": topic.title,
            "topic_html_title": html.escape(topic.title),
            "category_id": topic.category.id if topic.category else None,
        }
    return shape


def topic_item(board: Board, topic: Topic, reader: User | None) -> Json:
    """A topic in a list."""
    seen = [post for post in topic.posts if board.may_see(reader, post)]
    last = seen[-1] if seen else topic.posts[0]
    return {
        "id": topic.id,
        "title": topic.title,
        "fancy_title": html.escape(topic.title),
        "slug": topic.slug,
        "posts_count": len(seen),
        "reply_count": sum(post.reply_to is not None for post in seen),
        "highest_post_number": last.number,
        "created_at": stamp(topic.created_at),
        "last_posted_at": stamp(last.created_at),
        "bumped": True,
        "bumped_at": stamp(last.created_at),
        "archetype": "regular" if topic.members is None else "private_message",
        "pinned": False,
        "visible": topic.visible,
        "closed": topic.closed,
        "archived": topic.archived,
        "tags": tags(board, topic),
        "category_id": topic.category.id if topic.category else None,
        "has_accepted_answer": topic.accepted is not None,
        "views": 0,
        "like_count": sum(len(post.likes) for post in seen),
        "posters": [{"extras": None, "description": "Original Poster", "user_id": topic.user.id}],
    }


def tags(board: Board, topic: Topic) -> list[str] | list[Json]:
    """Texts until 2026-02, objects since [OAS diff]."""
    if board.site.old:
        return list(topic.tags)
    return [{"id": number, "name": name, "slug": name} for number, name in enumerate(topic.tags, 1)]


def topic_json(board: Board, topic: Topic, reader: User | None, posts: list[Post], base: str, *, raw: bool) -> Json:
    stream = [post for post in topic.posts if board.may_see(reader, post)]
    writes = reader is not None and not (topic.closed or topic.archived)
    return {
        "post_stream": {
            "posts": [post_json(board, post, reader, base, raw=raw) for post in posts],
            "stream": [post.id for post in stream],
        },
        **topic_item(board, topic, reader),
        "user_id": topic.user.id,
        "external_id": topic.external_id,
        "deleted_at": stamp(topic.deleted_at),
        "slow_mode_seconds": topic.slow_mode_seconds,
        "draft": None,
        "draft_sequence": 0,
        "current_post_number": posts[0].number if posts else 1,
        "chunk_size": 20,
        "message_bus_last_id": 0,
        "details": {
            "can_create_post": writes,
            "notification_level": 1,
            "participants": [_person(user) for user in {post.user: None for post in stream}],
            "created_by": _person(topic.user),
            "last_poster": _person(stream[-1].user if stream else topic.user),
            **(_invited(topic) if topic.members is not None else {}),
        },
        **_accepted(topic),
    }


def _accepted(topic: Topic) -> Json:
    """Of a solved topic alone [discourse-solved, lib/discourse_solved/topic_view_serializer_extension.rb]."""
    post = topic.numbered(topic.accepted)
    if post is None:
        return {}
    facts = {"post_number": post.number, "username": post.user.username, "name": post.user.username}
    return {"accepted_answer": {**facts, "excerpt": None}}


def _invited(topic: Topic) -> Json:
    return {
        "allowed_users": [_person(user) for user in topic.members or ()],
        "allowed_groups": [{"name": name} for name in sorted(topic.groups)],
    }


def _person(user: User) -> Json:
    return {"id": user.id, "username": user.username, "name": user.username, "avatar_template": AVATAR}


def category_json(board: Board, category: Category, reader: User | None) -> Json:
    own = [topic for topic in board.topics.values() if topic.category is category]
    return {
        "id": category.id,
        "name": category.name,
        "slug": category.slug,
        "color": "0088CC",
        "text_color": "FFFFFF",
        "topic_count": len(own),
        "post_count": sum(len(topic.posts) for topic in own),
        "position": category.id,
        "description": None,
        "topic_url": f"/t/about-{category.slug}/{category.id}",
        "read_restricted": category.readers is not None,
        "permission": category.permission if reader else None,
        "notification_level": 1,
        "topic_template": None,
        "has_children": any(other.parent == category.id for other in board.categories.values()),
        **({"parent_category_id": category.parent} if category.parent else {}),
    }


def notification_json(board: Board, note: Notification) -> Json:
    post = note.post
    return {
        "id": note.id,
        "user_id": note.user.id,
        "external_id": None,
        "notification_type": note.type,
        "read": note.read,
        "high_priority": note.type in HIGH_PRIORITY,
        "created_at": stamp(note.created_at),
        "post_number": post.number,
        "topic_id": post.topic.id,
        "slug": post.topic.slug,
        "fancy_title": html.escape(post.topic.title),
        "data": {
            "topic_title": post.topic.title,
            "original_post_id": str(post.id) if board.site.old else post.id,  # a text in some [22 fixtures]
            "original_post_type": post.type if post.type else REGULAR,
            "original_username": note.by.username,
            "revision_number": None,
            "display_username": note.by.username,
        },
    }


def user_json(user: User) -> Json:
    return {
        "id": user.id,
        "username": user.username,
        "name": user.username,
        "avatar_template": AVATAR,
        "created_at": stamp(user.created_at),
        "trust_level": user.trust_level,
        "moderator": user.moderator,
        "admin": user.admin,
        "title": None,
        "can_send_private_message_to_user": user.trust_level > 0,
        "groups": [{"id": 10, "automatic": True, "name": "trust_level_0"}]
        + [{"id": 40 + number, "automatic": False, "name": name} for number, name in enumerate(sorted(user.groups))],
    }
