"""Weekly digest posts, each posted once under its key and then edited; and changes of the knowledge to report."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, select, update

from bot.messages import Reply

from .database import get_value, is_any, query, set_value, transaction
from .outbox import PostingComponent, close_rows, encode, transaction_id
from .tables import askings, outbox
from .values import ANSWERING, Post, Purpose

Published = Literal["new", "edited", "same", "removed"]
DeliveryStatus = Literal["sent", "waiting", "refused"]
PURPOSE: Purpose = "digest"


class Version(NamedTuple):
    """Latest text of a post: its hash, number of edits, time, and the events that it quotes."""

    text_hash: str = ""
    edits: int = 0
    moment: str = ""
    quotes: tuple[str, ...] = ()


NONE = Version()  # of a post without a stored text
WITHDRAWN = ""  # stands in `quotes` for a withdrawn event; no event has this id
VERSIONS = "digest: what stands"  # this and the next two: names in `memory`
KNOWN = "digest: known entries"
BEGUN = "digest: begun"
MAX_VERSIONS = 40  # posts remembered; the oldest are forgotten


class DigestPosts(PostingComponent):
    @transaction
    def publish(
        self,
        connection: Connection,
        channel: str,
        reply: Reply,
        key: str,
        now: datetime,
        quotes: tuple[str, ...],
        is_news: bool,
    ) -> Published:
        """Post under the key the first time; after that, edit the same post.

        A post that somebody removed stays removed, and one that could not be sent is tried again. `quotes` lists the
        events whose text it repeats. Without `is_news` the next digest begins where this one began.
        """
        text_hash = hashlib.sha256(reply.text.encode("utf-8", "replace")).hexdigest()[:16]
        version = Version(text_hash, 0, now.isoformat(), quotes)
        if self._outbox.add(connection, channel, key, [Post(reply, PURPOSE)], now):
            return _note(connection, key, version, "new")
        row = connection.execute(select(outbox).where(_is_under(channel, key))).one()
        if row.removed:
            return "removed"
        before = _versions(connection).get(key, NONE)
        if version.text_hash == before.text_hash and (row.event or not row.closed):
            return _note(connection, key, before._replace(quotes=version.quotes), "same")
        version = version._replace(edits=before.edits + 1, moment=version.moment if is_news else before.moment)
        if row.event:
            close_rows(connection, "newer words", now, outbox.c.replaces == row.event, outbox.c.begun.is_(None))
            newer = Post(replace(reply, replaces=row.event), PURPOSE)
            self._outbox.add(connection, channel, f"{key} {version.edits}", [newer], now)
            return _note(connection, key, version, "edited")
        if row.begun and not row.closed:  # it may have arrived with the old text
            return "same"
        change: dict[str, Any] = {"closed": None, "reason": None, "outgoing": encode(reply), "not_before": None}
        if row.closed:  # it did not arrive: it is sent anew
            change |= {"made": now, "begun": None, "login": None, "attempts": 0}
        connection.execute(update(outbox).where(outbox.c.id == row.id).values(change))
        return _note(connection, key, version, "new" if row.closed else "edited")

    @query
    def quotes_withdrawn(self, connection: Connection, channel: str, key: str, *, or_expired: bool = True) -> bool:
        """Whether the post under the key repeats a question that was deleted or withdrawn.

        With `or_expired`, also one whose retention ended.
        """
        quotes = _versions(connection).get(key, NONE).quotes
        if not quotes or not (or_expired or WITHDRAWN in quotes):
            return False
        stored = set(connection.scalars(select(askings.c.event).where(askings.c.event.in_(quotes))))
        is_refused = outbox.c.closed.is_not(None) & outbox.c.event.is_(None)
        readable = (_is_under(channel, key), outbox.c.removed.is_(False), ~is_refused)
        return not stored.issuperset(quotes) and is_any(connection, *readable)

    @query
    def status(self, connection: Connection, channel: str, key: str) -> DeliveryStatus | None:
        """Return the delivery status of the latest text under the key, or None if there never was one."""
        edits = _versions(connection).get(key, NONE).edits
        which = _is_under(channel, key) | _is_under(channel, f"{key} {edits}")
        rows = connection.execute(select(outbox).where(which).order_by(outbox.c.id)).all()
        if not rows:
            return None
        return "sent" if rows[-1].event else "refused" if rows[-1].closed else "waiting"

    @query
    def updated_at(self, connection: Connection, key: str) -> datetime | None:
        """Return when the post under the key got its latest text; None if that is unknown."""
        moment = _versions(connection).get(key, NONE).moment
        return datetime.fromisoformat(moment) if moment else None

    @query
    def answers_since(self, connection: Connection, since: datetime) -> Counter[str]:
        """Count the public answers with each entry.

        Of a question that was edited, or whose answer was chosen, only the latest answer counts; removed ones do not.
        """
        is_public = (outbox.c.private.is_(False), outbox.c.event.is_not(None), outbox.c.removed.is_(False))
        which = (outbox.c.made >= since, outbox.c.purpose.in_(ANSWERING), *is_public)
        answers = select(outbox.c.id, outbox.c.question, outbox.c.entries).where(*which).order_by(outbox.c.id)
        latest = {row.question or row.id: row.entries for row in connection.execute(answers)}
        return Counter(entry for entries in latest.values() for entry in dict.fromkeys(entries))

    @transaction
    def note_entries(self, connection: Connection, contents: Mapping[str, str], now: datetime) -> None:
        """Store the current entries, as id to hash of the content. Entries of the very first call do not count as
        new."""
        stored = get_value(connection, KNOWN)
        known: dict[str, list[Any]] = json.loads(stored or "{}")
        is_first, moment = stored is None, now.isoformat()
        for id, content in contents.items():
            if id not in known:
                known[id] = [content, None if is_first else moment, None]
            elif known[id][0] != content:
                known[id] = [content, known[id][1], moment]
        set_value(connection, KNOWN, json.dumps(known))

    @query
    def entries_ever(self, connection: Connection) -> frozenset[str]:
        """Return the ids of all entries that are, or once were, in use."""
        return frozenset(json.loads(get_value(connection, KNOWN) or "{}"))

    @query
    def entries_since(self, connection: Connection, since: datetime) -> tuple[list[str], list[str]]:
        """Return the ids of entries added since then, and of others changed since then."""
        known: dict[str, list[Any]] = json.loads(get_value(connection, KNOWN) or "{}")
        new = [id for id, (_, added, _) in known.items() if _is_since(added, since)]
        return new, [id for id, (_, _, changed) in known.items() if id not in new and _is_since(changed, since)]

    @transaction
    def begun_at(self, connection: Connection, now: datetime) -> datetime:
        """Return when the settings first had a digest: all dates before count as done."""
        stored = get_value(connection, BEGUN)
        if stored is None:
            set_value(connection, BEGUN, stored := now.isoformat())
        return datetime.fromisoformat(stored)


def note_withdrawn(connection: Connection, events: Set[str]) -> None:
    """Mark the posts that quote these events as due for an edit."""
    versions = _versions(connection)
    quoting = {key: version for key, version in versions.items() if not events.isdisjoint(version.quotes)}
    for key, version in quoting.items():
        others = (event for event in version.quotes if event not in events)
        versions[key] = version._replace(quotes=(WITHDRAWN, *others))
    if quoting:
        set_value(connection, VERSIONS, json.dumps(versions))


def _is_under(channel: str, key: str) -> ColumnElement[bool]:
    """Match the row of the post itself; each edit has a row of its own, under the key and its number."""
    return outbox.c.transaction_id == transaction_id(channel, key, PURPOSE, 0)


def _is_since(moment: str | None, since: datetime) -> bool:
    return moment is not None and datetime.fromisoformat(moment) >= since


def _versions(connection: Connection) -> dict[str, Version]:
    stored = json.loads(get_value(connection, VERSIONS) or "{}")
    return {key: Version(*fields) for key, fields in stored.items()}


def _note(connection: Connection, key: str, version: Version, result: Published) -> Published:
    others = {name: other for name, other in _versions(connection).items() if name != key}
    set_value(connection, VERSIONS, json.dumps(dict([*others.items(), (key, version)][-MAX_VERSIONS:])))
    return result
