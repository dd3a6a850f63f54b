"""What a post must be like to be taken: errors in the site's language, as 422 tells them. Staff exempt where marked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.forum.asking import TEXTS, Ask
from tests.forum.state import Category, Topic, User


@dataclass
class Draft:
    """A post that somebody wants to make. With `title` a new topic; with `recipients` a private message."""

    user: User
    raw: str
    topic: Topic | None = None
    title: str = ""
    category: Category | None = None
    recipients: list[User] | None = None
    groups: frozenset[str] = frozenset()  # the others of them, all of whose members read it
    reply_to: int | None = None
    external_id: str | None = None

    @property
    def private(self) -> bool:
        return self.recipients is not None or (self.topic is not None and self.topic.members is not None)


def prettified(title: str) -> str:
    """The server changes titles [22 lib/text_cleaner.rb]."""
    title = re.sub(r"!{2,}", "!", re.sub(r"\?{2,}", "?", " ".join(title.split())))
    title = title.lower() if title == title.upper() else title
    title = re.sub(r"\.+$", "", title)
    return title[:1].upper() + title[1:] if title.split(" ")[0].islower() else title


def errors(ask: Ask, draft: Draft) -> list[str]:
    """Of the post to be created; none: it may be."""
    if draft.topic and (refused := list(_place(ask, draft, draft.topic))):
        return refused
    return [*_title(ask, draft), *body_errors(ask, draft), *_repeated(ask, draft)]


def _place(ask: Ask, draft: Draft, topic: Topic) -> Iterator[str]:
    user, most = draft.user, ask.forum.site.max_consecutive_replies
    free = user.staff or user.trust_level >= 4
    if not ask.forum.board.may_read(user, topic) or ((topic.closed or topic.archived) and not free):
        yield TEXTS["no_topic"]
        return
    last = [post for post in topic.posts if not post.deleted_at][-most:]
    is_own = topic.user is user or user.staff
    if not is_own and len(last) == most and all(post.user is user for post in last):
        yield TEXTS["in_a_row"].format(most=most)


def _title(ask: Ask, draft: Draft) -> Iterator[str]:
    if draft.topic:
        return
    least = 2 if draft.private else 1 if draft.user.admin else ask.forum.site.min_title
    if len(draft.title) < least:
        yield TEXTS["title_short"].format(least=least)
    same = (one for one in ask.forum.board.topics.values() if one.members is None and not one.deleted_at)
    if not draft.private and any(one.title.lower() == draft.title.lower() for one in same):
        yield TEXTS["title_used"]  # `duplicate_topic_titles: disallowed` [F26]


def body_errors(ask: Ask, draft: Draft) -> Iterator[str]:
    """Of a new post and of an edit; HTML comments do not count [22 stripped_length_validator]."""
    site, got = ask.forum.site, len(re.sub(r"<!--.*?-->", "", draft.raw, flags=re.DOTALL).strip())
    least = site.min_private_post if draft.private else site.min_post
    if got < least:
        yield TEXTS["too_short"].format(least=least)
    elif got > site.max_post:
        yield TEXTS["too_long"].format(most=site.max_post, got=got)


def _repeated(ask: Ask, draft: Draft) -> Iterator[str]:
    """The same body by the same person within five minutes, wherever [F26 unique_posts_mins]."""
    since = ask.forum.clock() - ask.forum.site.unique_posts
    recent = (post for post in ask.forum.board.posts.values() if post.user is draft.user and post.created_at > since)
    same = any(post.raw.strip() == draft.raw.strip() for post in recent)
    if same and not draft.user.staff and not draft.private:
        yield TEXTS["just_posted"]
    taken = any(topic.external_id == draft.external_id for topic in ask.forum.board.topics.values())
    if draft.external_id and taken:
        yield TEXTS["external_used"]
