"""An engine with a single connection: no two statements of a process overlap, so no write is lost to another."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import AsyncAdaptedQueuePool
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


def one_connection(dialect: str, connect: Callable[[], Awaitable[Any]], **options: Any) -> AsyncEngine:
    """`connect` knows the address; the engine does not, and cannot show its password."""
    return create_async_engine(
        dialect,
        async_creator=connect,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=1,
        max_overflow=0,
        pool_timeout=3600,  # a burst of writes waits for its turn
        hide_parameters=True,
        **options,
    )
