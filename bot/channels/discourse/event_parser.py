"""From a post to an `Event` of the journal, and from there to what it says. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime

from bot.channels.discourse.models import REGULAR, DiscoursePost
from bot.channels.discourse.plain_text import mentions, plain_text
from bot.channels.discourse.site import CHANNEL, Site, event_id, folded, room
from bot.messages import Edit, Event, Message, Redaction

LONGEST = 40_000
"""Characters of a post that are read; a forum takes 32,000 (`max_post_length`) unless its settings say otherwise."""
_KEPT = {
    *("id", "topic_id", "post_number", "topic_title", "category_id", "username", "user_id", "post_type"),
    *("raw", "cooked", "reply_to_post_number", "created_at", "version"),
}


@dataclass(frozen=True, slots=True)
class CategoryRole:
    """What a category is to the bot."""

    overhears: bool = False  # new topics there
    private: bool = False  # not everybody may read it


@dataclass(frozen=True, slots=True)
class JournalledPost:
    """A post as the journal keeps it. `late`: it came in too long after it was posted to be overheard."""

    post: DiscoursePost
    direct: bool  # a private message
    late: bool = False


def heard(post: DiscoursePost, site: Site) -> bool:
    """Whether a person says something here: not we, the system, another bot; no whisper, no small action."""
    person = (post.user_id or 0) > 0 and not site.is_us(post.username) and not site.ignores(post.username)
    return person and post.post_type == REGULAR and not post.gone


def event(said: JournalledPost) -> Event:
    """A post after the first one counts as an answer to that: whoever else writes in a topic has replied to it."""
    post = said.post
    first = event_id(post.topic_id, 1)
    answers = None if post.post_number == 1 else first
    return Event(
        CHANNEL,
        event_id(post.topic_id, post.post_number),
        room(post.topic_id),
        post.username,
        "message",
        post.created_at,
        _written(said),
        answers,
    )


def edited(said: JournalledPost) -> Event:
    """New words. Edits within five minutes do not raise the version: the words tell them apart."""
    post = said.post
    target = event_id(post.topic_id, post.post_number)
    id = f"{target}/v{post.version}-{digest(post)}"
    return Event(CHANNEL, id, room(post.topic_id), post.username, "edit", post.created_at, _written(said), target)


def deleted(topic: int, number: int, author: str, now: datetime) -> Event:
    """The forum does not tell who deleted it."""
    target = event_id(topic, number)
    return Event(CHANNEL, f"{target}/deleted", room(topic), author, "redaction", now, "{}", target)


def appeared(post: DiscoursePost, held: str) -> Event:
    """Our own post, that waited under the id `held`, stands in its topic now."""
    id, answers = event_id(post.topic_id, post.post_number), post.reply_to_post_number
    content = {"post": post.id, "answers": event_id(post.topic_id, answers) if answers else None}
    return Event(
        CHANNEL, id, room(post.topic_id), post.username, "appeared", post.created_at, json.dumps(content), held
    )


def digest(post: DiscoursePost) -> str:
    """Of the words, of a first post with its title."""
    title = post.topic_title if post.post_number == 1 else ""
    return hashlib.sha256(f"{title}\n{post.raw}".encode("utf-8", "replace")).hexdigest()[:8]


def said(event: Event) -> JournalledPost:
    """What `event` and `edited` wrote."""
    kept = json.loads(event.content)
    return JournalledPost(DiscoursePost.model_validate(kept["post"]), kept["direct"], kept["late"])


def message(said: JournalledPost, place: CategoryRole, site: Site) -> Message:
    post = said.post
    first, named = post.post_number == 1, mentions(post.cooked)
    us = folded(site.username)
    overhears = first and place.overhears and not (place.private or said.direct or said.late)
    return Message(
        channel=CHANNEL,
        id=event_id(post.topic_id, post.post_number),
        room=room(post.topic_id),
        sender=post.username,
        text=_text(post, us in named, site),
        sent=post.created_at,
        direct=said.direct,
        private=said.direct or place.private,
        listen="questions" if overhears else "mentions",
        mentions_bot=us in named,
        mentions_others=bool(named - {us, folded(post.username)}),
        reply_to=event_id(post.topic_id, post.reply_to_post_number) if post.reply_to_post_number else None,
    )


def edit(event: Event, message: Message) -> Edit:
    return Edit(event.id, message)


def redaction(event: Event) -> Redaction:
    return Redaction(event.channel, event.id, event.room, event.sender, event.relates_to or "")


def _written(said: JournalledPost) -> str:
    post = said.post.model_dump(mode="json", include=_KEPT)
    return json.dumps({"post": post, "direct": said.direct, "late": said.late}, ensure_ascii=False)


def _text(post: DiscoursePost, called: bool, site: Site) -> str:
    """Of a first post with its title. A call to the bot is no word of the question, wherever it stands."""
    body = plain_text(post.raw[:LONGEST])
    if called:
        body = re.sub(rf"@{re.escape(site.username)}(?![\w.-]*\w)[ \t]*[,:;]?[ \t]*", "", body, flags=re.IGNORECASE)
    title = post.topic_title if post.post_number == 1 else ""
    return f"{title}\n\n{body}".strip()
