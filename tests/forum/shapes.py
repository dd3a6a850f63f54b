"""What the forum holds, as JSON: of the keys of the recorded answers of 3.5.1 those that the bot reads [REC]."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from tests.forum.cooking import cook
from tests.forum.state import Board, Category, Notification, Post, Topic, User

Json = dict[str, Any]

HIDDEN = "<p>Ce message a été signalé et est masqué.</p>"


def stamp(when: datetime | None) -> str | None:
    """UTC with milliseconds [REC]."""
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03}Z" if when else None


def post_json(
    board: Board, post: Post, reader: User | None, base: str, *, raw: bool = True, title: bool = False
) -> Json:
    """`raw`, `title`: with `raw`; with the topic's title, as in lists over all topics."""
    topic, user = post.topic, post.user

    def known(name: str) -> str | None:
        return "user" if board.user(name) else "group" if name.lower() in board.groups else None

    is_shown = not post.hidden or (
        reader is not None and (reader.staff or reader is user)
    )  # [22 basic_post_serializer]
    shape: Json = {
        "id": post.id,
        "username": user.username,
        "created_at": stamp(post.created_at),
        "cooked": cook(post.raw, known, urlsplit(base).path) if is_shown else HIDDEN,
        "post_number": post.number,
        "post_type": post.type,
        "updated_at": stamp(post.updated_at),
        "reply_to_post_number": post.reply_to,
        "topic_id": topic.id,
        "version": post.version,
        "user_id": user.id,
        "hidden": post.hidden,
        "deleted_at": stamp(post.deleted_at),
        "user_deleted": post.user_deleted_at is not None,
    }
    shape |= {"raw": post.raw} if raw else {}
    if title:
        shape |= {"topic_title": topic.title, "category_id": topic.category.id if topic.category else None}
    return shape


def topic_item(board: Board, topic: Topic, reader: User | None) -> Json:
    """A topic in a list."""
    return {
        "id": topic.id,
        "title": topic.title,
        "slug": topic.slug,
        "posts_count": sum(board.may_see(reader, post) for post in topic.posts),
        "created_at": stamp(topic.created_at),
        "archetype": "regular" if topic.members is None else "private_message",
        "visible": topic.visible,
        "closed": topic.closed,
        "archived": topic.archived,
        "category_id": topic.category.id if topic.category else None,
        "has_accepted_answer": topic.accepted is not None,
    }


def topic_json(board: Board, topic: Topic, reader: User | None, posts: list[Post], base: str, *, raw: bool) -> Json:
    """`accepted_answer`: [discourse-solved, lib/discourse_solved/topic_view_serializer_extension.rb]."""
    accepted, members = topic.numbered(topic.accepted), topic.members or ()
    return {
        "post_stream": {
            "posts": [post_json(board, post, reader, base, raw=raw) for post in posts],
            "stream": [post.id for post in topic.posts if board.may_see(reader, post)],
        },
        **topic_item(board, topic, reader),
        "deleted_at": stamp(topic.deleted_at),
        "details": {
            "allowed_users": [{"id": user.id, "username": user.username} for user in members],
            "allowed_groups": [{"name": name} for name in sorted(topic.groups)],
        },
        **({"accepted_answer": {"post_number": accepted.number, "excerpt": None}} if accepted else {}),
    }


def category_json(category: Category, reader: User | None) -> Json:
    return {
        "id": category.id,
        "name": category.name,
        "slug": category.slug,
        "read_restricted": category.readers is not None,
        "permission": category.permission if reader else None,
        **({"parent_category_id": category.parent} if category.parent else {}),
    }


def notification_json(board_is_old: bool, note: Notification) -> Json:
    """The id of a post is a text in some [22 fixtures]."""
    post = note.post
    return {
        "id": note.id,
        "notification_type": note.type,
        "created_at": stamp(note.created_at),
        "post_number": post.number,
        "topic_id": post.topic.id,
        "data": {"original_post_id": str(post.id) if board_is_old else post.id},
    }
