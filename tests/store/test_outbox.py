"""The outbox: what is to be said is said once, in order, or taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.messages import Event, Outgoing, OutgoingReaction, Removal, Reply
from bot.store import Post, Question, Store, Withdraw
from tests.databases import unsent
from tests.store.samples import ANA, BEA, NOW, SOON, Sql, answer, event, finish, reply, send_all, sent, waiting

RICH = Reply("!r", "« Où ? »\n", "$q", "$root", True, (ANA,), "$old", ("1️⃣", "2️⃣"))


def redaction(of: str) -> Event:
    return event(f"$redaction-of-{of}", kind="redaction", relates_to=of)


@pytest.mark.parametrize("outgoing", [RICH, Reply("!r", ""), Removal("!r", "$x"), OutgoingReaction("!r", "$x", "👍")])
async def test_what_goes_in_comes_out_unchanged(store: Store, outgoing: Outgoing) -> None:
    row = await waiting(store, Post(outgoing, "note"))
    assert (row.outgoing, row.channel, row.begun, row.attempts) == (outgoing, "matrix", None, 0)


async def test_the_transaction_is_the_same_for_the_same_post_in_any_store(store: Store, sqlite_path: Path) -> None:
    other = await Store.open(f"sqlite:///{sqlite_path}.other")
    try:
        for each in (store, other):
            await finish(each, event(), answer(), answer())
        ids = [(await each.outbox.due(NOW))[0].transaction for each in (store, other)]
    finally:
        await other.close()
    assert ids[0] == ids[1]
    assert ids[0].isalnum()
    assert len(ids[0]) == 32


async def test_addressed_goes_first_then_overheard_then_marks(store: Store) -> None:
    mark = Post(OutgoingReaction("!salon", "$q", "👍"), "mark")
    await finish(store, event(), mark, answer(text="overheard", overheard=True), answer(text="addressed"))
    assert await send_all(store) == [reply("addressed", to="$q"), reply("overheard", to="$q"), mark.outgoing]


async def test_a_room_is_answered_in_order_and_a_removal_or_another_room_waits_for_nothing(store: Store) -> None:
    posts = [Post(reply(text, room), "answer", asker=ANA) for text, room in [("1", "!a"), ("2", "!a"), ("3", "!b")]]
    removals = [Post(Removal("!c", f"$x{number}"), "removal") for number in range(2)]
    await finish(store, event(), *posts, *removals)
    first, other, removal = await store.outbox.due(NOW)
    assert (first.outgoing, other.outgoing) == (reply("1", "!a"), reply("3", "!b"))
    await store.outbox.postpone(first.id, SOON)
    await store.outbox.postpone(removal.id, SOON)
    assert [row.outgoing for row in await store.outbox.due(NOW)] == [reply("3", "!b"), Removal("!c", "$x1")]
    assert [row.id for row in await store.outbox.due(SOON)] == [first.id, other.id, removal.id]


async def test_the_first_attempt_is_remembered_with_its_login_and_failures_are_counted(store: Store) -> None:
    row = await waiting(store)
    assert not await store.outbox.is_sending("!salon")
    for moment, login in ((NOW, "DEVICE"), (SOON, "OTHER")):
        assert await store.outbox.begin(row.id, moment, login)
        await store.outbox.postpone(row.id, SOON)
    (again,) = await store.outbox.due(SOON)
    assert (again.begun, again.login, again.attempts) == (NOW, "DEVICE", 2)
    assert again.transaction == row.transaction
    assert await store.outbox.is_sending("!salon")
    assert not await store.outbox.is_sending("!autre")


async def test_everybody_who_asked_in_a_room_has_a_row_up_and_gets_them_in_order(store: Store) -> None:
    for number, asker in enumerate((ANA, ANA, BEA)):
        await finish(store, event(f"${number}", asker), answer(f"${number}", asker=asker))
    first, second = await store.outbox.due(NOW)
    assert (first.question, second.question) == ("$0", "$2")
    await store.outbox.postpone(first.id, SOON)
    assert [row.question for row in await store.outbox.due(NOW)] == ["$2"]


async def test_events_of_ours_that_no_row_made_are_told_apart(store: Store) -> None:
    row = await waiting(store)
    await store.outbox.mark_sent(row.id, "$known", NOW)
    assert await store.outbox.without_row(["$b", "$known", "$a"]) == ["$b", "$a"]


async def test_what_was_given_up_may_leave_its_question_in_the_queue_once(store: Store) -> None:
    row = await waiting(store)
    for _ in range(2):
        await store.give_up(row.id, "too late", Question("Où ?", "matrix", "!salon", "$q", ANA, NOW))
    assert [queued.open_texts for queued in await store.queue.questions()] == [("Où ?",)]
    assert await unsent(store) == 0


async def test_marks_follow_a_reply_with_choices_once(store: Store) -> None:
    row = await waiting(store, Post(reply("Laquelle ?", choices=("1️⃣", "2️⃣")), "suggest", question="$q"))
    await store.outbox.mark_sent(row.id, "$ours", NOW)
    await store.outbox.mark_sent(row.id, "$ours", NOW)
    assert await send_all(store) == [OutgoingReaction("!salon", "$ours", "1️⃣"), OutgoingReaction("!salon", "$ours", "2️⃣")]


def mark(key: str, of: str) -> OutgoingReaction:
    return OutgoingReaction("!salon", of, key)


async def offered(store: Store, *choices: str) -> str:
    """The event of a reply that was sent with its marks."""
    post = await sent(store, Post(reply("Laquelle ?", choices=choices), "suggest", question="$q"))
    return post.event


async def test_a_reply_with_new_words_loses_the_marks_that_these_do_not_offer(store: Store) -> None:
    ours = await offered(store, "1️⃣", "2️⃣", "❌")
    new = reply("Voici.", replaces=ours, choices=("❌", "👍"))
    await finish(store, event("$choice"), Post(new, "answer", question="$q"))
    said, *marks = await send_all(store)
    removals, added = [one for one in marks if isinstance(one, Removal)], marks[-1]
    assert (said, len(removals), added) == (new, 2, mark("👍", ours))
    again = reply("Laquelle ?", replaces=ours, choices=("1️⃣",))
    await finish(store, event("$edit"), Post(again, "suggest", question="$q"))
    said, *marks = await send_all(store)
    assert (said, marks[-1], len(marks)) == (again, mark("1️⃣", ours), 3)


async def test_a_mark_on_its_way_when_its_post_changes_is_taken_away_once_it_is_there(store: Store) -> None:
    row = await waiting(store, Post(reply("Laquelle ?", choices=("1️⃣", "2️⃣")), "suggest", question="$q"))
    await store.outbox.mark_sent(row.id, "$ours", NOW)
    (first,) = await store.outbox.due(NOW)
    assert await store.outbox.begin(first.id, NOW)
    await finish(store, event("$choice"), Post(reply("Voici.", replaces="$ours"), "answer", question="$q"))
    new = reply("Voici.", replaces="$ours")
    assert await send_all(store) in (
        [new, mark("1️⃣", "$ours"), Removal("!salon", f"$sent-{first.id}")],
        [mark("1️⃣", "$ours"), new, Removal("!salon", f"$sent-{first.id}")],
    )


async def test_what_was_sent_or_given_up_leaves_no_words(store: Store, sql: Sql) -> None:
    await finish(store, event(), answer(), answer())
    first, *_ = await store.outbox.due(NOW)
    await store.outbox.mark_sent(first.id, "$ours", NOW)
    (second,) = await store.outbox.due(NOW)
    await store.give_up(second.id, "forbidden")
    assert sql("SELECT outgoing, event, reason FROM outbox ORDER BY id") == [
        (None, "$ours", None),
        (None, None, "forbidden"),
    ]
    assert not await store.outbox.begin(second.id, NOW)
    assert await unsent(store) == 0


async def test_a_reply_taken_back_before_it_was_sent_is_never_sent(store: Store) -> None:
    await finish(store, event(), answer())
    (said,) = await store.posts.replies_to("$q")
    (row,) = await store.outbox.due(NOW)
    await finish(store, event("$redaction"), Withdraw(said.id))
    assert not await store.outbox.begin(row.id, NOW)
    assert await send_all(store) == []
    assert await store.posts.replies_to("$q") == []


async def test_a_reply_taken_back_while_it_is_being_sent_is_removed_afterwards(store: Store) -> None:
    row = await waiting(store, Post(reply(choices=("1️⃣",)), "suggest", question="$q"))
    await store.outbox.begin(row.id, NOW)
    await finish(store, event("$redaction"), Withdraw(row.id))
    assert await send_all(store) == [reply(choices=("1️⃣",)), Removal("!salon", f"$sent-{row.id}")]


async def test_a_reply_taken_back_after_it_was_sent_is_removed_once_with_its_marks(store: Store) -> None:
    await offered(store, "1️⃣", "2️⃣")
    (said,) = await store.posts.replies_to("$q")
    await finish(store, event("$redaction"), Withdraw(said.id), Withdraw(said.id))
    await finish(store, event("$cross"), Withdraw(said.id))
    gone = await send_all(store)
    assert [gone[0], len(gone)] == [Removal("!salon", said.event), 3]
    assert [said.removed for said in await store.posts.replies_to("$q")] == [True]


async def test_a_reply_with_new_words_is_taken_back_by_its_first_event(store: Store) -> None:
    first = await sent(store)
    await finish(store, event("$edit"), Post(reply("Mieux.", replaces=first.event), "answer", question="$q"))
    await send_all(store)
    await finish(store, event("$redaction"), *[Withdraw(said.id) for said in await store.posts.replies_to("$q")])
    assert await send_all(store) == [Removal("!salon", first.event)]


async def test_our_event_deleted_before_we_knew_its_id_gets_no_marks(store: Store) -> None:
    await finish(store, event(), Post(reply(choices=("1️⃣",)), "suggest", question="$q"))
    await store.journal.receive("matrix", [redaction("$ours")], "s2")
    (row,) = await store.outbox.due(NOW)
    await store.outbox.mark_sent(row.id, "$ours", NOW)
    assert (await store.posts.find("$ours")).removed
    assert await unsent(store) == 0


async def test_new_words_for_a_deleted_reply_are_not_sent(store: Store) -> None:
    said = await sent(store)
    await finish(store, event("$edit"), Post(reply("Mieux.", replaces=said.event), "answer", question="$q"))
    await store.journal.receive("matrix", [redaction(said.event)], "s2")
    assert (await store.posts.find(said.event)).removed
    assert await send_all(store) == []
