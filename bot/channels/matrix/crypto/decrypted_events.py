"""Which event each encrypted message was read from: the same words under another id are said by nobody again.

Beside the keys, in their file: of a session and a place in it, and of the event, a fingerprint of eight bytes each.
"""

from __future__ import annotations

import hashlib
from typing import Any

_TABLE = "CREATE TABLE IF NOT EXISTS readings (message INTEGER PRIMARY KEY, event INTEGER NOT NULL)"


class DecryptedEvents:
    def __init__(self, database: Any) -> None:
        """`database`: peewee's. Raises peewee.OperationalError, here as below."""
        self._database = database
        database.execute_sql(_TABLE)

    def agree(self, message: tuple[str, str, int], event: str) -> bool:
        """Whether it is read for the first time, or from the same event again. `message`: maker, session and place."""
        place, source = _fingerprint(*map(str, message)), _fingerprint(event)
        row = self._database.execute_sql("SELECT event FROM readings WHERE message = ?", (place,)).fetchone()
        if row is None:
            self._database.execute_sql("INSERT INTO readings VALUES (?, ?)", (place, source))
        return row is None or row[0] == source


def _fingerprint(*words: str) -> int:
    digest = hashlib.blake2b("\0".join(words).encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
