"""PostgreSQL backend: a store is a schema; its connections, its lease, and the meaning of its errors."""

import re
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import Connection, Engine, event, func, select
from sqlalchemy.exc import OperationalError

from . import pool
from .backend import Backend, Damaged, StoreError, StoreLocked, pooled_engine
from .lease import SET_PATH, HeldLease, LeaseTables

# A client notices within seconds that the server is gone: the lease must be renewed on another connection.
DEFAULTS = {
    **{"connect_timeout": "5", "application_name": "concierge", "client_encoding": "utf8"},
    **{"keepalives_idle": "5", "keepalives_interval": "2", "keepalives_count": "2", "tcp_user_timeout": "3000"},
}
# The server drops a lost client as soon. One that is frozen or cut off in a transaction holds up others for five
# seconds, or ten in the middle of a statement.
SETTINGS = """
    SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 2;
    SET tcp_user_timeout = '5s'; SET idle_in_transaction_session_timeout = '5s';
    SET lock_timeout = '5s'; SET statement_timeout = '10s'
"""
BRIEFLY = "SET LOCAL lock_timeout = '500ms'"
# Earlier versions hold this lock while they run.
EARLIER_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended('concierge ' || current_schema(), 0))"
OPTION = re.compile(r"(?:^|(?<=\s))(?:-c\s*|--)search_path=((?:\\.|\S)*)")  # in libpq's `options`
PATH, HERE = select(SET_PATH), select(func.current_schema())
QUOTE = '"'
IDENTIFIER = re.compile(r'"((?:[^"]|"")+)"|([^\s,"]+)')

# Keys of the wording by prefix of the SQLSTATE.
MEANINGS = {
    "28": "server_account",
    "3D": "server_database",
    "3F": "server_schema",
    "42501": "server_rights",
    "53100": "server_full",
    "53": "server_busy",
    "25006": "server_read_only",
    "25P03": "server_slow",  # idle in transaction
    "55P03": "server_slow",  # lock timeout
    "57014": "server_slow",  # statement timeout
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


class PostgresServer(Backend):
    """Backend for `postgresql://user:password@host/database`, in any form that libpq accepts.

    The store works in the first schema of the `search_path` that `options` set, and leases are in the last one.
    """

    def __init__(self, url: str) -> None:
        try:
            parameters: dict[str, Any] = conninfo_to_dict("postgresql://" + url.partition("://")[2])
        except psycopg.Error:  # its text quotes the address, perhaps with the password
            raise StoreError("invalid") from None
        host = str(parameters.get("host", "localhost")).rpartition("@")[2]  # a password may have a bare @
        self.name = f"postgresql://{host}/{parameters.get('dbname', '')}"
        options = str(parameters.get("options", ""))
        self._schemas = schemas(options)
        self.leases: LeaseTables = LeaseTables(self._schemas[-1] if self._schemas else None)
        # One pool for all stores on the server, whatever their schema.
        self._conninfo = make_conninfo(**(DEFAULTS | parameters | {"options": OPTION.sub("", options)}))

    def engine(self) -> Engine:
        shared = pool.join(self._conninfo, self._shared_engine)
        self.threads, self.urgent = pool.Turns(shared.threads), shared.urgent
        path = ", ".join(f'"{name.replace(QUOTE, 2 * QUOTE)}"' for name in self._schemas[:1])
        return shared.engine.execution_options(search_path=path)

    def lock(self, connection: Connection, worker: str, life: float) -> HeldLease | None:
        if not self.exclusive:
            return None
        if not self._schemas and connection.scalar(HERE) is None:
            raise StoreError("server_schema", name=self.name)
        self.leases.create(connection, *self._schemas)
        network = connection.execute(HERE).scalar_one()
        connection.exec_driver_sql(BRIEFLY)
        try:
            if not connection.exec_driver_sql(EARLIER_LOCK).scalar_one():
                raise StoreLocked("locked", name=self.name)
            return self.leases.take(connection, self.name, network, worker, life)
        except OperationalError as error:
            if isinstance(error.orig, psycopg.errors.LockNotAvailable):
                raise StoreLocked("locked", name=self.name) from None
            raise

    def release(self) -> None:
        pool.leave(self._conninfo)

    def explain(self, error: BaseException | None) -> StoreError:
        code, unanswered = getattr(error, "sqlstate", None), psycopg.OperationalError | psycopg.InterfaceError
        if not code and isinstance(error, unanswered):
            known = (key for sign, key in WORDS.items() if sign in str(error))
        else:
            code = code or type(error).__name__
            known = (key for sign, key in MEANINGS.items() if code.startswith(sign))
        key = next(known, "unknown")
        return (Damaged if key == "damaged" else StoreError)(key, name=self.name, code=f"{code} (PostgreSQL)")

    def _shared_engine(self, size: int) -> Engine:
        engine = pooled_engine("postgresql+psycopg://", self._connect, size, pool_pre_ping=True, pool_use_lifo=True)
        event.listen(engine, "begin", begin)
        return engine

    def _connect(self) -> psycopg.Connection:
        connection = psycopg.Connection.connect(self._conninfo, autocommit=True)
        try:
            connection.execute(SETTINGS)
            connection.autocommit = False
        except BaseException:
            connection.close()
            raise
        return connection


def begin(connection: Connection) -> None:
    """Begin a transaction: in the store's schema, and a write only with the store's lease."""
    options = connection.get_execution_options()
    path, lease = options.get("search_path"), options.get("lease")
    if lease and options.get("writing"):
        lease.check(connection, path)
    elif path:
        connection.execute(PATH, {"path": path})


def schemas(options: str) -> list[str]:
    """Return the schemas of the `search_path` in libpq's `options`; none if it is not there."""
    values = [re.sub(r"\\(.)", r"\1", match[1]) for match in OPTION.finditer(options)]
    found = IDENTIFIER.findall(values[-1]) if values else []
    return [quoted.replace(2 * QUOTE, QUOTE) or plain.casefold() for quoted, plain in found]
