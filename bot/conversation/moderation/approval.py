"""A moderator's word on a draft: yes makes the change and tells those who asked, no drops it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot.conversation.context import Context
from bot.conversation.moderation import drafts, notifications
from bot.conversation.moderation.changes import Change, carry_out, is_made, read, rebased
from bot.knowledge.edit_errors import EditConflict, EditError
from bot.knowledge.models import Entry
from bot.messages import Reply
from bot.store import Draft, Outcome, Post, SentPost
from bot.store.queue import DRAFTS


async def decide(here: Context, said: SentPost, user: str, yes: bool) -> Outcome:
    if said.number is None or said.event is None or not await here.moderates(user):
        return Outcome("not theirs to decide")
    draft = await here.store.draft(said.number)
    if draft is None or here.clock() - draft.made > DRAFTS:
        return Outcome("too late", (_under(here, said, user).post(here.replies.draft_gone(said.number), said.number),))
    if draft.state != "open":
        return Outcome("decided already")
    place = _under(here, said, user)
    return await (_make(place, draft) if yes else _drop(place, draft, said))


async def set_aside(here: Context, said: SentPost, user: str) -> Outcome:
    """❌ under the note about a question: it is closed without an answer."""
    queued = await here.store.question(said.number) if said.number is not None else None
    if queued is None or queued.closed or not await here.moderates(user):
        return Outcome("no question to set aside")
    return Outcome("set aside", withdraw=(said.id,), close=notifications.closing(queued))


def _under(here: Context, said: SentPost, user: str) -> drafts.ReplyTarget:
    return drafts.ReplyTarget(here, said.room, user, said.event)


async def _drop(place: drafts.ReplyTarget, draft: Draft, said: SentPost) -> Outcome:
    change = read(draft.content)
    dropped = Outcome("dropped", settles=(draft.number, "dropped"))
    if change.instead:
        other = await drafts.propose(place, change.instead, question=draft.question)
        return replace(drafts.merge_outcomes(dropped, other), withdraw=(said.id,))
    text = place.here.replies.draft_dropped(draft.number)
    return replace(
        dropped, posts=(Post(Reply(said.room, text, to=said.event, quiet=True), "note", number=draft.number),)
    )


async def _make(place: drafts.ReplyTarget, draft: Draft) -> Outcome:
    """Written first, then noted with all that follows in one step: after a crash between, it is seen to be there."""
    here, change = place.here, read(draft.content)
    editor = drafts.editor(here)
    try:
        who = await here.channel.name_of(place.moderator)
        used = await here.store.ids_ever()
        written = await asyncio.to_thread(carry_out, editor, change, who, used=used)
    except EditError as refusal:
        if await asyncio.to_thread(is_made, editor, change):
            return await _made(place, draft, change)
        return await _refused(place, draft, change, refusal)
    return await _made(place, draft, change, here.replies.problem(written.note.say) if written.note else "")


async def _refused(place: drafts.ReplyTarget, draft: Draft, change: Change, refusal: EditError) -> Outcome:
    """The draft stays where trying again may help; where the entry has changed, it is shown anew on what it is now."""
    here = place.here
    said = here.replies.not_written(refusal.say, refusal.yaml)
    if not isinstance(refusal, EditConflict):
        return Outcome("not written", (place.post(said, draft.number),))
    said = here.replies.changed_meanwhile(refusal.say, refusal.difference)
    gone = Outcome("changed meanwhile", (place.post(said, draft.number),), settles=(draft.number, "dropped"))
    if refusal.now is None:
        return gone
    again = await drafts.propose(place, rebased(change, refusal.now), question=draft.question)
    return drafts.merge_outcomes(gone, again)


async def _made(place: drafts.ReplyTarget, draft: Draft, change: Change, note: str = "") -> Outcome:
    here = place.here
    reloaded = await here.reload()
    entry = here.knowledge.entries.get(change.id)
    queued = await here.store.question(draft.question) if draft.question is not None else None
    posts = await notifications.notifications_for(here, queued, _news(entry), entry.id) if queued and entry else ()
    said = here.replies.draft_made(change.kind, change.id, len(posts), reloaded.errors, note)
    return Outcome(
        "knowledge changed",
        (place.post(said, draft.number), *posts),
        settles=(draft.number, "done"),
        close=notifications.closing(queued, change.id) if queued and entry else None,
    )


def _news(entry: Entry) -> notifications.Words:
    return lambda there, names: there.replies.news(
        names, there.replies.given(entry, there.dead()), there.knowledge, there.today
    )
