"""An engine with a single connection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, QueuePool, create_engine


def one_connection(dialect: str, connect: Callable[[], Any], **options: Any) -> Engine:
    """`connect` knows the address; the engine does not, and cannot show its password."""
    return create_engine(
        dialect, creator=connect, poolclass=QueuePool, pool_size=1, max_overflow=0, hide_parameters=True, **options
    )
