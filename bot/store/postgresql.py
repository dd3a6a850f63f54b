"""A PostgreSQL database as backend: connecting and locking, and the meaning of its errors."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import Engine

from .backend import one_connection
from .values import StoreError, StoreLocked

DEFAULTS = {"connect_timeout": "10", "application_name": "concierge", "client_encoding": "utf8"}

# The server drops a lost client after a minute, not after hours. Half a second of waiting for the lock is also enough
# for it to notice that an earlier connection of ours broke.
SETTINGS = """
    SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3;
    SET lock_timeout = '500ms'
"""
# One lock per schema: two bots can share a database.
LOCK = "SELECT pg_advisory_lock(hashtextextended('concierge ' || current_schema(), 0)); SET lock_timeout = 0"

# By prefix of the SQLSTATE.
MEANINGS = {
    "28": "{name} refuses the account or its password",
    "3D": "{name} does not exist; make the database first",
    "3F": "{name} has no schema to work in",
    "42501": "the account may not make and write tables in {name}; grant it CREATE on the schema",
    "53100": "the disk of {name} is full",
    "53": "{name} has no room for another connection, or no memory",
    "25006": "{name} is read-only",
    "08": "the connection to {name} broke",
    "57": "{name} is going down or coming up",
}
# Errors while connecting have no SQLSTATE, only a text.
WORDS = {
    "password": MEANINGS["28"],
    "no pg_hba.conf entry": "{name} refuses this account from this machine",
    'role "': MEANINGS["28"],
    'database "': MEANINGS["3D"],
    "too many clients": MEANINGS["53"],
    "": "{name} does not answer",
}
UNKNOWN = "{name} gave the error {code} of PostgreSQL"


class PostgresServer:
    """`postgresql://user:password@host/database`, in any form that libpq accepts."""

    def __init__(self, url: str) -> None:
        try:
            parameters: dict[str, Any] = conninfo_to_dict("postgresql://" + url.partition("://")[2])
        except psycopg.Error:  # its text quotes the address, perhaps with the password
            raise StoreError(
                "The store's address is not valid: postgresql://user:password@host/database, "
                "with signs like @ : / in the password written as %40 %3A %2F."
            ) from None
        self._conninfo = make_conninfo(**(DEFAULTS | parameters))
        self.name = _shown(parameters)
        self.exclusive = True

    def engine(self) -> Engine:
        return one_connection("postgresql+psycopg://", self._connect, pool_pre_ping=True)

    def release(self) -> None:
        """Closing the connection releases the lock."""

    def clean(self, engine: Engine) -> None:
        """Nothing to do: the server overwrites by itself."""

    def explain(self, error: BaseException | None) -> str:
        code, unanswered = getattr(error, "sqlstate", None), psycopg.OperationalError | psycopg.InterfaceError
        if not code and isinstance(error, unanswered):
            known = (text for sign, text in WORDS.items() if sign in str(error))
        else:
            code = code or type(error).__name__
            known = (text for sign, text in MEANINGS.items() if code.startswith(sign))
        return f"The store does not work: {next(known, UNKNOWN).format(name=self.name, code=code)}."

    def is_damage(self, error: BaseException | None) -> bool:
        return getattr(error, "sqlstate", None) in ("XX001", "XX002")  # data, index corrupted

    def _connect(self) -> psycopg.Connection:
        connection = psycopg.Connection.connect(self._conninfo, autocommit=True)
        try:
            connection.execute(SETTINGS)
            connection.execute(LOCK if self.exclusive else "SET lock_timeout = 0")
            connection.autocommit = False
        except psycopg.errors.LockNotAvailable:
            connection.close()
            raise StoreLocked(f"Another process uses the store {self.name}.") from None
        except BaseException:
            connection.close()
            raise
        return connection


def _shown(parameters: dict[str, Any]) -> str:
    """The address without account and password, even if the password has a bare @."""
    host = str(parameters.get("host", "localhost")).rpartition("@")[2]
    return f"postgresql://{host}/{parameters.get('dbname', '')}"
