"""The outbox: what is to be said is said once, in order, or taken back."""

from __future__ import annotations

import pytest

from bot.messages import Event, Outgoing, OutgoingReaction, Removal, Reply
from bot.store import Post, Store, Withdraw
from tests.databases import unsent
from tests.store.samples import ANA, NOW, answer, event, finish, reply, send_all, sent, waiting

RICH = Reply("!r", "« Où ? »\n", "$q", "$root", True, (ANA,), "$old", ("1️⃣", "2️⃣"))


def redaction(of: str) -> Event:
    return event(f"$redaction-of-{of}", kind="redaction", relates_to=of)


@pytest.mark.parametrize("outgoing", [RICH, Reply("!r", ""), Removal("!r", "$x"), OutgoingReaction("!r", "$x", "👍")])
async def test_what_goes_in_comes_out_unchanged(store: Store, outgoing: Outgoing) -> None:
    row = await waiting(store, Post(outgoing, "note"))
    assert (row.outgoing, row.channel, row.begun, row.attempts) == (outgoing, "matrix", None, 0)


def mark(key: str, of: str) -> OutgoingReaction:
    return OutgoingReaction("!salon", of, key)


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
    said = await sent(store, Post(reply("Laquelle ?", choices=("1️⃣", "2️⃣")), "suggest", question="$q"))
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
