"""Restore window: posts that may have been sent although no row records them, after a store was restored.

Such a post counts as begun under a login that is gone: the outbox worker then looks for it in the room first, as after
any lost login.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from sqlalchemy import Connection, func, select, update

from .channel_memory import RESTORED
from .database import get_value, put_row, set_value
from .tables import device_keys, journal, outbox, unsent
from .values import LOGIN_BEFORE_RESTORE, Post

_RESTORED = "store: restored"  # in `memory`
_CLOCK_SKEW = timedelta(hours=3)  # between the network's clock and ours: some machines are set to another time zone
_WEEK = timedelta(days=7)  # how long the digest of a week may be posted, and perhaps was
_JOURNAL = timedelta(days=30)  # how long the journal keeps an event


@dataclass(frozen=True, slots=True)
class RestoreWindow:
    """When the backup of this store was taken, and when it was restored."""

    taken: datetime
    restored: datetime

    @property
    def since(self) -> datetime:
        """The time from which posts may have been sent without a row."""
        return self.taken - _CLOCK_SKEW

    def may_be_lost(self, sent: datetime) -> bool:
        """Whether a reply to an event sent at that time may be lost."""
        return sent < self.restored + _CLOCK_SKEW

    def question_sent(self, connection: Connection, channel: str, question: str, now: datetime) -> datetime:
        """Return when a question was sent. One that the journal does not know is older than anything in it."""
        this = (journal.c.channel == channel, journal.c.event == question)
        sent: datetime | None = connection.scalar(select(journal.c.sent).where(*this))
        return sent or (self.since if now < self.restored + _JOURNAL else now)

    @classmethod
    def read(cls, connection: Connection) -> Self | None:
        """Return the window, or None if the store was never restored."""
        stored = get_value(connection, _RESTORED)
        return cls(*map(datetime.fromisoformat, json.loads(stored))) if stored else None

    def open(self, connection: Connection) -> None:
        """Store the window, mark all waiting posts as perhaps sent and all keys as perhaps outdated, and drop overheard
        answers: rather none than two."""
        set_value(connection, _RESTORED, json.dumps([self.taken.isoformat(), self.restored.isoformat()]))
        dropped = {"closed": self.restored, "reason": "restored", "outgoing": None}
        connection.execute(update(outbox).where(unsent, outbox.c.overheard).values(dropped))
        begun = func.coalesce(outbox.c.begun, self.since)
        doubtful = {"begun": begun, "login": LOGIN_BEFORE_RESTORE, "not_before": None}
        connection.execute(update(outbox).where(unsent).values(doubtful))
        for account in connection.scalars(select(device_keys.c.account).distinct()).all():
            put_row(connection, device_keys, {"account": account, "name": RESTORED}, {"sealed": ""})


def maybe_sent(
    connection: Connection, channel: str, post: Post, event_sent: datetime | None, now: datetime
) -> datetime | None:
    """Return since when the network may hold a post that no row records; None if it is certainly new.

    `channel` is its destination. `event_sent` is when the event was sent that it follows from, None for a key.
    """
    window = RestoreWindow.read(connection)
    if window is None:
        return None
    if event_sent is None:  # only the digest is made again under the same key
        return window.since if post.purpose == "digest" and now < window.restored + _WEEK else None
    question_sent = window.question_sent(connection, channel, post.question, now) if post.question else event_sent
    lost = [moment for moment in (question_sent, event_sent) if window.may_be_lost(moment)]
    return max(window.since, min(lost)) if lost else None
