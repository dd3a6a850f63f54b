"""Encryption keys that come back from a backup: what must not be used as if nothing had happened since.

An Olm session ratchets with each message. One of a backup may have sent since then: going on from where it stood would
use keys twice, and its peer would understand nothing. So such sessions only receive, and a new one is begun with each
device that is written to. One-time keys that the server still gives away may be of the time that is lost, with nobody
who could read what is written with them: `Exchange.compare` replaces them. What the bot says in a room has its keys in
no file at all: they are new after each start.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from nio.crypto import Session, SessionStore  # type: ignore[import-untyped]

from bot.messages import KeyStoreUnusable

_MARK = "1970-01-01 00:00:00.000000"
"""As the moment when a session was made: that it comes from before a restore."""


class Sessions(SessionStore):  # type: ignore[misc]
    """Olm sessions by the key of the other device. `get` gives the one to send with."""

    def get(self, sender_key: str) -> Session | None:
        return next(filter(_sends, self[sender_key]), None)

    @classmethod
    def of(cls, sessions: SessionStore) -> Sessions:
        made = cls()
        for key, known in sessions.items():
            for session in known:
                made.add(key, session)
        return made


def make_fit(file: Path) -> None:
    """A key file as it was in a backup, before its first use. Raises Unusable.

    `shared` says whether the server gives our keys to others: as if not, so that those it has are replaced.
    """
    try:
        with closing(sqlite3.connect(file)) as keys, keys:
            keys.execute("UPDATE olmsessions SET creation_time = ?", (_MARK,))
            keys.execute("UPDATE accounts SET shared = 0")
    except sqlite3.Error as error:
        raise KeyStoreUnusable(f"the file of encryption keys {file.name} is damaged: {error}") from None


def _sends(session: Session) -> bool:
    return bool(session.creation_time.year > 1970)
