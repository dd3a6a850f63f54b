"""What people may ask of the store: to be forgotten, to have quiet, to judge an answer."""

import asyncio
from datetime import timedelta

from bot.store import Mute, OptOut, Post, Rating, Store
from bot.store.desk_sessions import LINK_AGE, LONGEST
from tests.store.samples import ANA, BEA, NOW, SOON, Sql, answer, event, finish, question, reply, send_all


async def test_being_forgotten_does_not_lift_the_limit_on_floods(store: Store) -> None:
    since = NOW - timedelta(minutes=10)
    await finish(store, event("$1"), answer("$1", purpose="flood", asker=ANA), addressed=True)
    await finish(store, event("$2"), OptOut(ANA), addressed=True)
    assert await store.journal.addressed_since(ANA, since) == 2
    assert await store.posts.is_warned(ANA, "flood", since)
    assert not await store.posts.is_warned(ANA, "flood", SOON)
    assert not await store.posts.is_warned(BEA, "flood", since)


async def test_what_is_old_is_erased_and_what_must_last_is_kept(store: Store, sql: Sql) -> None:
    introduction = Post(answer().outgoing, "introduction")
    posts = (answer(asker=ANA), introduction, Post(reply(room="!moderation", choices=("❌",)), "asked", number=7))
    told = Post(reply("La voisine."), "answer", ("voisine",), asker=ANA)
    effects = (question(), Mute("!salon", SOON), Rating("role", ANA, 1))
    await finish(store, event(), *posts, told, *effects, addressed=True)
    await store.outbox.post("matrix", introduction, "digest 2026-48", NOW)
    await send_all(store)
    await store.retention.erase_old(NOW + timedelta(days=3), 90)
    assert sql("SELECT count(*) FROM journal WHERE person IS NOT NULL") == [(0,)]
    assert [(said.asker, said.entries) for said in await store.posts.replies_to("$q")] == [(None, ("role",))]
    assert len(await store.queue.questions()) == 1
    await store.retention.erase_old(NOW + timedelta(days=91), 90)
    assert await store.queue.questions() == []
    assert await store.posts.replies_to("$q") == []
    assert [sql(f"SELECT count(*) FROM {table}") for table in ("journal", "hushes", "feedback")] == [[(0,)]] * 3  # noqa: S608
    assert sql("SELECT purpose, question FROM outbox") == [("introduction", None)] * 2
    assert await store.posts.has_any("!salon", "introduction")
    assert not await store.outbox.post("matrix", introduction, "digest 2026-48", NOW)


async def test_a_link_opens_one_session_however_many_try_at_once_and_of_both_nothing_is_left(store: Store) -> None:
    """Of the desk; tests/desk/test_access.py shows what moderators see of them."""
    for link in ("a link", "unused"):
        await store.sessions.offer(link, await store.queue.reserve_number(), "matrix", ANA, "!dm", NOW)
    opened = await asyncio.gather(*(store.sessions.open("a link", f"cookie {n}", "Ana", NOW) for n in range(9)))
    [session] = [one for one in opened if one]
    assert (session.user, session.name, session.room) == (ANA, "Ana", "!dm")
    assert [(await store.sessions.offered(link, NOW))[0] for link in ("a link", "unused")] == ["used", "fresh"]
    await store.retention.erase_old(NOW + LONGEST + LINK_AGE + timedelta(seconds=1), 90)
    assert [(await store.sessions.offered(link, NOW))[0] for link in ("a link", "unused")] == ["unknown", "unknown"]
