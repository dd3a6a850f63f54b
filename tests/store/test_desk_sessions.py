"""Sessions of the desk in both databases; tests/desk/test_access.py shows what moderators see of them."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.store import Store
from bot.store.desk_sessions import LINK_AGE, LONGEST
from tests.store.samples import ANA, BEA, NOW

LINK, COOKIE = "a link", "a cookie"
SECOND = timedelta(seconds=1)


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
    assert [await store.sessions.end(session.number) for _ in range(2)] == [True, False]


async def test_links_and_sessions_outlast_a_restart_but_not_their_time(store: Store, url: str) -> None:
    number = await offered(store)
    await offered(store, "unused", BEA)
    late = NOW + LINK_AGE
    assert [(await store.sessions.offered("unused", now))[0] for now in (late - SECOND, late)] == ["fresh", "late"]
    assert await store.sessions.open("unused", COOKIE, "Bea", late) is None
    assert await store.sessions.open(LINK, COOKIE, "Ana", NOW) is not None
    await store.sessions.touch(number, NOW + LONGEST - SECOND)
    await store.close()
    again = await Store.open(url)
    ends = [await again.sessions.find(COOKIE, NOW + LONGEST + more) for more in (-SECOND, timedelta())]
    assert [session is not None for session in ends] == [True, False]
    await again.retention.erase_old(NOW + LONGEST + LINK_AGE + SECOND, 90)
    assert [(await again.sessions.offered(link, NOW))[0] for link in (LINK, "unused")] == ["unknown", "unknown"]
    await again.close()
