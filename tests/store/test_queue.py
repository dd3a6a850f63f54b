"""The moderators' queue: what is asked alike is one question, numbers last, and words go when they must."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.messages import Removal
from bot.store import (
    Dequeue,
    Draft,
    DraftDecision,
    Mute,
    OptOut,
    Outcome,
    Post,
    QuestionClosure,
    Rating,
    Store,
)
from tests.store.samples import ANA, BEA, NOW, Sql, event, finish, question, reply, send_all


def note(number: int, text: str = "Nouvelle question : Qui paie ?") -> Post:
    return Post(reply(text, "!moderation"), "asked", number=number)


def draft(number: int, question: int | None = None, **more: Any) -> Draft:
    return Draft(number, "add", '{"title": "Qui paie ?"}', ANA, **{"made": NOW, "question": question} | more)


async def ask(store: Store, id: str, **more: Any) -> None:
    await finish(store, event(id, more.get("asker", ANA)), question(id, **more))


async def numbers(store: Store) -> list[int]:
    return [queued.number for queued in await store.queue.questions()]


async def test_open_questions_keep_their_numbers(store: Store) -> None:
    for id in ("$1", "$2", "$3"):
        await ask(store, id, text=f"Question {id} ?")
    await finish(store, event("$redaction"), Dequeue("$3"))
    await ask(store, "$4")
    assert await numbers(store) == [1, 2, 4]


async def test_a_question_asked_again_in_other_words_stays_one(store: Store) -> None:
    await ask(store, "$q")
    await finish(store, event("$edit"), question("$q", "Qui finance ?"))
    (queued,) = await store.queue.questions()
    assert queued.open_texts == ("Qui finance ?",)
    assert [asking.asker for asking in queued.askings] == [store.hash(ANA)]


async def test_what_asks_the_same_joins_and_people_are_counted_once(store: Store) -> None:
    await ask(store, "$1", text="Où est le portail ?")
    await ask(store, "$2")
    for id, asker in (("$3", BEA), ("$4", BEA)):
        await ask(store, id, text="qui paie svp", asker=asker, number=2)
    first, second = await store.queue.questions()
    assert (first.number, first.askers, len(first.askings)) == (2, 2, 3)
    assert (second.number, second.askers) == (1, 1)


async def test_what_was_answered_meanwhile_is_a_new_question(store: Store) -> None:
    await ask(store, "$1")
    (queued,) = await store.queue.questions()
    await finish(store, event("$a"), QuestionClosure(1, (queued.askings[0].id,), "qui-paie"))
    await ask(store, "$2", number=1, note=note(1))
    assert await numbers(store) == [2]
    assert await store.outbox.due(NOW) == []
    closed = await store.queue.question(1)
    assert closed
    assert (closed.entry, closed.open_texts) == ("qui-paie", ())


async def test_a_question_stays_open_for_those_who_asked_while_it_was_answered(store: Store) -> None:
    await ask(store, "$1")
    (queued,) = await store.queue.questions()
    await ask(store, "$2", asker=BEA, number=1)
    await finish(store, event("$a"), QuestionClosure(1, (queued.askings[0].id,)))
    (still,) = await store.queue.questions()
    assert [bool(asking.told) for asking in still.askings] == [True, False]


async def test_a_draft_is_settled_once_and_what_comes_too_late_changes_nothing(store: Store) -> None:
    await ask(store, "$1")
    (queued,) = await store.queue.questions()
    await finish(store, event("$d"), draft(await store.queue.reserve_number(), question=1))
    close = QuestionClosure(1, (queued.askings[0].id,), "qui-paie")
    for id in ("$yes", "$again"):
        told = Post(reply(to="$1"), "told", number=1)
        await finish(store, event(id), told, DraftDecision(2, "done"), close)
    assert [row.purpose for row in await store.outbox.due(NOW)] == ["told"]
    settled = await store.queue.draft(2)
    assert settled
    assert (settled.state, settled.content) == ("done", "")
    assert await store.queue.draft_for(1) is None


async def test_an_outcome_of_no_event_is_applied_once_under_its_key(store: Store) -> None:
    await ask(store, "$1", text="Qui paie ?")
    (queued,) = await store.queue.questions()
    await finish(store, event("$d"), draft(await store.queue.reserve_number(), question=1))
    close = QuestionClosure(1, (queued.askings[0].id,), "qui-paie")
    decision = Outcome("approved").also(Post(reply(), "told", number=1), DraftDecision(2, "done"), close)
    assert [await store.apply("matrix", "page 2", decision, NOW) for _ in range(2)] == [True, False]
    assert [row.purpose for row in await store.outbox.due(NOW)] == ["told"]
    assert await store.queue.questions() == []
    assert await store.apply("matrix", "page 3", Outcome("muted").also(Mute("!salon", NOW + timedelta(hours=1))), NOW)
    assert await store.posts.is_muted("!salon", NOW)


async def test_an_outcome_of_no_event_that_shows_a_withdrawn_question_is_not_applied(store: Store) -> None:
    await ask(store, "$1")
    (queued,) = await store.queue.questions()
    await finish(store, event("$redaction"), Dequeue("$1"))
    shows = Outcome("listed", (Post(reply(), "list"),), shows=(queued.askings[0].id,))
    assert not await store.apply("matrix", "page 1", shows, NOW)
    assert await store.outbox.due(NOW) == []


async def test_the_newest_open_draft_of_a_question_is_found(store: Store) -> None:
    await ask(store, "$1")
    for id in ("$d1", "$d2"):
        await finish(store, event(id), draft(await store.queue.reserve_number(), question=1))
    found = await store.queue.draft_for(1)
    assert found
    assert (found.number, found.moderator) == (3, store.hash(ANA))


async def test_who_is_forgotten_leaves_no_word_in_queue_drafts_or_the_moderators_room(store: Store, sql: Sql) -> None:
    await ask(store, "$1", number=await store.queue.reserve_number(), note=note(1))
    await ask(store, "$2", asker=BEA, text="qui paie ça ?", number=1, note=note(1))
    await ask(store, "$3", text="Où est Camille ?")
    await finish(store, event("$d"), draft(await store.queue.reserve_number(), question=1))
    await send_all(store)
    await finish(store, event("$forget"), OptOut(ANA))
    (left,) = await store.queue.questions()
    assert (left.number, left.open_texts) == (1, ("qui paie ça ?",))
    assert sql("SELECT state, content FROM drafts") == [("dropped", "")]
    assert [type(gone) for gone in await send_all(store)] == [Removal]


async def test_each_asking_goes_when_it_is_old_and_the_question_with_its_last(store: Store) -> None:
    await ask(store, "$1", asked=NOW - timedelta(days=50))
    await ask(store, "$2", asker=BEA, number=1)
    await store.retention.erase_old(NOW + timedelta(days=41), 90)
    (left,) = await store.queue.questions()
    assert [asking.event for asking in left.askings] == ["$2"]
    await store.retention.erase_old(NOW + timedelta(days=91), 90)
    assert await store.queue.questions() == []
    assert await store.queue.question(1) is None


async def test_drafts_are_kept_for_a_week(store: Store) -> None:
    await finish(store, event("$d"), draft(1))
    await store.retention.erase_old(NOW + timedelta(days=6), 90)
    assert await store.queue.draft(1)
    await store.retention.erase_old(NOW + timedelta(days=8), 90)
    assert await store.queue.draft(1) is None


async def test_figures_say_what_was_said_judged_and_given(store: Store) -> None:
    for id, purpose, entries in (("$1", "answer", ("role",)), ("$2", "suggest", ("fiche",)), ("$3", "unknown", ())):
        post = Post(reply(to=id), purpose, entries, question=id)  # type: ignore[arg-type]
        await finish(store, event(id), post, Rating("role", f"@{id}:x", -1 if id == "$3" else 1))
    await finish(store, event("$old"), Post(reply(to="$old"), "answer"), now=NOW - timedelta(days=8))
    assert await store.stats.posts_since(NOW - timedelta(days=7)) == {"answer": 1, "suggest": 1, "unknown": 1}
    assert await store.feedback.counts() == {"role": (2, 1)}
    assert await store.stats.entry_uses() == {"role": 1, "fiche": 1}
