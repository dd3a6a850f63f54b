"""Open drafts: kept or dropped as under their posts in a chat, which are told of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from aiohttp import web

from bot.conversation.moderation import actions, drafts
from bot.conversation.moderation.actions import Approval
from bot.conversation.moderation.changes import Change
from bot.conversation.moderation.drafts import ReplyTarget
from bot.desk.access import SESSION, Refusal, Session, form_of
from bot.desk.desk import Desk
from bot.knowledge.edit_result import EditConflict, EditError
from bot.store import Draft, Outcome, Post, SentPost


@dataclass(frozen=True, slots=True)
class DraftCard:
    """`lines`: of the file; `themes`: to choose one of; `error`: why it cannot be made any more."""

    draft: Draft
    change: Change
    lines: str = ""
    theme: str = ""
    themes: Sequence[str] = ()
    error: EditError | None = None


async def show(desk: Desk, request: web.Request) -> web.Response:
    waiting = await desk.store.queue.open_drafts(desk.now())
    cards = [await _card(desk, request[SESSION], draft) for draft in waiting]
    return desk.page(request, "desk/drafts.html", cards=cards)


async def _card(desk: Desk, session: Session, draft: Draft) -> DraftCard:
    change = Change.from_json(draft.content)
    try:
        proposal = await actions.propose_change(desk.context(session), session.user, change, number=draft.number)
    except EditError as error:
        return DraftCard(draft, change, error=error)
    return DraftCard(draft, change, proposal.lines, proposal.theme, proposal.themes)


async def decide(desk: Desk, request: web.Request) -> web.Response:
    session, form = request[SESSION], await form_of(request)
    draft = await actions.recent_draft(desk.context(session), int(request.match_info["number"]))
    if draft is None or draft.state != "open":
        raise Refusal("draft_closed", 409)
    shown = await desk.store.posts.about(draft.number, "draft")
    if form.get("decision") == "drop":
        return await _drop(desk, request, draft, shown)
    return await _keep(desk, request, await _filed(desk, session, draft, form.get("theme", "")), shown)


async def _filed(desk: Desk, session: Session, draft: Draft, theme: str) -> Draft:
    """With the theme that a moderator chose, if it lacks one."""
    if not drafts.lacks_theme(draft):
        return draft
    files = {info.theme: info.file for info in await actions.themes(desk.context(session))}
    if theme not in files:
        raise Refusal("no_theme", 400)
    return replace(draft, content=replace(Change.from_json(draft.content), theme=files[theme]).to_json())


async def _keep(desk: Desk, request: web.Request, draft: Draft, shown: Sequence[SentPost]) -> web.Response:
    session, key = request[SESSION], (await form_of(request)).get("key", "")
    try:
        await desk.approve(session, key, draft, _reports(desk, session, draft, shown))
    except EditConflict as conflict:
        if conflict.now is None:  # gone, or its file cannot be read: the draft waits
            raise Refusal("entry_gone", 409, error=conflict) from None
        await _propose_anew(desk, session, key, draft, shown, conflict)
        raise Refusal("changed_meanwhile", 409, error=conflict) from None
    return desk.redirect(request, "desk/drafts", "draft_made", draft.number)


def _reports(
    desk: Desk, session: Session, draft: Draft, shown: Sequence[SentPost]
) -> Callable[[Approval], Sequence[Post]]:
    """Under each post that shows the draft: what it came to, and who decided."""

    def reports(approval: Approval) -> Sequence[Post]:
        targets = [_target(desk, session, post) for post in shown]
        return [
            target.post(
                target.ctx.replies.at_desk(session.name, drafts.approval_report(target.ctx, approval)), draft.number
            )
            for target in targets
        ]

    return reports


def _target(desk: Desk, session: Session, post: SentPost) -> ReplyTarget:
    return ReplyTarget(desk.context_of(post.channel), post.room, session.user, post.event)


async def _propose_anew(
    desk: Desk, session: Session, key: str, draft: Draft, shown: Sequence[SentPost], conflict: EditConflict
) -> None:
    """As in a chat: the same change of what the entry is now, under a new number."""
    if shown:
        outcome = await drafts.propose_anew(_target(desk, session, shown[0]), draft, conflict)
    else:
        outcome = await _unseen(desk, session, draft, drafts.rebased_change(draft, conflict))
    await desk.apply(session, key, outcome)


async def _drop(desk: Desk, request: web.Request, draft: Draft, shown: Sequence[SentPost]) -> web.Response:
    session, key = request[SESSION], (await form_of(request)).get("key", "")
    if shown:
        outcome = await drafts.drop(_target(desk, session, shown[0]), draft, shown[0])
    else:
        outcome = await _unseen(desk, session, draft, Change.from_json(draft.content).instead)
    await desk.apply(session, key, outcome)
    return desk.redirect(request, "desk/drafts", "draft_dropped", draft.number)


async def _unseen(desk: Desk, session: Session, draft: Draft, instead: Change | None) -> Outcome:
    """The draft is dropped; the other one takes its place, shown in no room."""
    if instead is None:
        return actions.drop(draft)
    try:
        ctx = desk.context(session)
        proposal = await actions.propose_change(ctx, session.user, instead, question=draft.question)
    except EditError:
        return actions.drop(draft)
    return replace(actions.drop(draft), draft=proposal.draft)
