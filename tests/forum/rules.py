"""What a post must be like to be taken: errors in the site's language, as 422 tells them. Staff exempt where marked."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.forum.asking import Ask
from tests.forum.cooking import linked, links, mentioned
from tests.forum.state import Category, Topic, User

MENTIONS, NEWCOMER_MENTIONS, NEWCOMER_LINKS, NEWCOMER_REPLIES = 10, 2, 2, 3  # [F26]
ENTROPY = {"title": 10, "body": 7}


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
    tags: list[str] = field(default_factory=list)
    unchecked: bool = False  # `skip_validations`

    @property
    def private(self) -> bool:
        return self.recipients is not None or (self.topic is not None and self.topic.members is not None)


def sha(raw: str) -> str:
    """Of a body, exactly as it is [22+N unique_post_validator]."""
    return hashlib.sha1(raw.strip().encode(), usedforsecurity=False).hexdigest()


def length(raw: str) -> int:
    """HTML comments dropped, an emoji counts one [22 stripped_length_validator]."""
    return len(re.sub(r":\w+:", "X", re.sub(r"<!--.*?-->", "", raw, flags=re.DOTALL)).strip())


def prettified(title: str) -> str:
    """The server changes titles [22 lib/text_cleaner.rb]."""
    title = re.sub(r"!{2,}", "!", re.sub(r"\?{2,}", "?", " ".join(title.split())))
    title = title.lower() if title == title.upper() else title
    title = re.sub(r"\.+$", "", title)
    return title[:1].upper() + title[1:] if title.split(" ")[0].islower() else title


def errors(ask: Ask, draft: Draft) -> list[str]:
    """Of the post to be created; none: it may be."""
    if draft.unchecked:
        return []
    if draft.topic and (refused := list(_place(ask, draft, draft.topic))):
        return refused
    return [*_title(ask, draft), *body_errors(ask, draft), *_repeated(ask, draft)]


def _place(ask: Ask, draft: Draft, topic: Topic) -> Iterator[str]:
    user = draft.user
    free = user.staff or user.trust_level >= 4
    if not ask.forum.board.may_read(user, topic) or ((topic.closed or topic.archived) and not free):
        yield ask.say("no_topic")
        return
    if user.staff:
        return
    own = [post for post in topic.posts if post.user is user and not post.deleted_at]
    since = (ask.forum.clock() - own[-1].created_at).total_seconds() if own else float("inf")
    if since < topic.slow_mode_seconds and user.id > 0:
        yield ask.say("slow")
    most = ask.forum.site.max_consecutive_replies
    last = [post for post in topic.posts if not post.deleted_at][-most:]
    if topic.user is not user and len(last) == most and all(post.user is user for post in last):
        yield ask.say("in_a_row", most=most)  # but not in one's own topic
    answered = any(post.user is not user for post in topic.posts[1:]) or topic.user is user
    if user.trust_level == 0 and not answered and len(own) >= NEWCOMER_REPLIES:
        yield ask.say("newcomer", most=NEWCOMER_REPLIES)


def _title(ask: Ask, draft: Draft) -> Iterator[str]:
    if draft.topic:
        return
    site, title = ask.forum.site, draft.title
    least = 2 if draft.private else 1 if draft.user.admin else site.min_title
    if len(title) < least:
        yield ask.say("title_short", least=least)
    elif len(title) > site.max_title:
        yield ask.say("title_long", most=site.max_title)
    elif len(set(title)) < ENTROPY["title"] and not draft.private and not draft.user.staff:
        yield ask.say("title_unclear")
    same = (one for one in ask.forum.board.topics.values() if one.members is None and not one.deleted_at)
    if not draft.private and any(one.title.lower() == title.lower() for one in same):
        yield ask.say("title_used")  # `duplicate_topic_titles: disallowed` [F26]


def body_errors(ask: Ask, draft: Draft) -> Iterator[str]:
    """Of a new post and of an edit."""
    site, raw, user = ask.forum.site, draft.raw, draft.user
    least, got = (site.min_private_post if draft.private else site.min_post), length(raw)
    if got < least:
        yield ask.say("too_short", least=least)
    elif got > site.max_post:
        yield ask.say("too_long", most=site.max_post, got=got)
    elif len(set(raw)) < ENTROPY["body"] and not user.staff:
        yield ask.say("unclear")
    most = MENTIONS if user.trust_level else NEWCOMER_MENTIONS
    if len(mentioned(raw)) > most and not user.staff:
        yield ask.say("mentions", most=most)
    foreign = len(links(raw)) - len(linked(raw, ask.forum.url))
    if foreign > NEWCOMER_LINKS and user.trust_level == 0:
        yield ask.say("links", most=NEWCOMER_LINKS)


def _repeated(ask: Ask, draft: Draft) -> Iterator[str]:
    """The same body by the same person within five minutes, wherever [F26 unique_posts_mins]."""
    since = ask.forum.clock() - ask.forum.site.unique_posts
    recent = (post for post in ask.forum.board.posts.values() if post.user is draft.user and post.created_at > since)
    same = any(sha(post.raw) == sha(draft.raw) for post in recent)
    if same and not draft.user.staff and not draft.private:
        yield ask.say("just_posted")
    taken = any(topic.external_id == draft.external_id for topic in ask.forum.board.topics.values())
    if draft.external_id and taken:
        yield ask.say("external_used")
