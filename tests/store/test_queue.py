"""The moderators' queue: what is asked alike is one question, numbers last, and words go when they must."""

from datetime import timedelta
from typing import Any

from bot.store import Dequeue, Draft, DraftDecision, Outcome, Post, QuestionClosure, Store
from tests.store.samples import ANA, BEA, NOW, event, finish, question, reply


async def ask(store: Store, id: str, **more: Any) -> None:
    await finish(store, event(id, more.get("asker", ANA)), question(id, **more))


async def test_open_questions_keep_their_numbers_and_what_was_answered_meanwhile_is_a_new_one(store: Store) -> None:
    for id in ("$1", "$2", "$3"):
        await ask(store, id, text=f"Question {id} ?")
    await finish(store, event("$redaction"), Dequeue("$3"))
    await ask(store, "$4")
    (queued, *_) = await store.queue.questions()
    await finish(store, event("$a"), QuestionClosure(1, (queued.askings[0].id,), "qui-paie"))
    await ask(store, "$5", number=1, note=Post(reply("Nouvelle question", "!moderation"), "asked", number=1))
    assert [one.number for one in await store.queue.questions()] == [2, 4, 5]
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


async def test_an_outcome_of_no_event_is_applied_once_under_its_key(store: Store) -> None:
    await ask(store, "$1")
    (queued,) = await store.queue.questions()
    await finish(store, event("$d"), Draft(await store.queue.reserve_number(), "add", "{}", ANA, NOW, question=1))
    close = QuestionClosure(1, (queued.askings[0].id,), "qui-paie")
    decision = Outcome("approved").also(Post(reply(), "told", number=1), DraftDecision(2, "done"), close)
    assert [await store.apply("matrix", "page 2", decision, NOW) for _ in range(2)] == [True, False]
    assert [row.purpose for row in await store.outbox.due(NOW)] == ["told"]
    assert await store.queue.questions() == []


async def test_each_asking_goes_when_it_is_old_and_the_question_with_its_last(store: Store) -> None:
    await ask(store, "$1", asked=NOW - timedelta(days=50))
    await ask(store, "$2", asker=BEA, number=1)
    left = []
    for days in (41, 91):
        await store.retention.erase_old(NOW + timedelta(days=days), 90)
        left.append([asking.event for one in await store.queue.questions() for asking in one.askings])
    assert left == [["$2"], []]
    assert await store.queue.question(1) is None
