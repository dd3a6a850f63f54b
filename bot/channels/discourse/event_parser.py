"""Conversion of a post to an `Event` of the journal, and of that to its meaning. Pure.

Event ids: `<topic>/<post number>` of a post, `…/v<version>-<digest>` of an edit, `…/deleted` of a deletion.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime

from bot.channels.discourse.formatting import mentions, plain_text
from bot.channels.discourse.models import REGULAR, DiscoursePost
from bot.channels.discourse.site import Site, event_id, folded, room
from bot.messages import NOWHERE, Event, Kind, Message, Venue

LONGEST = 40_000  # characters read of a post; `max_post_length` is 32,000 by default (`config/site_settings.yml`)
_JOURNALLED = {  # fields of a post that are stored in its event
    *("id", "topic_id", "post_number", "topic_title", "category_id", "username", "user_id", "post_type"),
    *("raw", "cooked", "reply_to_post_number", "created_at", "version"),
}


@dataclass(frozen=True, slots=True)
class CategoryRole:
    """Treatment of a category. `overhears`: the bot may answer new topics unasked. `private`: not everybody may read
    it."""

    overhears: bool = False
    private: bool = False
    venue: Venue = NOWHERE


@dataclass(frozen=True, slots=True)
class JournalledPost:
    """The content of an event. `direct`: a private message. `late`: seen too late to be overheard."""

    post: DiscoursePost
    direct: bool
    late: bool = False


def is_by_person(post: DiscoursePost, site: Site) -> bool:
    """Whether it is a regular post (no whisper, no small action) by neither the bot, the system (ids <= 0) nor another
    bot."""
    is_bot = folded(post.username) in map(folded, (site.username, *site.ignore))
    return (post.user_id or 0) > 0 and not is_bot and post.post_type == REGULAR and not post.gone


def message_event(content: JournalledPost, site: Site) -> Event:
    """Return the event of a new post.

    Every post but the first relates to the first: anybody else who writes in a topic has replied to its question.
    """
    post = content.post
    first = None if post.post_number == 1 else event_id(post.topic_id, 1)
    return _event(site, post, event_id(post.topic_id, post.post_number), "message", _to_json(content), first)


def edit_event(content: JournalledPost, site: Site) -> Event:
    """Return the event of an edit.

    The digest is part of the id: edits within `editing_grace_period` (five minutes) do not raise the version.
    """
    post = content.post
    target = event_id(post.topic_id, post.post_number)
    return _event(site, post, f"{target}/v{post.version}-{text_digest(post)}", "edit", _to_json(content), target)


def appearance_event(post: DiscoursePost, pending: str, site: Site) -> Event:
    """Return the event of a post of the bot that waited for approval as `pending` and now stands in its topic."""
    answers = event_id(post.topic_id, post.reply_to_post_number) if post.reply_to_post_number else None
    content = json.dumps({"post": post.id, "answers": answers})
    return _event(site, post, event_id(post.topic_id, post.post_number), "appeared", content, pending)


def redaction_event(topic: int, number: int, author: str, now: datetime, site: Site) -> Event:
    """Return the event of a deletion.

    The forum does not say who deleted a post: `author` is empty, or an id if the bot's own post was deleted.
    """
    target = event_id(topic, number)
    return Event(site.name, f"{target}/deleted", room(topic), author, "redaction", now, "{}", target)


def text_digest(post: DiscoursePost) -> str:
    """Return a digest of the text; for a first post, together with the topic's title."""
    title = post.topic_title if post.post_number == 1 else ""
    return hashlib.sha256(f"{title}\n{post.raw}".encode("utf-8", "replace")).hexdigest()[:8]


def journalled_post(event: Event) -> JournalledPost:
    """Return the content of a message or an edit."""
    content = json.loads(event.content)
    return JournalledPost(DiscoursePost.model_validate(content["post"]), content["direct"], content["late"])


def message(content: JournalledPost, role: CategoryRole, site: Site) -> Message:
    """Return the meaning of a post. The text of a first one begins with the topic's title, unless it repeats it."""
    post = content.post
    names, us = mentions(post.cooked), folded(site.username)
    body = plain_text(post.raw[:LONGEST])
    if us in names:  # the bot's @name, no word of the question, is cut wherever it stands
        body = re.sub(rf"@{re.escape(site.username)}(?![\w.-]*\w)[ \t]*[,:;]?[ \t]*", "", body, flags=re.IGNORECASE)
    title = post.topic_title if post.post_number == 1 else ""
    is_said_again = _words(title) in map(_words, re.split(r"[.?!\n]", body))
    overhears = post.post_number == 1 and role.overhears and not (role.private or content.direct or content.late)
    return Message(
        channel=site.name,
        id=event_id(post.topic_id, post.post_number),
        room=room(post.topic_id),
        sender=post.username,
        text=body.strip() if is_said_again else f"{title}\n\n{body}".strip(),
        sent=post.created_at,
        direct=content.direct,
        private=content.direct or role.private,
        listen="questions" if overhears else "mentions",
        mentions_bot=us in names,
        mentions_others=bool(names - {us, folded(post.username)}),
        reply_to=event_id(post.topic_id, post.reply_to_post_number) if post.reply_to_post_number else None,
        venue=NOWHERE if content.direct else role.venue,
    )


def _event(site: Site, post: DiscoursePost, id: str, kind: Kind, content: str, relates_to: str | None) -> Event:
    return Event(site.name, id, room(post.topic_id), post.username, kind, post.created_at, content, relates_to)


def _to_json(content: JournalledPost) -> str:
    post = content.post.model_dump(mode="json", include=_JOURNALLED)
    return json.dumps({"post": post, "direct": content.direct, "late": content.late}, ensure_ascii=False)


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
