"""What the bot remembers of what was said, as far as it decides whether and how to speak."""

from datetime import UTC, timedelta

from bot.messages import Removal
from bot.store import Post, QuestionClosure, Rating, Store
from tests.store.samples import ANA, BEA, NOW, answer, event, finish, question, reply, send_all

HOUR_AGO = NOW - timedelta(hours=1)


async def test_an_answer_that_cannot_be_read_any_more_is_not_found(store: Store) -> None:
    await finish(store, event("$1"), answer("$1", ("role",)))
    await finish(store, event("$2"), answer("$2", ("fiche",)))
    await send_all(store)
    (removed,), (edited,) = await store.posts.replies_to("$1"), await store.posts.replies_to("$2")
    await finish(store, event("$a"), Post(Removal("!salon", removed.event), "removal"))
    await finish(store, event("$b"), Post(reply(replaces=edited.event), "answer", ("autre",), "$2"))
    await send_all(store)
    found = [await store.posts.latest_answer("!salon", entry, HOUR_AGO) for entry in ("role", "fiche", "autre")]
    assert [said and said.question for said in found] == [None, None, "$2"]


async def test_questions_and_reactions_are_counted_by_day_and_stay_when_they_are_erased(store: Store) -> None:
    today, week = NOW.date(), timedelta(days=7)
    await finish(store, event("$1"), answer("$1", ("role",)), now=NOW - week)
    await finish(store, event("$2"), answer("$2", ("role", "fiche")))
    await finish(store, event("$3"), Post(reply("Laquelle ?"), "suggest", ("fiche",), "$3", ANA))
    await finish(store, event("$4"), Post(reply("Répétition"), "rehearsal", ("fiche",), "$4", ANA))
    await finish(store, event("$5", BEA, "reaction"), Rating("role", BEA, 1))
    await finish(store, event("$6", ANA, "reaction"), Rating("role", ANA, -1), now=NOW - week)
    for id in ("$kept", "$relayed", "$dismissed", "$open"):
        await finish(store, event(id), Post(reply(to=id), "unknown", question=id), question(id, id))
    queued = {one.askings[0].event: one for one in await store.queue.questions()}
    closures = {
        id: QuestionClosure(queued[id].number, (queued[id].askings[0].id,), entry)
        for id, entry in (("$kept", "role"), ("$relayed", None), ("$dismissed", None))
    }
    hours = NOW + timedelta(hours=2)
    news = Post(reply("Voici."), "told", number=queued["$relayed"].number)
    await finish(store, event("$a"), closures["$kept"], now=hours)
    await finish(store, event("$b"), closures["$relayed"], news, now=hours)
    await finish(store, event("$c"), closures["$dismissed"], now=hours)
    await send_all(store, hours)
    found = {("asked", "role"): 2, ("asked", "fiche"): 1, ("asked", ""): 3}  # that of the kept answer counts for it
    found |= {("answered", "role"): 2, ("answered", ""): 1, ("resolved", "role"): 1, ("resolved", ""): 1}
    found |= {("given", "role"): 2, ("given", "fiche"): 1, ("given", ""): 1, ("liked", "role"): 1, ("waited", "120"): 2}
    found |= {("missed", "fiche"): 1, ("missed", ""): 2, ("dismissed", ""): 1, ("open", ""): 1}
    before = {("asked", "role"): 1, ("answered", "role"): 1, ("given", "role"): 1, ("disliked", "role"): 1}
    expected = {(today, *key): number for key, number in found.items()}
    expected |= {(today - week, *key): number for key, number in before.items()}
    assert await store.stats.figures(today - week, today, UTC) == expected
    assert await store.stats.figures(today + week, today + 2 * week, UTC) == {}
    assert await store.stats.entry_uses() == {"role": 2, "fiche": 2}
    assert await store.stats.posts_since(NOW) == {"answer": 1, "suggest": 1, "rehearsal": 1, "unknown": 4, "told": 1}
    assert await store.feedback.counts() == {"role": (1, 1)}
    for days in range(1, 100, 7):
        await store.retention.erase_old(NOW + timedelta(days=days), 90)
    assert await store.stats.entry_uses() == {}
    assert await store.stats.figures(today - week, today + week, UTC) == expected
