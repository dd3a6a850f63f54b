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


async def decide(ctx: Context, said: SentPost, user: str, *, yes: bool) -> Outcome | None:
    if said.removed:
        return None
    if said.number is None or said.event is None or not await ctx.moderates(user):
        return Outcome("not theirs to decide")
    draft = await ctx.store.draft(said.number)
    if draft is None or ctx.clock() - draft.made > DRAFTS:
        return Outcome("too late", (_under(ctx, said, user).post(ctx.replies.draft_gone(said.number), said.number),))
    if draft.state != "open":
        return Outcome("decided already")
    target = _under(ctx, said, user)
    return await (_make(target, draft) if yes else _drop(target, draft, said))


async def set_aside(ctx: Context, said: SentPost, user: str) -> Outcome:
    """❌ under the note about a question: it is closed without an answer."""
    queued = await ctx.store.question(said.number) if said.number is not None else None
    if queued is None or queued.closed or not await ctx.moderates(user):
        return Outcome("no question to set aside")
    return Outcome("set aside", withdraw=(said.id,), close=notifications.closing(queued))


def _under(ctx: Context, said: SentPost, user: str) -> drafts.ReplyTarget:
    return drafts.ReplyTarget(ctx, said.room, user, said.event)


async def _drop(target: drafts.ReplyTarget, draft: Draft, said: SentPost) -> Outcome:
    change = read(draft.content)
    dropped = Outcome("dropped", draft_decision=(draft.number, "dropped"))
    if change.instead:
        other = await drafts.propose(target, change.instead, question=draft.question)
        return replace(drafts.merge_outcomes(dropped, other), withdraw=(said.id,))
    text = target.ctx.replies.draft_dropped(draft.number)
    return replace(
        dropped, posts=(Post(Reply(said.room, text, to=said.event, quiet=True), "note", number=draft.number),)
    )


async def _make(target: drafts.ReplyTarget, draft: Draft) -> Outcome:
    """Written first, then noted with all that follows in one step: after a crash between, it is seen to be there."""
    ctx, change = target.ctx, read(draft.content)
    editor = drafts.editor(ctx)
    try:
        who = await ctx.channel.name_of(target.moderator)
        used = await ctx.store.ids_ever()
        written = await asyncio.to_thread(carry_out, editor, change, who, used=used)
    except EditError as refusal:
        if await asyncio.to_thread(is_made, editor, change):
            return await _made(target, draft, change)
        return await _refused(target, draft, change, refusal)
    return await _made(target, draft, change, ctx.replies.problem(written.note.say) if written.note else "")


async def _refused(target: drafts.ReplyTarget, draft: Draft, change: Change, refusal: EditError) -> Outcome:
    """The draft stays where trying again may help; where the entry has changed, it is shown anew on what it is now."""
    ctx = target.ctx
    said = ctx.replies.not_written(refusal.say, refusal.yaml)
    if not isinstance(refusal, EditConflict):
        return Outcome("not written", (target.post(said, draft.number),))
    said = ctx.replies.changed_meanwhile(refusal.say, refusal.difference)
    gone = Outcome("changed meanwhile", (target.post(said, draft.number),), draft_decision=(draft.number, "dropped"))
    if refusal.now is None:
        return gone
    again = await drafts.propose(target, rebased(change, refusal.now), question=draft.question)
    return drafts.merge_outcomes(gone, again)


async def _made(target: drafts.ReplyTarget, draft: Draft, change: Change, note: str = "") -> Outcome:
    ctx = target.ctx
    reloaded = await ctx.reload()
    entry = ctx.knowledge.entries.get(change.id)
    queued = await ctx.store.question(draft.question) if draft.question is not None else None
    posts = await notifications.notifications_for(ctx, queued, _news(entry), entry.id) if queued and entry else ()
    said = ctx.replies.draft_made(change.kind, change.id, len(posts), reloaded.errors, note)
    return Outcome(
        "knowledge changed",
        (target.post(said, draft.number), *posts),
        draft_decision=(draft.number, "done"),
        close=notifications.closing(queued, change.id) if queued and entry else None,
    )


def _news(entry: Entry) -> notifications.Words:
    return lambda target_ctx, names: target_ctx.replies.news(
        names, target_ctx.replies.given(entry, target_ctx.dead()), target_ctx.knowledge, target_ctx.today
    )
