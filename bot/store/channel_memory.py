"""What a channel keeps: small texts (its `Memory`), and rows of encryption keys (its `KeyRows`).

What is in the rows is encrypted; the store knows names and no keys.
"""

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, delete, select

from .database import Component, get_value, insert_into, query, set_value, transaction
from .tables import device_keys

RESTORED = "restored"  # name of a row that stands in a restored store until the channel has seen it


class KeyValue(Component):
    """Key-value table `memory`."""

    @query
    def get(self, connection: Connection, name: str) -> str | None:
        return get_value(connection, name)

    @transaction
    def set(self, connection: Connection, name: str, value: str | None) -> None:
        """Store the value; None deletes the name."""
        set_value(connection, name, value)


class DeviceKeyRows(Component):
    @query
    def load(self, connection: Connection, account: str) -> dict[str, str]:
        rows = connection.execute(select(device_keys).where(device_keys.c.account == account))
        return {row.name: row.sealed for row in rows}

    @transaction
    def save(self, connection: Connection, account: str, rows: Mapping[str, str | None]) -> None:
        """Insert or update the rows; delete those that are None."""
        kept = [{"account": account, "name": name, "sealed": sealed} for name, sealed in rows.items() if sealed]
        gone = [{"its_name": name} for name, sealed in rows.items() if not sealed]
        insert = insert_into(connection, device_keys)
        if kept:
            change = {"sealed": insert.excluded.sealed}
            connection.execute(insert.on_conflict_do_update(index_elements=["account", "name"], set_=change), kept)
        if gone:
            this = device_keys.c.account == account, device_keys.c.name == bindparam("its_name")
            connection.execute(delete(device_keys).where(*this), gone)
