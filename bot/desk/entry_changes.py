"""Saving an entry, removing one, and taking a change back: each through the same editor and git as ✅ in a chat."""

from __future__ import annotations

from aiohttp import web

from bot.conversation.context import Context
from bot.conversation.moderation.actions import Approval
from bot.conversation.moderation.changes import Change, change_between, json_fields
from bot.desk import drafts_page
from bot.desk.desk import SESSION, Desk, Refusal, posted
from bot.desk.entry_form import EntryForm, differences, entry_titles
from bot.desk.entry_history import find_edit
from bot.desk.entry_pages import EntryView, entry_of, form_page, posted_form, tried
from bot.desk.entry_problems import refusal_problems
from bot.desk.examination import FormExamination, examine
from bot.knowledge.edit_result import EditConflict, EditError, Unwritable
from bot.store import Post


async def save(desk: Desk, request: web.Request) -> web.Response:
    """Save a form whose difference was shown before; else lead to the page that shows it."""
    form, ctx = posted_form(request), desk.context(request)
    examination = await examine(desk, ctx, form)
    change = examination.change
    if change is None or examination.errors or posted(request, "shown") != form.digest:
        return tried(desk, request, form, "compare")
    note: tuple[Post, ...] = ()
    if form.question is not None:
        text = ctx.replies.answered_at_desk(request[SESSION].name, form.question)
        note = await desk.note(request, text, form.question)
    try:
        if form.draft:
            approval = await drafts_page.keep_edited(desk, request, form.draft, change)
        else:
            approval = await desk.make_change(request, change, question=form.question, note=note)
    except EditConflict:
        return tried(desk, request, form, "compare")
    except EditError as refusal:
        found = FormExamination(refusal_problems(form, ctx.all_knowledge, refusal, desk.words))
        view = EntryView(form, found, by_hand=refusal.yaml)
        return await form_page(desk, request, view, 503 if isinstance(refusal, Unwritable) else 422)
    place = "desk/imported" if change.draft else f"desk/e/{change.id}"
    return desk.redirect(request, place, _notice(ctx, approval))


def _notice(ctx: Context, approval: Approval) -> str:
    """Return the name of what a page says of a change that was made: also what did not follow from it."""
    if approval.result and ctx.all_knowledge.entries.get(approval.change.id) != approval.result.entry:
        return "saved_unread"
    if approval.result and approval.result.note:
        return "saved_no_commit"
    return "saved_left_open" if approval.left_open is not None else "saved"


async def confirm_removal(desk: Desk, request: web.Request) -> web.Response:
    ctx = desk.context(request)
    entry = await entry_of(ctx, request)
    referring = [other for other in ctx.all_knowledge.entries.values() if entry.id in other.see_also]
    form = EntryForm.of_entry(entry, ctx.all_knowledge)
    return desk.page(request, "desk/removal.html", entry=entry, seen=form.seen_json, referring=referring)


async def remove(desk: Desk, request: web.Request) -> web.Response:
    form = posted_form(request)
    if form.seen is None:
        raise Refusal("form", 400)
    origin = desk.context(request).all_knowledge.origins.get(form.seen.id)
    file = origin.file.rpartition("/")[2] if origin else ""
    change = Change("remove", form.seen.id, json_fields(form.seen), theme=file)
    return await _carry_out(desk, request, change, "removed")


async def confirm_undoing(desk: Desk, request: web.Request) -> web.Response:
    """Ask whether to undo the change that `?edit=…` names, or the latest one."""
    edit = await find_edit(desk, request, request.query.get("edit", ""))
    back, titles = differences(edit.after, edit.before), entry_titles(desk.context(request).all_knowledge)
    id = request.match_info["id"]
    return desk.page(request, "desk/undoing.html", id=id, edit=edit, differences=back, titles=titles)


async def undo(desk: Desk, request: web.Request) -> web.Response:
    edit = await find_edit(desk, request, posted(request, "edit"))
    return await _carry_out(desk, request, change_between(edit.after, edit.before, edit.file), "undone")


async def _carry_out(desk: Desk, request: web.Request, change: Change, notice: str) -> web.Response:
    """Make a change that has no form."""
    try:
        await desk.make_change(request, change)
    except EditError as refusal:
        conflict = refusal if isinstance(refusal, EditConflict) else None
        status = 409 if conflict else 503 if isinstance(refusal, Unwritable) else 422
        titles = entry_titles(desk.context(request).all_knowledge)
        meanwhile = differences(change.seen, conflict.now) if conflict else ()
        shown = {"change": change, "refusal": refusal, "conflict": conflict, "meanwhile": meanwhile, "titles": titles}
        return desk.page(request, "desk/unmade.html", status=status, **shown)
    is_there = change.id in desk.context(request).all_knowledge.entries
    return desk.redirect(request, f"desk/e/{change.id}" if is_there else "desk/entries", notice)
