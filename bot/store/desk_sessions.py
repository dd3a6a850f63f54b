"""Moderators' sessions on the desk: a one-time link opens one, a cookie continues it.

Secrets are stored as plain SHA-256: they are long and random, so nobody can guess them from the hash.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, select, update

from .database import Component, fetch_one, query, transaction
from .tables import sessions

LINK_AGE = timedelta(minutes=5)  # after which a link no longer opens a session
LONGEST = timedelta(hours=12)  # after which a session ends, however busy
IDLE = timedelta(hours=2)  # after which an unused session ends

DeskLinkState = Literal["fresh", "used", "late", "unknown"]


@dataclass(frozen=True, slots=True)
class DeskSession:
    """A moderator's session. `user` is empty once it has ended; `room` is where the link was requested.

    `used` is the approximate time of the latest request.
    """

    number: int
    channel: str
    user: str
    name: str
    room: str
    made: datetime
    opened: datetime | None
    used: datetime | None


class DeskSessions(Component):
    @transaction
    def offer(
        self, connection: Connection, link: str, number: int, channel: str, user: str, room: str, now: datetime
    ) -> None:
        """Store a link that opens a session later. `number` comes from `QuestionQueue.reserve_number`."""
        row = {"number": number, "link": _digest(link), "channel": channel, "user": user, "name": "", "room": room}
        connection.execute(sessions.insert().values(row | {"made": now}))

    @query
    def offered(self, connection: Connection, link: str, now: datetime) -> tuple[DeskLinkState, DeskSession | None]:
        """Return the state of a link, and its session."""
        session = fetch_one(connection, DeskSession, select(sessions).where(sessions.c.link == _digest(link)))
        if session is None:
            return "unknown", None
        return "used" if session.opened else "fresh" if session.made > now - LINK_AGE else "late", session

    @transaction
    def open(self, connection: Connection, link: str, cookie: str, name: str, now: datetime) -> DeskSession | None:
        """Use up a fresh link and return its session; None if the link is not fresh."""
        this = (sessions.c.link == _digest(link), sessions.c.opened.is_(None), sessions.c.made > now - LINK_AGE)
        change = {"cookie": _digest(cookie), "name": name, "opened": now, "used": now}
        is_fresh = connection.execute(update(sessions).where(*this).values(change)).rowcount == 1
        this_one = select(sessions).where(sessions.c.cookie == change["cookie"])
        return fetch_one(connection, DeskSession, this_one) if is_fresh else None

    @query
    def find(self, connection: Connection, cookie: str, now: datetime) -> DeskSession | None:
        """Return the live session of a cookie, or None."""
        is_live = (sessions.c.opened > now - LONGEST, sessions.c.used > now - IDLE, sessions.c.user != "")
        this = select(sessions).where(sessions.c.cookie == _digest(cookie), *is_live)
        return fetch_one(connection, DeskSession, this)

    @query
    def numbered(self, connection: Connection, number: int) -> DeskSession | None:
        return fetch_one(connection, DeskSession, select(sessions).where(sessions.c.number == number))

    @transaction
    def touch(self, connection: Connection, number: int, now: datetime) -> None:
        connection.execute(update(sessions).where(sessions.c.number == number).values(used=now))

    @transaction
    def end(self, connection: Connection, number: int) -> bool:
        """End a session; False if it had ended already."""
        this = (sessions.c.number == number, sessions.c.user != "")
        change = {"cookie": None, "user": "", "name": ""}
        return connection.execute(update(sessions).where(*this).values(change)).rowcount == 1


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
