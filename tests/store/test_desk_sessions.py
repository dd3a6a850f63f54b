"""Sessions of the desk in both databases; tests/desk/test_access.py shows what moderators see of them."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.store import Store
from bot.store.desk_sessions import LINK_AGE, LONGEST
from tests.store.samples import ANA, NOW


async def test_a_link_opens_one_session_however_many_try_at_once_and_of_both_nothing_is_left(store: Store) -> None:
    for link in ("a link", "unused"):
        await store.sessions.offer(link, await store.queue.reserve_number(), "matrix", ANA, "!dm", NOW)
    opened = await asyncio.gather(*(store.sessions.open("a link", f"cookie {n}", "Ana", NOW) for n in range(9)))
    [session] = [one for one in opened if one]
    assert (session.user, session.name, session.room) == (ANA, "Ana", "!dm")
    assert [(await store.sessions.offered(link, NOW))[0] for link in ("a link", "unused")] == ["used", "fresh"]
    await store.retention.erase_old(NOW + LONGEST + LINK_AGE + timedelta(seconds=1), 90)
    assert [(await store.sessions.offered(link, NOW))[0] for link in ("a link", "unused")] == ["unknown", "unknown"]
