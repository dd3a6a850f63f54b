"""What goes along when somebody wants to be forgotten or deletes a question: quotes of them, drafts made of it."""

from __future__ import annotations

from dataclasses import replace

from bot.context import Context
from bot.messages import Reply
from bot.store import Outcome, Post


async def with_withdrawals(here: Context, outcome: Outcome) -> Outcome:
    """The store withdraws what shows the question; moderators read why a draft is gone, without any of its words."""
    if not (outcome.forget or outcome.unask):
        return outcome
    store, channel = here.store, here.channel.name
    quoting = await store.replies_and_news(channel, outcome.forget) if outcome.forget and here.replies.quotes else ()
    drafts = await store.drafts_about(channel, outcome.unask, outcome.forget)
    notes = [_note(here.of(name), room, number, outcome) for number, name, room in drafts]
    return replace(outcome, posts=(*outcome.posts, *notes), withdraw=(*outcome.withdraw, *quoting))


def _note(there: Context, room: str, number: int, outcome: Outcome) -> Post:
    text = there.replies.draft_withdrawn(number, forgotten=bool(outcome.forget))
    return Post(Reply(room, text, quiet=True), "note", channel=there.channel.name, number=number)
