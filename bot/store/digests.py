"""The weekly posts: each once under its key, with the newest words; and what the store knows of a week."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, select, update

from bot.messages import Reply

from .database import reading, upsert, writing
from .outbox import Outbox, transaction_id, written
from .tables import memory, outbox
from .values import Post

Published = Literal["new", "edited", "same", "removed"]
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
            return _note_words(connection, key, told, "new")
        if not edit:
            return "same"
        this = outbox.c.transaction_id == transaction_id(channel, key, post.purpose, 0)
        row = connection.execute(select(outbox).where(this)).one()
        if row.removed:
            return "removed"
        before, edits = _words(connection).get(key, ("", 0))
        if row.event and told != before:
            newer = replace(post, outgoing=replace(reply, replaces=row.event))
            self._put(connection, channel, f"{key} {edits + 1}", [newer], now)
            return _note_words(connection, key, told, "edited")
        if row.event or (not row.closed and (row.begun or told == before)):
            return "same"
        words = {"closed": None, "reason": None, "outgoing": written(reply), "not_before": None}
        anew = {"made": now, "begun": None, "login": None, "attempts": 0} if row.closed else {}
        connection.execute(update(outbox).where(this).values(words | anew))
        return _note_words(connection, key, told, "new" if row.closed else "edited")

    @reading
    def answers_since(self, connection: Connection, since: datetime) -> Counter[str]:
        """How often each entry was answered with, wherever; new words in the place of old ones do not count."""
        these = (outbox.c.made >= since, outbox.c.purpose.in_(("answer", "short")), outbox.c.replaces.is_(None))
        sent = connection.scalars(select(outbox.c.entries).where(*these, outbox.c.event.is_not(None)))
        return Counter(entry for entries in sent for entry in dict.fromkeys(entries))

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


def _after(moment: str | None, since: datetime) -> bool:
    return moment is not None and datetime.fromisoformat(moment) >= since


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def _words(connection: Connection) -> dict[str, tuple[str, int]]:
    """By the key of a post: a hash of the words that were given to it last, and how often it got others."""
    kept: dict[str, tuple[str, int]] = json.loads(_recall(connection, STANDS) or "{}")
    return kept


def _note_words(connection: Connection, key: str, told: str, done: Published) -> Published:
    words = _words(connection)
    _, edits = words.pop(key, ("", -1))
    kept = [*words.items(), (key, (told, edits + 1))][-KEPT:]
    _remember(connection, STANDS, json.dumps(dict(kept)))
    return done


def _recall(connection: Connection, name: str) -> str | None:
    return connection.scalar(select(memory.c.value).where(memory.c.name == name))


def _remember(connection: Connection, name: str, value: str) -> None:
    insert = upsert(connection, memory).values(name=name, value=value)
    connection.execute(insert.on_conflict_do_update(index_elements=["name"], set_={"value": value}))
