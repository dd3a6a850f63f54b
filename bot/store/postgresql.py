"""PostgreSQL backend: connecting, locking, and the meaning of its errors."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import Engine

from .backend import Damaged, StoreError, StoreLocked, one_connection

DEFAULTS = {"connect_timeout": "10", "application_name": "concierge", "client_encoding": "utf8"}

# The server drops a lost client after a minute, not after hours. Half a second of waiting for the lock is also enough
# for it to notice that an earlier connection of ours broke.
SETTINGS = """
    SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3;
    SET lock_timeout = '500ms'
"""
# One lock per schema: two bots can share a database.
LOCK_KEY = "hashtextextended('concierge ' || current_schema(), 0)"
LOCK = f"SELECT pg_advisory_lock({LOCK_KEY}); SET lock_timeout = 0"
TRY_LOCK, UNLOCK = f"SELECT pg_try_advisory_lock({LOCK_KEY})", f"SELECT pg_advisory_unlock({LOCK_KEY})"

# Keys of the wording by prefix of the SQLSTATE.
MEANINGS = {
    "28": "server_account",
    "3D": "server_database",
    "3F": "server_schema",
    "42501": "server_rights",
    "53100": "server_full",
    "53": "server_busy",
    "25006": "server_read_only",
    "08": "server_lost",
    "57": "server_restarts",
    "XX001": "damaged",  # data corrupted
    "XX002": "damaged",  # index corrupted
}
# Keys by part of the text: errors while connecting have no SQLSTATE.
WORDS = {
    "password": "server_account",
    "no pg_hba.conf entry": "server_machine",
    'role "': "server_account",
    'database "': "server_database",
    "too many clients": "server_busy",
    "": "server_silent",
}


class PostgresServer:
    """Backend for `postgresql://user:password@host/database`, in any form that libpq accepts."""

    def __init__(self, url: str) -> None:
        try:
            parameters: dict[str, Any] = conninfo_to_dict("postgresql://" + url.partition("://")[2])
        except psycopg.Error:  # its text quotes the address, perhaps with the password
            raise StoreError("invalid") from None
        self._conninfo = make_conninfo(**(DEFAULTS | parameters))
        host = str(parameters.get("host", "localhost")).rpartition("@")[2]  # a password may have a bare @
        self.name = f"postgresql://{host}/{parameters.get('dbname', '')}"
        self.exclusive = True

    def engine(self) -> Engine:
        return one_connection("postgresql+psycopg://", self._connect, pool_pre_ping=True)

    def release(self) -> None:
        """Do nothing: closing the connection releases the lock."""

    def clean(self, engine: Engine) -> bool:
        """Do nothing: the server overwrites erased rows by itself."""
        return True

    def explain(self, error: BaseException | None) -> StoreError:
        code, unanswered = getattr(error, "sqlstate", None), psycopg.OperationalError | psycopg.InterfaceError
        if not code and isinstance(error, unanswered):
            known = (key for sign, key in WORDS.items() if sign in str(error))
        else:
            code = code or type(error).__name__
            known = (key for sign, key in MEANINGS.items() if code.startswith(sign))
        key = next(known, "unknown")
        return (Damaged if key == "damaged" else StoreError)(key, name=self.name, code=f"{code} (PostgreSQL)")

    def _connect(self) -> psycopg.Connection:
        connection = psycopg.Connection.connect(self._conninfo, autocommit=True)
        try:
            connection.execute(SETTINGS)
            connection.execute(LOCK if self.exclusive else "SET lock_timeout = 0")
            connection.autocommit = False
        except psycopg.errors.LockNotAvailable:
            connection.close()
            raise StoreLocked("locked", name=self.name) from None
        except BaseException:
            connection.close()
            raise
        return connection
