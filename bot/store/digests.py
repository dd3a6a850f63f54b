"""The weekly posts: each once under its key, with the newest words; and what the store knows of a week."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, select, update

from bot.messages import Reply

from .database import reading, upsert, writing
from .outbox import Outbox, transaction_id, written
from .tables import memory, outbox
from .values import Post

Published = Literal["new", "edited", "same", "removed"]
Sent = Literal["sent", "waiting", "refused"]
PURPOSE = "digest"
Words = tuple[str, int, str]
"""A hash of the words that a post was given last, how often it got others, and when."""
NONE: Words = ("", 0, "")
STANDS = "digest: what stands"
KNOWN = "digest: known entries"
BEGUN = "digest: begun"
KEPT = 40  # posts whose words are remembered by their hash


class Digests(Outbox):
    @writing
    def publish(
        self, connection: Connection, channel: str, post: Post, key: str, now: datetime, edit: bool = True
    ) -> Published:
        """Post under the key once; after that the same post gets the words that are new. What somebody took away
        stays away, and what could not be sent is tried again. Without `edit` what is there already is left alone."""
        reply = post.outgoing
        if not isinstance(reply, Reply):
            raise TypeError("only a reply can be published")
        told = _hash(reply.text)
        if self._put(connection, channel, key, [post], now):
            return _note_words(connection, key, told, "new", now)
        if not edit:
            return "same"
        this = _first(channel, key)
        row = connection.execute(select(outbox).where(this)).one()
        if row.removed:
            return "removed"
        before, edits, _ = _words(connection).get(key, NONE)
        if row.event and told != before:
            newer = replace(post, outgoing=replace(reply, replaces=row.event))
            self._put(connection, channel, f"{key} {edits + 1}", [newer], now)
            return _note_words(connection, key, told, "edited", now)
        if row.event or (not row.closed and (row.begun or told == before)):
            return "same"
        words = {"closed": None, "reason": None, "outgoing": written(reply), "not_before": None}
        anew = {"made": now, "begun": None, "login": None, "attempts": 0} if row.closed else {}
        connection.execute(update(outbox).where(this).values(words | anew))
        return _note_words(connection, key, told, "new" if row.closed else "edited", now)

    @reading
    def is_published(self, connection: Connection, channel: str, key: str) -> bool:
        """Whether it is posted, or to be posted, whatever became of it then."""
        return connection.execute(select(outbox.c.id).where(_first(channel, key))).first() is not None

    @reading
    def stands(self, connection: Connection, channel: str, key: str) -> Sent:
        """What became of the newest words under the key. Raises LookupError when there are none."""
        _, edits, _ = _words(connection).get(key, NONE)
        newest = outbox.c.transaction_id == transaction_id(channel, f"{key} {edits}", PURPOSE, 0)
        rows = connection.execute(select(outbox).where(_first(channel, key) | newest).order_by(outbox.c.id)).all()
        if not rows:
            raise LookupError(key)
        return "sent" if rows[-1].event else "refused" if rows[-1].closed else "waiting"

    @reading
    def told_at(self, connection: Connection, key: str) -> datetime | None:
        """When the post under the key was given its newest words; None: never, or long ago."""
        _, _, moment = _words(connection).get(key, NONE)
        return datetime.fromisoformat(moment) if moment else None

    @reading
    def answers_since(self, connection: Connection, since: datetime) -> Counter[str]:
        """How many questions each entry answered where everybody can read. Of a question that was edited, or whose
        answer was chosen, the newest answer counts; none that was taken away."""
        here = (outbox.c.private.is_(False), outbox.c.event.is_not(None), outbox.c.removed.is_(False))
        these = (outbox.c.made >= since, outbox.c.purpose.in_(("answer", "short")), *here)
        query = select(outbox.c.id, outbox.c.question, outbox.c.entries).where(*these).order_by(outbox.c.id)
        newest = {row.question or row.id: row.entries for row in connection.execute(query)}
        return Counter(entry for entries in newest.values() for entry in dict.fromkeys(entries))

    @writing
    def note_known(self, connection: Connection, contents: Mapping[str, str], now: datetime) -> None:
        """The entries as they are now, id to a hash of the content. The very first ones count as always known."""
        kept = _recall(connection, KNOWN)
        known: dict[str, list[Any]] = json.loads(kept or "{}")
        first, moment = kept is None, now.isoformat()
        for id, content in contents.items():
            if id not in known:
                known[id] = [content, None if first else moment, None]
            elif known[id][0] != content:
                known[id] = [content, known[id][1], moment]
        _remember(connection, KNOWN, json.dumps(known))

    @reading
    def news_since(self, connection: Connection, since: datetime) -> tuple[list[str], list[str]]:
        """Ids of the entries that are new since then, and of those that were changed."""
        known: dict[str, list[Any]] = json.loads(_recall(connection, KNOWN) or "{}")
        new = [id for id, (_, added, _) in known.items() if _after(added, since)]
        return new, [id for id, (_, _, changed) in known.items() if id not in new and _after(changed, since)]

    @writing
    def digest_begun(self, connection: Connection, now: datetime) -> datetime:
        """When the bot first had a digest in its settings: all dates before count as done."""
        kept = _recall(connection, BEGUN)
        if kept is None:
            _remember(connection, BEGUN, kept := now.isoformat())
        return datetime.fromisoformat(kept)


def _first(channel: str, key: str) -> ColumnElement[bool]:
    """The row that made the post; new words have rows of their own."""
    return outbox.c.transaction_id == transaction_id(channel, key, PURPOSE, 0)


def _after(moment: str | None, since: datetime) -> bool:
    return moment is not None and datetime.fromisoformat(moment) >= since


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def _words(connection: Connection) -> dict[str, Words]:
    """By the key of a post."""
    kept: dict[str, Words] = json.loads(_recall(connection, STANDS) or "{}")
    return kept


def _note_words(connection: Connection, key: str, told: str, done: Published, now: datetime) -> Published:
    words = _words(connection)
    _, edits, _ = words.pop(key, ("", -1, ""))
    kept = [*words.items(), (key, (told, edits + 1, now.isoformat()))][-KEPT:]
    _remember(connection, STANDS, json.dumps(dict(kept)))
    return done


def _recall(connection: Connection, name: str) -> str | None:
    return connection.scalar(select(memory.c.value).where(memory.c.name == name))


def _remember(connection: Connection, name: str, value: str) -> None:
    insert = upsert(connection, memory).values(name=name, value=value)
    connection.execute(insert.on_conflict_do_update(index_elements=["name"], set_={"value": value}))
