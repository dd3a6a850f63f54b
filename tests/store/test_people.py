"""What people may ask of the store: to be forgotten, to have quiet, to judge an answer."""

from __future__ import annotations

from datetime import timedelta

from bot.store import Mute, OptIn, OptOut, Outcome, Post, Rating, Store
from tests.store.samples import ANA, BEA, NOW, SOON, Sql, answer, event, finish, question, reply, send_all


async def test_a_room_is_quiet_until_the_time_given(store: Store) -> None:
    await finish(store, event("$1"), Mute("!salon", SOON))
    assert await store.posts.is_muted("!salon", NOW)
    assert not await store.posts.is_muted("!salon", SOON)
    assert not await store.posts.is_muted("!autre", NOW)
    await finish(store, event("$2"), Mute("!salon", NOW))
    assert not await store.posts.is_muted("!salon", NOW)


async def test_the_last_word_of_each_person_on_an_entry_counts(store: Store, sql: Sql) -> None:
    verdicts = [("role", ANA, 1), ("role", ANA, -1), ("role", BEA, 1), ("fiche", BEA, 1), ("fiche", BEA, 0)]
    for number, (entry, user, value) in enumerate(verdicts):
        await finish(store, event(f"${number}"), Rating(entry, user, value))
    assert sql("SELECT entry, value FROM feedback ORDER BY value") == [("role", -1), ("role", 1)]


async def test_who_wants_to_be_forgotten_is_forgotten_until_they_say_hello(store: Store, sql: Sql) -> None:
    await store.journal.receive("matrix", [event("$waiting"), event("$bea", BEA)], "s1")
    await store.finish(event("$waiting"), Outcome("wait", retry_at=SOON), NOW)
    await finish(store, event("$1"), answer("$1", asker=ANA), question("$1"), Rating("role", ANA, 1))
    await finish(store, event("$2"), answer("$2", asker=ANA), OptOut(ANA))
    assert await store.retention.has_opted_out(ANA)
    assert not await store.retention.has_opted_out(BEA)
    assert [heard.id for heard in await store.journal.due(SOON)] == ["$bea"]
    assert await store.queue.questions() == []
    assert sql("SELECT count(*) FROM feedback") == [(0,)]
    assert [said.asker for said in await store.posts.replies_to("$1")] == [None]
    assert len(await send_all(store)) == 2
    await finish(store, event("$3"), OptIn(ANA))
    assert not await store.retention.has_opted_out(ANA)


async def test_being_forgotten_does_not_lift_the_limit_on_floods(store: Store) -> None:
    since = NOW - timedelta(minutes=10)
    flood = answer("$1", purpose="flood", asker=ANA)
    await finish(store, event("$1"), flood, addressed=True)
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
