"""The weekly posts: each once under its key, with the newest words; and what the store knows of a week."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, select, update

from bot.messages import Reply

from .database import get_value, reading, set_value, writing
from .outbox import Outbox, transaction_id, written
from .tables import askings, outbox, unsent
from .values import Post

Published = Literal["new", "edited", "same", "removed"]
Sent = Literal["sent", "waiting", "refused"]
PURPOSE = "digest"


class Words(NamedTuple):
    """What a post was given last: a hash of it, how often it got other words, when, and the events that it quotes."""

    told: str = ""
    edits: int = 0
    moment: str = ""
    quotes: tuple[str, ...] = ()


NONE = Words()
WITHDRAWN = ""  # among the quotes: the id of no event
STANDS = "digest: what stands"
KNOWN = "digest: known entries"
BEGUN = "digest: begun"
KEPT = 40  # posts whose words are remembered by their hash


class DigestPosts(Outbox):
    @writing
    def publish(
        self,
        connection: Connection,
        channel: str,
        post: Post,
        key: str,
        now: datetime,
        edit: bool = True,
        quotes: Sequence[str] = (),
        tells: bool = True,
    ) -> Published:
        """Post under the key once; after that the same post gets the words that are new. What somebody took away
        stays away, and what could not be sent is tried again. Without `edit` what is there already is left alone.
        `quotes`: the events whose words it repeats. Without `tells` it has no news: the next one begins where it began.
        """
        reply = post.outgoing
        if not isinstance(reply, Reply):
            raise TypeError("only a reply can be published")
        words = Words(_hash(reply.text), 0, now.isoformat(), tuple(quotes))
        if self._put(connection, channel, key, [post], now):
            return _note(connection, key, words, "new")
        if not edit:
            return "same"
        this = _first(channel, key)
        row = connection.execute(select(outbox).where(this)).one()
        if row.removed:
            return "removed"
        before = _words(connection).get(key, NONE)
        if words.told == before.told and (row.event or not row.closed):
            return _note(connection, key, before._replace(quotes=words.quotes), "same")
        words = words._replace(edits=before.edits + 1, moment=words.moment if tells else before.moment)
        if row.event:
            late = (outbox.c.replaces == row.event, unsent, outbox.c.begun.is_(None))
            connection.execute(update(outbox).where(*late).values(closed=now, outgoing=None, reason="newer words"))
            newer = replace(post, outgoing=replace(reply, replaces=row.event))
            self._put(connection, channel, f"{key} {words.edits}", [newer], now)
            return _note(connection, key, words, "edited")
        if row.begun and not row.closed:  # it may have arrived with the old words
            return "same"
        change = {"closed": None, "reason": None, "outgoing": written(reply), "not_before": None}
        anew = {"made": now, "begun": None, "login": None, "attempts": 0} if row.closed else {}
        connection.execute(update(outbox).where(this).values(change | anew))
        return _note(connection, key, words, "new" if row.closed else "edited")

    @reading
    def quotes_gone(self, connection: Connection, channel: str, key: str, *, too_old: bool = True) -> bool:
        """Whether the post under the key repeats a question that was deleted, or taken back by who asked it; with
        `too_old` also one that was kept long enough."""
        quotes = _words(connection).get(key, NONE).quotes
        if not quotes or not (too_old or WITHDRAWN in quotes):
            return False
        there = set(connection.scalars(select(askings.c.event).where(askings.c.event.in_(quotes))))
        refused = outbox.c.closed.is_not(None) & outbox.c.event.is_(None)
        stands = select(outbox.c.id).where(_first(channel, key), outbox.c.removed.is_(False), ~refused)
        return not there.issuperset(quotes) and connection.execute(stands).first() is not None

    @reading
    def is_published(self, connection: Connection, channel: str, key: str) -> bool:
        """Whether it is posted, or to be posted, whatever became of it then."""
        return connection.execute(select(outbox.c.id).where(_first(channel, key))).first() is not None

    @reading
    def stands(self, connection: Connection, channel: str, key: str) -> Sent:
        """What became of the newest words under the key. Raises LookupError when there are none."""
        edits = _words(connection).get(key, NONE).edits
        newest = outbox.c.transaction_id == transaction_id(channel, f"{key} {edits}", PURPOSE, 0)
        rows = connection.execute(select(outbox).where(_first(channel, key) | newest).order_by(outbox.c.id)).all()
        if not rows:
            raise LookupError(key)
        return "sent" if rows[-1].event else "refused" if rows[-1].closed else "waiting"

    @reading
    def told_at(self, connection: Connection, key: str) -> datetime | None:
        """When the post under the key was given its newest words; None: never, or long ago."""
        moment = _words(connection).get(key, NONE).moment
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
        kept = get_value(connection, KNOWN)
        known: dict[str, list[Any]] = json.loads(kept or "{}")
        first, moment = kept is None, now.isoformat()
        for id, content in contents.items():
            if id not in known:
                known[id] = [content, None if first else moment, None]
            elif known[id][0] != content:
                known[id] = [content, known[id][1], moment]
        set_value(connection, KNOWN, json.dumps(known))

    @reading
    def ids_ever(self, connection: Connection) -> frozenset[str]:
        """Of all entries that are, or once were, in use."""
        return frozenset(json.loads(get_value(connection, KNOWN) or "{}"))

    @reading
    def news_since(self, connection: Connection, since: datetime) -> tuple[list[str], list[str]]:
        """Ids of the entries that are new since then, and of those that were changed."""
        known: dict[str, list[Any]] = json.loads(get_value(connection, KNOWN) or "{}")
        new = [id for id, (_, added, _) in known.items() if _after(added, since)]
        return new, [id for id, (_, _, changed) in known.items() if id not in new and _after(changed, since)]

    @writing
    def digest_begun(self, connection: Connection, now: datetime) -> datetime:
        """When the bot first had a digest in its settings: all dates before count as done."""
        kept = get_value(connection, BEGUN)
        if kept is None:
            set_value(connection, BEGUN, kept := now.isoformat())
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
    kept = json.loads(get_value(connection, STANDS) or "{}")
    return {name: Words(*one) for name, one in kept.items()}


def _note(connection: Connection, key: str, words: Words, done: Published) -> Published:
    others = {name: one for name, one in _words(connection).items() if name != key}
    set_value(connection, STANDS, json.dumps(dict([*others.items(), (key, words)][-KEPT:])))
    return done


def note_withdrawn(connection: Connection, events: Set[str]) -> None:
    """Posts that repeat the words of these events are to be edited."""
    words = _words(connection)
    quoting = {key: one for key, one in words.items() if not events.isdisjoint(one.quotes)}
    for key, one in quoting.items():
        words[key] = one._replace(quotes=(WITHDRAWN, *(event for event in one.quotes if event not in events)))
    if quoting:
        set_value(connection, STANDS, json.dumps(words))
