"""The outbox: what is to be said is said once, in order, or taken back."""

from datetime import timedelta

import pytest

from bot.messages import OutgoingReaction, Removal, Reply
from bot.store import Post, Store, Withdraw
from tests.store.samples import ANA, NOW, answer, event, finish, reply, send_all, sent, waiting

RICH = Reply("!r", "« Où ? »\n", "$q", "$root", True, (ANA,), "$old", ("1️⃣", "2️⃣"))


async def test_what_goes_in_comes_out_unchanged(store: Store) -> None:
    for number, outgoing in enumerate([RICH, Reply("!r", ""), Removal("!r", "$x"), OutgoingReaction("!r", "$x", "👍")]):
        await finish(store, event(f"${number}"), Post(outgoing, "note"))
        assert (await send_all(store))[0] == outgoing


@pytest.mark.parametrize("is_on_its_way", [False, True])
async def test_a_reply_taken_back_is_never_sent_or_removed_if_on_its_way(store: Store, is_on_its_way: bool) -> None:
    said = reply(choices=("1️⃣",))
    row = await waiting(store, Post(said, "suggest", question="$q"))
    if is_on_its_way:
        await store.outbox.begin(row.id, NOW)
    await finish(store, event("$redaction"), Withdraw(row.id))
    assert await send_all(store) == ([said, Removal("!salon", f"$sent-{row.id}")] if is_on_its_way else [])


async def test_a_reply_taken_back_after_it_was_sent_is_removed_once_with_its_marks(store: Store) -> None:
    said = await sent(store, Post(reply("Laquelle ?", choices=("1️⃣", "2️⃣")), "suggest", question="$q"))
    await finish(store, event("$redaction"), Withdraw(said.id), Withdraw(said.id))
    await finish(store, event("$cross"), Withdraw(said.id))
    gone = await send_all(store)
    assert [gone[0], len(gone)] == [Removal("!salon", said.event), 3]
    assert [said.removed for said in await store.posts.replies_to("$q")] == [True]


async def test_a_post_that_somebody_deletes_before_we_know_its_id_gets_no_marks(store: Store) -> None:
    row = await waiting(store, Post(reply(choices=("1️⃣",)), "suggest", question="$q"))
    await store.journal.receive("matrix", [event("$redaction", kind="redaction", relates_to="$ours")], "s2")
    await store.outbox.mark_sent(row.id, "$ours", NOW)
    assert (await store.posts.find("$ours")).removed
    assert await send_all(store) == []


async def test_new_words_for_a_deleted_reply_are_not_sent(store: Store) -> None:
    said = await sent(store)
    await finish(store, event("$edit"), Post(reply("Mieux.", replaces=said.event), "answer", question="$q"))
    await store.journal.receive("matrix", [event("$redaction", kind="redaction", relates_to=said.event)], "s2")
    assert (await store.posts.find(said.event)).removed
    assert await send_all(store) == []


async def test_an_answer_that_cannot_be_read_any_more_is_not_found(store: Store) -> None:
    """So nobody is told to look for it further up."""
    await finish(store, event("$1"), answer("$1", ("role",)))
    await finish(store, event("$2"), answer("$2", ("fiche",)))
    await send_all(store)
    (removed,), (edited,) = await store.posts.replies_to("$1"), await store.posts.replies_to("$2")
    await finish(store, event("$a"), Post(Removal("!salon", removed.event), "removal"))
    await finish(store, event("$b"), Post(reply(replaces=edited.event), "answer", ("autre",), "$2"))
    await send_all(store)
    since, entries = NOW - timedelta(hours=1), ("role", "fiche", "autre")
    found = [await store.posts.latest_answer("!salon", entry, since) for entry in entries]
    assert [said and said.question for said in found] == [None, None, "$2"]
