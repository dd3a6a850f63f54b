"""What all tests share: one real homeserver and one real PostgreSQL for the whole run, started when first asked for."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest_asyncio

from bot.demo.homeserver import Credentials, Homeserver
from tests.databases import fast_folder, postgres, postgres_url
from tests.member import Member

__all__ = ["fast_folder", "postgres", "postgres_url"]

NewAccount = Callable[[str], Awaitable[Credentials]]
NewMember = Callable[[str], Awaitable[Member]]

_numbers = itertools.count(1)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def homeserver() -> AsyncIterator[Homeserver]:
    async with Homeserver() as server:
        yield server


@pytest_asyncio.fixture
async def account(homeserver: Homeserver) -> NewAccount:
    """Make a new account whose name begins as asked: every test has users of its own."""

    async def new(name: str) -> Credentials:
        return await homeserver.register(f"{name}{next(_numbers)}", "secret")

    return new


@pytest_asyncio.fixture
async def member(homeserver: Homeserver, account: NewAccount) -> AsyncIterator[NewMember]:
    """A new person with a plain client of their own."""
    async with AsyncExitStack() as stack:

        async def new(name: str) -> Member:
            credentials = await account(name)
            return await stack.enter_async_context(Member(homeserver.url, credentials.access_token))

        yield new
