"""Open drafts: kept or dropped as under their posts in a chat, which are told of it, or edited first.

Imported ones come page by page: searched, opened in the form of an entry, kept in a theme or discarded together.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from aiohttp import web

from bot.conversation.context import MODERATORS, Context
from bot.conversation.moderation import actions, approval, imported
from bot.conversation.moderation.changes import Change
from bot.desk.desk import Refusal, Visit, or_refuse
from bot.desk.entry_form import EntryForm
from bot.desk.entry_pages import LONGEST_QUERY, EntryView, form_page
from bot.knowledge.edit_result import EditConflict, EditError
from bot.knowledge.models import Entry
from bot.store import Draft, Outcome, SentPost
from bot.text.folding import fold


async def show(visit: Visit) -> web.Response:
    """Each draft as it would be kept, or the error for which it cannot be made any more."""
    ctx, cards = visit.ctx, []
    for draft in await ctx.store.queue.open_drafts(ctx.clock()):
        change, shown, error = Change.from_json(draft.content), None, None
        try:
            _, shown = await actions.propose_change(ctx, visit.session.user, change, number=draft.number)
        except EditError as refusal:
            error = refusal
        cards.append({"draft": draft, "change": change, "shown": shown, "error": error})
    files, faults = await imported.found(ctx)
    themes, waiting = await actions.themes(ctx), len(files)
    return visit.page("desk/drafts.html", cards=cards, themes=themes, imported=waiting, faults=faults)


async def edit(visit: Visit) -> web.Response:
    """Show the form of an entry with the draft in it; saving it keeps the draft."""
    ctx, draft = visit.ctx, await _open(visit)
    change = Change.from_json(draft.content)
    form = EntryForm.of_entry(or_refuse(change.after, "missing", 404), ctx.all_knowledge)
    form = replace(form, seen=change.before, theme=change.theme, draft=draft.version)
    return await form_page(visit, EntryView(form))


async def decide(visit: Visit) -> web.Response:
    """Drop a draft, or make its change, in the theme that a moderator chose or in its own.

    Of an entry that has changed since, propose the same change anew, under a new number. Raises Refusal, EditError.
    """
    ctx, moderator = visit.ctx, visit.session.user
    draft = await _open(visit)
    if visit.posted("decision") == "drop":
        if posts := await ctx.store.posts.about(draft.number, "draft"):
            outcome = await approval.drop(_target(ctx, posts[0], moderator), draft, posts[0])
        else:
            outcome = await _unseen(ctx, moderator, draft, Change.from_json(draft.content).instead)
        await visit.apply(outcome)
        return visit.redirect("desk/drafts", "draft_dropped", draft.number)
    theme, files = visit.posted("theme"), {info.theme: info.file for info in await actions.themes(ctx)}
    if theme not in files and (theme or approval.lacks_theme(draft)):
        raise Refusal("no_theme", 400)
    if theme and draft.kind == "add":
        draft = replace(draft, content=replace(Change.from_json(draft.content), theme=files[theme]).to_json())
    try:
        await _approve(visit, draft)
    except EditConflict as conflict:
        if conflict.now is None:  # gone, or its file cannot be read: the draft waits
            raise Refusal("entry_gone", 409, error=conflict) from None
        if targets := await _targets(ctx, draft, moderator):
            outcome = await approval.propose_anew(targets[0], draft, conflict)
        else:
            outcome = await _unseen(ctx, moderator, draft, approval.rebased_change(draft, conflict))
        await visit.apply(outcome)
        raise Refusal("changed_meanwhile", 409, error=conflict) from None
    return visit.redirect("desk/drafts", "draft_made", draft.number)


async def _open(visit: Visit) -> Draft:
    """Return the draft of the address. Raises Refusal if it is settled."""
    return or_refuse(await actions.open_draft(visit.ctx, visit.number), "draft_closed")


async def _targets(ctx: Context, draft: Draft, moderator: str) -> Sequence[approval.ReplyTarget]:
    """Return the places in chats where the draft is shown."""
    return [_target(ctx, post, moderator) for post in await ctx.store.posts.about(draft.number, "draft")]


def _target(ctx: Context, post: SentPost, moderator: str) -> approval.ReplyTarget:
    return approval.ReplyTarget(replace(ctx.of(post.channel), venue=MODERATORS), post.room, moderator, post.event)


async def keep_edited(visit: Visit, version: str, change: Change) -> actions.Approval:
    """Keep a draft as its form has changed it. Raises Refusal if it is settled or has changed since, EditError."""
    draft = or_refuse(await actions.draft_as_seen(visit.ctx, version), "draft_closed")
    change = replace(change, informed=Change.from_json(draft.content).informed)
    edited = replace(draft, kind=change.kind, content=change.to_json())
    await visit.apply(Outcome("a draft").also(edited), "draft")  # after a crash, ✅ finds it in the files
    try:
        return await _approve(visit, edited)
    except EditError:  # its form says so; its posts show what it was
        await visit.apply(Outcome("a draft").also(draft), "back")
        raise


async def _approve(visit: Visit, draft: Draft) -> actions.Approval:
    """Make the change, and say under each post that shows it what it came to and who decided. Raises EditError."""
    ctx, moderator = visit.ctx, visit.session
    made = await actions.approve(ctx, draft, moderator.name)
    outcome = made.outcome
    for target in await _targets(ctx, draft, moderator.user):
        text = target.ctx.replies.at_desk(moderator.name, approval.approval_report(target.ctx, made))
        outcome = outcome.also(target.post(text, draft.number))
    await visit.apply(outcome)
    return made


async def _unseen(ctx: Context, moderator: str, draft: Draft, instead: Change | None) -> Outcome:
    """Drop the draft; the other one takes its place, shown in no room."""
    dropped = actions.drop(draft)
    if instead is None:
        return dropped
    proposed = await approval.propose(approval.ReplyTarget(ctx, "", moderator), instead, question=draft.question)
    return dropped.also(*proposed.effects)


# Imported drafts


async def show_imported(visit: Visit) -> web.Response:
    """`?q=`: only those with all these words."""
    ctx, query = visit.ctx, visit.query.get("q", "").strip()[:LONGEST_QUERY]
    drafts, faults = await imported.found(ctx)
    texts = [fold(" ".join([draft.title, *draft.questions, draft.answer or ""])) for draft in drafts]
    words = fold(query).split()
    matching = [draft for draft, text in zip(drafts, texts, strict=True) if all(word in text for word in words)]
    rows, pager = visit.rows_of_page(matching)
    return visit.page(
        "desk/imported.html",
        shown={_key(draft): draft for draft in rows},
        faults=faults,
        query=query,
        themes=await actions.themes(ctx),
        total=len(drafts),
        matching=len(matching),
        **pager,
    )


def _key(draft: Entry) -> str:
    """Return a key that another draft, and this one after an edit, does not have."""
    return hashlib.sha256(draft.model_dump_json().encode()).hexdigest()[:16]


async def decide_imported(visit: Visit) -> web.Response:
    """Keep or discard those that are ticked, as they were shown; discarding asks first."""
    ctx, author, form = visit.ctx, visit.session.name, visit.form
    decision, where = visit.posted("decision"), {name: visit.posted(name) for name in ("q", "page")}
    ticked = form.get("shown" if visit.posted("all") else "pick", ())
    known = {_key(draft): draft for draft in (await imported.found(ctx))[0]}
    if edited := visit.posted("edit"):  # propose to keep it, and open the proposal in the form of an entry
        entry = or_refuse(known.get(edited), "imported_gone")
        change = imported.keeping(entry, await actions.likely_theme(ctx, entry.title))
        draft, _ = await actions.propose_change(ctx, visit.session.user, change)
        await visit.apply(Outcome("a draft").also(draft))
        return visit.redirect(f"desk/drafts/{draft.number}")
    drafts = {one: known[one] for one in ticked if one in known}
    if not ticked:
        raise Refusal("nothing_ticked", 400)
    if decision == "discard":
        return visit.page("desk/discarding.html", drafts=drafts, where=where)
    if decision == "discard_surely":
        await imported.discard(ctx, [*drafts.values()], author)
        return visit.redirect("desk/imported", "imported_discarded", len(drafts), **where)
    chosen, title = visit.posted("theme"), visit.posted("new_theme").strip()
    if not title and chosen not in {info.file for info in await actions.themes(ctx)}:
        raise Refusal("no_theme", 400)
    await imported.keep(ctx, [*drafts.values()], title or chosen, author)
    return visit.redirect("desk/imported", "imported_kept", len(drafts), **where)
