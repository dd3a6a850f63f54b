"""What the bot remembers of what was said, as far as it decides whether and how to speak."""

from __future__ import annotations

from datetime import UTC, timedelta

from bot.messages import OutgoingReaction, Removal
from bot.store import Post, QuestionClosure, Rating, Store
from tests.store.samples import ANA, BEA, NOW, SOON, answer, event, finish, question, reply, send_all, sent

HOUR_AGO = NOW - timedelta(hours=1)


async def test_a_question_is_answered_when_somebody_but_the_bot_and_its_asker_replied_to_it(store: Store) -> None:
    said = await sent(store, answer(), Post(OutgoingReaction("!salon", "$q", "👍"), "mark", question="$q"))
    no_replies = [
        event(said.event, "@concierge:example.org", relates_to="$q"),
        event("$1", ANA, relates_to="$q"),
        event("$2", BEA, relates_to="$other"),
        event("$3", BEA, "reaction", relates_to="$q"),
        event("$4", BEA, relates_to="$q", room="!autre"),
    ]
    await store.journal.receive("matrix", no_replies, "s1")
    assert not await store.posts.has_human_answer("!salon", "$q", ANA)
    await store.journal.receive("matrix", [event("$5", BEA, relates_to="$q")], "s2")
    assert await store.posts.has_human_answer("!salon", "$q", ANA)


async def test_a_deleted_event_is_known_as_deleted(store: Store) -> None:
    await store.journal.receive("matrix", [event("$1", kind="redaction", relates_to="$q")], "s1")
    assert await store.journal.is_redacted("$q")
    assert not await store.journal.is_redacted("$1")


async def test_addressed_events_count_for_their_sender_once_done_and_since_then(store: Store) -> None:
    await finish(store, event("$1"), addressed=True)
    await finish(store, event("$2", room="!autre"), addressed=True)
    await finish(store, event("$3"), addressed=False)
    await finish(store, event("$4", BEA), addressed=True)
    await finish(store, event("$5"), addressed=True, retry_at=SOON)
    await finish(store, event("$6"), addressed=True, now=HOUR_AGO)
    assert await store.journal.addressed_since(ANA, NOW - timedelta(minutes=10)) == 2


async def test_what_we_said_is_found_by_its_event_once_it_is_sent(store: Store) -> None:
    await finish(store, event(), answer(asker=ANA, answered=("sure",), overheard=True))
    assert [said.event for said in await store.posts.replies_to("$q")] == [None]
    await send_all(store)
    (said,) = await store.posts.replies_to("$q")
    assert await store.posts.find(said.event) == said
    assert (said.purpose, said.entries, said.answered, said.question) == ("answer", ("role",), ("sure",), "$q")
    assert (said.asker, said.overheard, said.made, said.removed) == (store.hash(ANA), True, NOW, False)
    assert await store.posts.find("$q") is None


async def test_suggestions_edited_into_an_answer_say_that_answer_under_their_first_id(store: Store) -> None:
    suggested = await sent(store, Post(reply("Laquelle ?"), "suggest", ("role", "fiche"), "$q", ANA))
    await finish(store, event("$choice"), Post(reply(replaces=suggested.event), "answer", ("fiche",), "$q", ANA))
    assert (await store.posts.find(suggested.event)).purpose == "suggest"
    await send_all(store)
    chosen = await store.posts.find(suggested.event)
    assert (chosen.purpose, chosen.entries, chosen.event) == ("answer", ("fiche",), suggested.event)
    assert [said.purpose for said in await store.posts.replies_to("$q")] == ["suggest", "answer"]


async def test_the_newest_answer_with_an_entry_in_a_room_is_found_for_an_hour(store: Store) -> None:
    await finish(store, event("$1"), answer("$1", ("role", "fiche")))
    await finish(store, event("$2"), answer("$2", ("role",)))
    await finish(store, event("$3"), answer("$3", ("role",), purpose="short"))
    assert (await store.posts.latest_answer("!salon", "role", HOUR_AGO)).question == "$2"
    assert (await store.posts.latest_answer("!salon", "fiche", HOUR_AGO)).question == "$1"
    assert await store.posts.latest_answer("!autre", "role", HOUR_AGO) is None
    assert await store.posts.latest_answer("!salon", "role", SOON) is None


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


async def test_only_unasked_answers_count_as_overheard_and_their_edits_do_not(store: Store) -> None:
    await finish(store, event("$1"), answer("$1", overheard=True))
    await finish(store, event("$2"), answer("$2"))
    await send_all(store)
    (said,) = await store.posts.replies_to("$1")
    edit = Post(reply(replaces=said.event), "answer", question="$1", overheard=True)
    await finish(store, event("$edit"), edit)
    assert await store.posts.overheard_since("!salon", HOUR_AGO) == 1
    assert await store.posts.overheard_since("!salon", SOON) == 0
    assert await store.posts.overheard_since("!autre", HOUR_AGO) == 0


async def test_an_introduction_counts_for_its_room_unless_it_failed(store: Store) -> None:
    await finish(store, event(), Post(reply(room="!a"), "introduction"), Post(reply(room="!b"), "introduction"))
    _, refused = await store.outbox.due(NOW)
    await store.give_up(refused.id, "forbidden")
    assert [await store.posts.has_any(room, "introduction") for room in ("!a", "!b", "!c")] == [True, False, False]


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
    for days in range(1, 100, 7):
        await store.retention.erase_old(NOW + timedelta(days=days), 90)
    assert await store.stats.entry_uses() == {}
    assert await store.stats.figures(today - week, today + week, UTC) == expected
