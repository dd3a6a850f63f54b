"""Open drafts: kept or dropped as under their posts in a chat, which are told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiohttp import web

from bot.conversation.context import MODERATORS, Context
from bot.conversation.moderation import actions, drafts
from bot.conversation.moderation.actions import ChangeProposal
from bot.conversation.moderation.changes import Change
from bot.conversation.moderation.drafts import ReplyTarget
from bot.desk.desk import SESSION, Desk, Refusal, posted
from bot.knowledge.edit_result import EditConflict, EditError
from bot.store import Draft, Outcome


@dataclass(frozen=True, slots=True)
class DraftCard:
    """`proposal`: None if it cannot be made any more, for `error`."""

    draft: Draft
    change: Change
    proposal: ChangeProposal | None = None
    error: EditError | None = None


async def show(desk: Desk, request: web.Request) -> web.Response:
    ctx, cards = desk.context(request), []
    for draft in await ctx.store.queue.open_drafts(desk.now()):
        change = Change.from_json(draft.content)
        try:
            proposal = await actions.propose_change(ctx, request[SESSION].user, change, number=draft.number)
            cards.append(DraftCard(draft, change, proposal))
        except EditError as error:
            cards.append(DraftCard(draft, change, error=error))
    return desk.page(request, "desk/drafts.html", cards=cards)


async def decide(desk: Desk, request: web.Request) -> web.Response:
    ctx, moderator = desk.context(request), request[SESSION].user
    draft = await actions.recent_draft(ctx, int(request.match_info["number"]))
    if draft is None or draft.state != "open":
        raise Refusal("draft_closed", 409)
    shown = await ctx.store.posts.about(draft.number, "draft")
    networks = [replace(ctx.of(post.channel), venue=MODERATORS) for post in shown]
    targets = [ReplyTarget(own, post.room, moderator, post.event) for own, post in zip(networks, shown, strict=True)]
    if posted(request, "decision") != "drop":
        await _keep(desk, request, await _filed(ctx, draft, posted(request, "theme")), targets)
        return desk.redirect(request, "desk/drafts", "draft_made", draft.number)
    if shown:
        outcome = await drafts.drop(targets[0], draft, shown[0])
    else:
        outcome = await _unseen(ctx, moderator, draft, Change.from_json(draft.content).instead)
    await desk.apply(request, outcome)
    return desk.redirect(request, "desk/drafts", "draft_dropped", draft.number)


async def _filed(ctx: Context, draft: Draft, theme: str) -> Draft:
    """Return it with the theme that a moderator chose, if it lacks one. Raises Refusal."""
    if not drafts.lacks_theme(draft):
        return draft
    files = {info.theme: info.file for info in await actions.themes(ctx)}
    if theme not in files:
        raise Refusal("no_theme", 400)
    return replace(draft, content=replace(Change.from_json(draft.content), theme=files[theme]).to_json())


async def _keep(desk: Desk, request: web.Request, draft: Draft, targets: Sequence[ReplyTarget]) -> None:
    """Make its change, and say under each post that shows it what it came to and who decided. Of an entry that has
    changed since, propose the same change anew, under a new number. Raises Refusal, EditError."""
    ctx, moderator = desk.context(request), request[SESSION]
    try:
        approval = await actions.approve(ctx, draft, moderator.name)
    except EditConflict as conflict:
        if conflict.now is None:  # gone, or its file cannot be read: the draft waits
            raise Refusal("entry_gone", 409, error=conflict) from None
        if targets:
            outcome = await drafts.propose_anew(targets[0], draft, conflict)
        else:
            outcome = await _unseen(ctx, moderator.user, draft, drafts.rebased_change(draft, conflict))
        await desk.apply(request, outcome)
        raise Refusal("changed_meanwhile", 409, error=conflict) from None
    outcome = approval.outcome
    for target in targets:
        text = target.ctx.replies.at_desk(moderator.name, drafts.approval_report(target.ctx, approval))
        outcome = outcome.also(target.post(text, draft.number))
    await desk.apply(request, outcome)


async def _unseen(ctx: Context, moderator: str, draft: Draft, instead: Change | None) -> Outcome:
    """Drop the draft; the other one takes its place, shown in no room."""
    dropped = actions.drop(draft)
    if instead is None:
        return dropped
    try:
        proposal = await actions.propose_change(ctx, moderator, instead, question=draft.question)
    except EditError:
        return dropped
    return dropped.also(proposal.draft)
