"""The content of a digest: values from the store and the knowledge, without wording. Pure: `publisher.py` posts."""

import hashlib
import json
from collections.abc import Mapping, Sequence, Set
from datetime import date, datetime

from bot.knowledge.models import Entry, Knowledge
from bot.messages import TOPICS_SEEN, Topic
from bot.replies.blocks import page_address
from bot.replies.digest_post import DigestEntry, DigestWeek, ModeratorDigest, OpenQuestion
from bot.store import Store


async def note_entries(store: Store, knowledge: Knowledge, now: datetime) -> None:
    """Store the entries' hashes, from which the digest knows what is new or changed. Call it whenever files changed."""
    await store.digests.note_entries({entry.id: content_hash(entry) for entry in knowledge.entries.values()}, now)


def content_hash(entry: Entry) -> str:
    """Hash of what readers see: without phrasings and review dates."""
    content = entry.model_dump(mode="json", include={"title", "answer", "links", "contacts"})
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode("utf-8", "replace")).hexdigest()[:16]


async def week_content(
    store: Store, entries: dict[str, DigestEntry], since: datetime, open: list[OpenQuestion], topics: Sequence[Topic]
) -> DigestWeek:
    """`entries`: those that may be shown, by id; `open`: questions to ask members."""
    noted = await store.digests.entries_since(since)
    new, changed = (tuple(entries[id] for id in ids if id in entries) for ids in noted)
    counts = (await store.digests.answers_since(since)).most_common()
    named = {id for ids in noted for id in ids}
    asked = tuple((entries[id], times) for id, times in counts if id in entries and id not in named)
    return DigestWeek(new, changed, asked, tuple(open), tuple(topics))


def digest_entries(knowledge: Knowledge, dead: Set[str], day: date, pages: str) -> dict[str, DigestEntry]:
    """By id, as answers show them on that day: without dead links, and marked if doubtful. `pages`: as of replies."""
    shown = {}
    for entry in knowledge.entries.values():
        alive = [link.url for link in entry.links if link.url not in dead]
        is_doubtful = entry.is_overdue(day) or bool(entry.links and not alive)
        url = page_address(entry, pages) or (alive[0] if alive else None)
        shown[entry.id] = DigestEntry(entry.title, url, is_doubtful)
    return shown


async def moderators_work(
    store: Store, knowledge: Knowledge, dead: Set[str], now: datetime, day: date, pages: str
) -> ModeratorDigest:
    votes, given = await store.feedback.counts(), await store.stats.entry_uses()
    entries = [*knowledge.entries.values()]
    shown = {entry.id: DigestEntry(entry.title, page_address(entry, pages)) for entry in entries}
    disliked = ((shown[id], up, down) for id, (up, down) in votes.items() if down and id in shown)
    unasked = tuple(one for id, one in shown.items() if id not in given)
    questions = await store.queue.questions()
    ages = ((one.number, (now - min(asking.asked for asking in one.askings)).days) for one in questions)
    return ModeratorDigest(
        waiting=tuple(sorted(ages, key=lambda row: -row[1])),
        disliked=tuple(sorted(disliked, key=lambda row: -row[2])),
        dead=tuple((link.url, shown[entry.id]) for entry in entries for link in entry.links if link.url in dead),
        review=tuple(shown[entry.id] for entry in entries if entry.is_overdue(day)),
        unasked=unasked if len(unasked) <= len(entries) / 2 else (),  # what is true of most says nothing
    )


async def new_topics(store: Store, since: datetime) -> list[Topic]:
    """Public topics that the bot saw opened since then, the newest first."""
    topics: list[Mapping[str, str]] = json.loads(await store.memory.get(TOPICS_SEEN) or "[]")
    recent = [topic for topic in topics if datetime.fromisoformat(topic["posted"]) >= since]
    newest = sorted(recent, key=lambda topic: datetime.fromisoformat(topic["posted"]), reverse=True)
    return [Topic(topic["title"], topic["url"]) for topic in newest]
