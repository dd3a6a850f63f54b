"""What a week brought, gathered from the store and the knowledge: values for the digest, no words. No network."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence, Set
from datetime import date, datetime

from bot.knowledge.models import Entry, Knowledge
from bot.messages import TOPICS_SEEN, Topic
from bot.replies.digest_post import DigestEntry, DigestWeek, OpenQuestion, Work
from bot.store import QueuedQuestion, Store

LinkTo = Callable[[str, str, str], str]
"""From channel, room and event to an address."""


async def note_entries(store: Store, knowledge: Knowledge, now: datetime) -> None:
    """So that the next digest knows what is new or changed. At the start, and whenever the files changed."""
    await store.note_known({entry.id: content_hash(entry) for entry in knowledge.entries.values()}, now)


def content_hash(entry: Entry) -> str:
    """A hash of what a reader sees; ways to ask and dates of review change nothing for them."""
    seen = entry.model_dump(mode="json", include={"title", "answer", "links", "contacts"})
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode("utf-8", "replace")).hexdigest()[:16]


async def week_content(
    store: Store,
    entries: Mapping[str, DigestEntry],
    since: datetime,
    here: Callable[[str, str], bool],
    link: LinkTo,
    topics: Sequence[Topic],
) -> DigestWeek:
    """`here`: whether a channel and a room are the place of the digest: only its own open questions are named."""
    new, changed = await store.news_since(since)
    counted = (await store.answers_since(since)).most_common()
    return DigestWeek(
        new=tuple(entries[id] for id in new if id in entries),
        changed=tuple(entries[id] for id in changed if id in entries),
        asked=tuple((entries[id], times) for id, times in counted if id in entries),
        open=tuple(_open(await store.questions(), here, link)),
        topics=tuple(topics),
    )


def digest_entries(knowledge: Knowledge, dead: Set[str], day: date) -> dict[str, DigestEntry]:
    """By their ids, as answers give them that day: without dead links, and marked where they are in doubt."""
    return {entry.id: _told(entry, dead, day) for entry in knowledge.entries.values()}


def _told(entry: Entry, dead: Set[str], day: date) -> DigestEntry:
    living = [link.url for link in entry.links if link.url not in dead]
    late = entry.review_by is not None and entry.review_by < day
    return DigestEntry(entry.title, living[0] if living else None, late or bool(entry.links and not living))


async def moderators_work(store: Store, knowledge: Knowledge, dead: Set[str], now: datetime) -> Work:
    """What waits for the moderators."""
    verdicts = await store.verdicts()
    given = await store.given()
    entries, today = [*knowledge.entries.values()], now.date()
    disliked = ((id, up, down) for id, (up, down) in verdicts.items() if down and id in knowledge.entries)
    return Work(
        waiting=tuple(_waiting(await store.questions(), now)),
        disliked=tuple(sorted(disliked, key=lambda one: -one[2])),
        dead=tuple((link.url, entry.id) for entry in entries for link in entry.links if link.url in dead),
        review=tuple(entry.id for entry in entries if entry.review_by and entry.review_by < today),
        unasked=tuple(entry.id for entry in entries if entry.id not in given),
    )


def _open(questions: list[QueuedQuestion], here: Callable[[str, str], bool], link: LinkTo) -> list[OpenQuestion]:
    """Each once, as it was first asked there; never what was said where not everybody can read."""
    first = [
        next((one for one in queued.askings if one.text and not one.private and here(one.channel, one.room)), None)
        for queued in questions
    ]
    return [OpenQuestion(one.text, link(one.channel, one.room, one.event), one.event) for one in first if one]


def _waiting(questions: list[QueuedQuestion], now: datetime) -> list[tuple[int, int]]:
    aged = [(queued.number, (now - min(one.asked for one in queued.askings)).days) for queued in questions]
    return sorted(aged, key=lambda one: -one[1])


async def new_topics(store: Store, since: datetime) -> list[Topic]:
    """The public topics that were opened since then, as the bot saw them, the newest first."""
    seen: list[Mapping[str, str]] = json.loads(await store.recall(TOPICS_SEEN) or "[]")
    lately = [one for one in seen if datetime.fromisoformat(one["posted"]) >= since]
    newest = sorted(lately, key=lambda one: datetime.fromisoformat(one["posted"]), reverse=True)
    return [Topic(one["title"], one["url"]) for one in newest]
