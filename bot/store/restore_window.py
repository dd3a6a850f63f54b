"""What may have been said though no row knows it: of a store that came back from a backup, all since then.

Such a post counts as begun under a login that is gone: the delivery then looks in the room first, as after any lost
login.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from sqlalchemy import Connection, func, select, update

from .database import get_value, set_value
from .tables import journal, outbox, unsent
from .values import LOGIN_BEFORE_RESTORE, Post

_RESTORED = "store: restored"
_CLOCKS = timedelta(hours=3)  # how far the network's clock may be from ours: some machines live in another zone
_WEEKLY = timedelta(days=7)  # so long the digest of a week may be posted, and was perhaps
_KNOWN = timedelta(days=30)  # so long the journal knows an event


@dataclass(frozen=True, slots=True)
class RestoreWindow:
    """When the backup was taken that this store comes from, and when it was brought back."""

    taken: datetime
    back: datetime

    @property
    def since(self) -> datetime:
        """From then on anything may have been said."""
        return self.taken - _CLOCKS

    def may_be_lost(self, said: datetime) -> bool:
        """Whether what was said then may have been answered by what is lost."""
        return said < self.back + _CLOCKS

    def asked(self, connection: Connection, channel: str, question: str, now: datetime) -> datetime:
        """When that was said. What the journal does not know is older than anything in it."""
        this = (journal.c.channel == channel, journal.c.event == question)
        known: datetime | None = connection.scalar(select(journal.c.sent).where(*this))
        return known or (self.since if now < self.back + _KNOWN else now)

    @classmethod
    def of(cls, connection: Connection) -> Self | None:
        kept = get_value(connection, _RESTORED)
        return cls(*map(datetime.fromisoformat, json.loads(kept))) if kept else None

    def keep(self, connection: Connection) -> None:
        """Note it, and doubt all that was still to be sent. What nobody asked for is rather not said than twice."""
        set_value(connection, _RESTORED, json.dumps([self.taken.isoformat(), self.back.isoformat()]))
        dropped = {"closed": self.back, "reason": "restored", "outgoing": None}
        connection.execute(update(outbox).where(unsent, outbox.c.overheard).values(dropped))
        doubted = {
            "begun": func.coalesce(outbox.c.begun, self.since),
            "login": LOGIN_BEFORE_RESTORE,
            "not_before": None,
        }
        connection.execute(update(outbox).where(unsent).values(doubted))


def maybe_sent(
    connection: Connection, channel: str, post: Post, said: datetime | None, now: datetime
) -> datetime | None:
    """Since when the network may hold a post that no row knows of; None: it is surely new.

    `channel`: where it goes. `said`: when the event was said that it follows from; None: there is none.
    """
    restored = RestoreWindow.of(connection)
    if restored is None:
        return None
    if said is None:  # of these the digest alone is made again under the same key
        return restored.since if post.purpose == "digest" and now < restored.back + _WEEKLY else None
    asked = restored.asked(connection, channel, post.question, now) if post.question else said
    lost = [moment for moment in (asked, said) if restored.may_be_lost(moment)]
    return max(restored.since, min(lost)) if lost else None


def lost_since(connection: Connection, channel: str, question: str, now: datetime) -> datetime | None:
    """From when on the network may hold a reply to that event which no row knows of; None: there is none."""
    restored = RestoreWindow.of(connection)
    old = restored and restored.may_be_lost(restored.asked(connection, channel, question, now))
    return restored.since if restored and old else None
