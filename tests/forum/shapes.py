"""What the forum holds, as JSON: of the keys of the recorded answers of 3.5.1 those that the bot reads [REC].

What people write (`raw`) becomes HTML (`cooked`) as far as the bot looks: mentions and quotes.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.forum.state import Board, Category, Notification, Post, Topic, User

if TYPE_CHECKING:
    from tests.forum import Forum

Json = dict[str, Any]

QUOTE = re.compile(r'\[quote(?:="(?P<of>[^"]*)")?\]\s*(?P<said>.*?)\s*\[/quote\]', re.DOTALL)
CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
MENTION = re.compile(r"(?<![\w@/.])@([\w][\w.-]*\w)")

Known = Callable[[str], str | None]
"""The kind of a name that was written after an @: user, group, or None."""


def mentioned(raw: str) -> list[str]:
    """But for code and quotes: a name in there calls nobody [22 post_analyzer cooked_stripped]."""
    return list(dict.fromkeys(MENTION.findall(CODE.sub(" ", QUOTE.sub(" ", raw)))))


def cook(raw: str, known: Known, base: str) -> str:
    """`base`: the path that the forum is mounted below."""
    parts, end = [], 0
    for quote in QUOTE.finditer(raw):
        inside = _render(quote["said"], known, base)
        aside = f'<aside class="quote no-group"><blockquote>\n{inside}\n</blockquote></aside>'
        parts += [_render(raw[end : quote.start()], known, base), aside]
        end = quote.end()
    return "\n".join(filter(None, [*parts, _render(raw[end:], known, base)]))


def _render(raw: str, known: Known, base: str) -> str:
    def name(found: re.Match[str]) -> str:
        kind, written = known(found[1]), html.escape(found[1])
        if kind is None:
            return f'<span class="mention">@{written}</span>'
        path, mark = ("u", "mention") if kind == "user" else ("groups", "mention-group notify")
        return f'<a class="{mark}" href="{base}/{path}/{written.lower()}">@{written}</a>'

    def text(renderer: object, tokens: list[Token], at: int, options: object, environment: object) -> str:
        open_links = sum({"link_open": 1, "link_close": -1}.get(token.type, 0) for token in tokens[:at])
        content = html.escape(tokens[at].content, quote=False)
        return content if open_links else MENTION.sub(name, content)

    markdown = MarkdownIt("commonmark", {"html": False, "breaks": True})
    markdown.add_render_rule("text", text)
    return str(markdown.render(raw)).strip()


def stamp(when: datetime | None) -> str | None:
    """UTC with milliseconds [REC]."""
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03}Z" if when else None


def post_json(forum: Forum, post: Post, reader: User | None, *, raw: bool = True, title: bool = False) -> Json:
    """`raw`, `title`: with `raw`; with the topic's title, as in lists over all topics."""
    board, topic, user = forum.board, post.topic, post.user

    def known(name: str) -> str | None:
        return "user" if board.user(name) else "group" if name.lower() in board.groups else None

    shape: Json = {
        "id": post.id, "username": user.username, "user_id": user.id, "cooked": cook(post.raw, known, forum.folder),
        "topic_id": topic.id, "post_number": post.number, "post_type": post.type, "reply_to_post_number": post.reply_to,
        "created_at": stamp(post.created_at), "updated_at": stamp(post.updated_at), "version": post.version,
        "hidden": post.hidden, "deleted_at": stamp(post.deleted_at), "user_deleted": post.user_deleted_at is not None,
    }  # fmt: skip
    shape |= {"raw": post.raw} if raw else {}
    if title:
        shape |= {"topic_title": topic.title, "category_id": topic.category.id if topic.category else None}
    return shape


def topic_item(board: Board, topic: Topic, reader: User | None) -> Json:
    """A topic in a list."""
    return {
        "id": topic.id, "title": topic.title, "posts_count": sum(board.may_see(reader, one) for one in topic.posts),
        "archetype": "regular" if topic.members is None else "private_message", "created_at": stamp(topic.created_at),
        "visible": topic.visible, "closed": topic.closed, "archived": topic.archived,
        "category_id": topic.category.id if topic.category else None, "has_accepted_answer": topic.accepted is not None,
    }  # fmt: skip


def topic_json(forum: Forum, topic: Topic, reader: User | None, posts: list[Post], *, raw: bool) -> Json:
    """`accepted_answer`: [discourse-solved, lib/discourse_solved/topic_view_serializer_extension.rb]."""
    accepted, members = topic.numbered(topic.accepted), topic.members or ()
    return {
        "post_stream": {
            "posts": [post_json(forum, post, reader, raw=raw) for post in posts],
            "stream": [post.id for post in topic.posts if forum.board.may_see(reader, post)],
        },
        **topic_item(forum.board, topic, reader),
        "deleted_at": stamp(topic.deleted_at),
        "details": {
            "allowed_users": [{"id": user.id, "username": user.username} for user in members],
            "allowed_groups": [{"name": name} for name in sorted(topic.groups)],
        },
        **({"accepted_answer": {"post_number": accepted.number}} if accepted else {}),
    }


def category_json(category: Category, reader: User | None) -> Json:
    return {
        "id": category.id, "name": category.name, "slug": category.slug,
        "read_restricted": category.readers is not None, "permission": category.permission if reader else None,
    }  # fmt: skip


def notification_json(note: Notification) -> Json:
    post = note.post
    return {
        "id": note.id, "notification_type": note.type, "created_at": stamp(note.created_at),
        "post_number": post.number, "topic_id": post.topic.id, "data": {"original_post_id": post.id},
    }  # fmt: skip
