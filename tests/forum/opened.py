"""The forum of the tests, open, with an HTTP client to look at it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx

from tests.forum import Clock, Forum

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
TEXT = "Où trouver une formation de facilitateur ?"
LONG = "Une réponse assez longue pour être prise."
NOTIFICATIONS = "recent=true&silent=true&filter_by_types=mentioned,replied"
AGENT = "concierge-discourse-client/1.0"


@asynccontextmanager
async def client(
    forum: Forum, key: str | None = "", user: str | None = None, **more: Any
) -> AsyncIterator[httpx.AsyncClient]:
    """As the bot; `key` None: as a visitor; `user`: as anybody."""
    headers = {"User-Agent": AGENT} | more
    if key is not None:
        headers |= {"Api-Key": key or (forum.open_key if user else forum.key), "Api-Username": user or "concierge"}
    async with httpx.AsyncClient(base_url=forum.url, headers=headers, verify=False) as http:  # noqa: S501
        yield http


@asynccontextmanager
async def opened(**more: Any) -> AsyncIterator[tuple[Forum, httpx.AsyncClient]]:
    async with Forum(clock=Clock(START), **more) as forum, client(forum) as http:
        yield forum, http
