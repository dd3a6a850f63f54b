"""The values of a row as a backup holds them, and which of them the tables of both databases can hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, SmallInteger

from .values import Unfit

Value = str | int | bool | None
Line = Sequence[Value]
"""Values in the order of a table's columns; a moment is written as in ISO 8601, in UTC."""
SMALL, LARGE = 1 << 15, 1 << 30
"""No number of a row reaches these, so that a table that counts on from there does not come to its end."""


def read(columns: Sequence[Column[Any]], line: Line) -> dict[str, object]:
    """For an INSERT. Raises Unfit."""
    if len(line) != len(columns):
        raise Unfit("a row of another length than its table's")
    return {column.name: _value(column, value) for column, value in zip(columns, line, strict=True)}


def _value(column: Column[Any], value: Value) -> object:
    wanted = column.type.python_type
    given = _moment(value) if wanted is datetime and isinstance(value, str) else value
    too_large = type(given) is int and abs(given) >= (SMALL if isinstance(column.type, SmallInteger) else LARGE)
    if given is not None and (type(given) is not wanted or too_large):
        raise Unfit(f"a value that does not fit into the column {column.table.name}.{column.name}")
    return given


def _moment(value: str) -> datetime | str:
    """In UTC, and at home in any time zone; what is none stays as it is."""
    try:
        moment = datetime.fromisoformat(value)
        utc = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return value
    return utc if moment.tzinfo and 1 < utc.year < 9999 else value
