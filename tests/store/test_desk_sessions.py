"""Sessions of the desk in both databases: a link opens one, once, and what has ended is nobody's."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.store import Store
from bot.store.desk_sessions import IDLE, LINK_AGE, LONGEST
from tests.store.samples import ANA, BEA, NOW, Sql

LINK, COOKIE = "a link", "a cookie"


async def offered(store: Store, link: str = LINK, user: str = ANA) -> int:
    number = await store.queue.reserve_number()
    await store.sessions.offer(link, number, "matrix", user, "!dm", NOW)
    return number


async def test_a_link_opens_one_session_however_many_try_at_once(store: Store) -> None:
    await offered(store)
    opened = await asyncio.gather(*(store.sessions.open(LINK, f"cookie {n}", "Ana", NOW) for n in range(9)))
    [session] = [one for one in opened if one]
    assert (session.user, session.name, session.room) == (ANA, "Ana", "!dm")
    assert (await store.sessions.offered(LINK, NOW))[0] == "used"


async def test_a_link_is_fresh_for_its_time_and_no_longer(store: Store) -> None:
    await offered(store)
    almost, late = NOW + LINK_AGE - timedelta(seconds=1), NOW + LINK_AGE
    states = [(await store.sessions.offered(LINK, now))[0] for now in (NOW, almost, late)]
    assert states == ["fresh", "fresh", "late"]
    assert (await store.sessions.offered("another", NOW))[0] == "unknown"
    assert await store.sessions.open(LINK, COOKIE, "Ana", late) is None
    assert await store.sessions.open(LINK, COOKIE, "Ana", almost) is not None


async def test_a_session_lasts_as_long_as_it_is_used_but_not_for_ever(store: Store) -> None:
    number = await offered(store)
    await store.sessions.open(LINK, COOKIE, "Ana", NOW)
    assert await store.sessions.find(COOKIE, NOW + IDLE - timedelta(seconds=1)) is not None
    assert await store.sessions.find(COOKIE, NOW + IDLE) is None
    used = NOW + LONGEST - timedelta(seconds=1)
    await store.sessions.touch(number, used)
    assert await store.sessions.find(COOKIE, used) is not None
    assert await store.sessions.find(COOKIE, NOW + LONGEST) is None
    assert await store.sessions.find("another", NOW) is None


async def test_neither_link_nor_cookie_is_stored_and_what_has_ended_names_nobody(store: Store, sql: Sql) -> None:
    number = await offered(store)
    await store.sessions.open(LINK, COOKIE, "Ana", NOW)
    assert not [secret for secret in (LINK, COOKIE) if secret in str(sql("SELECT * FROM sessions"))]
    assert await store.sessions.end(number)
    assert not await store.sessions.end(number)
    assert await store.sessions.find(COOKIE, NOW) is None
    assert ANA not in str(sql("SELECT * FROM sessions"))
    assert (await store.sessions.offered(LINK, NOW))[0] == "used"


async def test_sessions_outlast_a_restart_and_go_when_they_are_over(store: Store, url: str) -> None:
    await offered(store)
    await offered(store, "unused", BEA)
    await store.sessions.open(LINK, COOKIE, "Ana", NOW)
    await store.close()
    again = await Store.open(url)
    assert await again.sessions.find(COOKIE, NOW) is not None
    await again.retention.erase_old(NOW + LONGEST + LINK_AGE + timedelta(seconds=1), 90)
    assert [(await again.sessions.offered(link, NOW))[0] for link in (LINK, "unused")] == ["unknown", "unknown"]
    await again.close()
