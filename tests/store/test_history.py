"""What the bot remembers of what was said, as far as it decides whether and how to speak."""

from datetime import timedelta

from bot.messages import Removal
from bot.store import Post, Store
from tests.store.samples import NOW, answer, event, finish, reply, send_all

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
