"""Saving an entry, removing one, and taking a change back: each through the same editor and git as ✅ in a chat."""

from __future__ import annotations

from aiohttp import web

from bot.conversation.moderation.actions import Approval
from bot.conversation.moderation.changes import Change, change_between, json_fields
from bot.desk.access import SESSION, Refusal, form_of
from bot.desk.desk import Desk
from bot.desk.differences import differences
from bot.desk.entry_form import EntryForm, entry_titles
from bot.desk.entry_history import find_edit, shown_edit
from bot.desk.entry_pages import compare, entry_of, posted_form
from bot.desk.entry_problems import refusal_problems
from bot.desk.entry_view import EntryView, form_page
from bot.desk.examination import examine
from bot.knowledge.edit_result import EditConflict, EditError, Unwritable


async def save(desk: Desk, request: web.Request) -> web.Response:
    """What was not shown as a difference before is shown now, and not saved."""
    form, ctx = await posted_form(request), desk.context(request[SESSION])
    examination = await examine(desk, ctx, form)
    is_shown = (await form_of(request)).get("shown") == form.digest
    if examination.change is None or examination.errors or not is_shown:
        return await compare(desk, request, form)
    try:
        approval = await _make(desk, request, examination.change, form)
    except EditConflict:
        return await compare(desk, request, form)
    except EditError as refusal:
        return await _refused(desk, request, form, refusal)
    return desk.redirect(request, f"desk/e/{examination.change.id}", _notice(desk, request, approval))


async def _make(desk: Desk, request: web.Request, change: Change, form: EntryForm) -> Approval:
    session = request[SESSION]
    if form.question is None:
        return await desk.make_change(session, form.digest, change)
    text = desk.context(session).replies.answered_at_desk(session.name, form.question)
    note = await desk.note(session, text, form.question)
    return await desk.make_change(session, form.digest, change, question=form.question, report=lambda _: note)


async def _refused(desk: Desk, request: web.Request, form: EntryForm, refusal: EditError) -> web.Response:
    knowledge = desk.context(request[SESSION]).all_knowledge
    problems = refusal_problems(form, knowledge, refusal, desk.words)
    view = EntryView(form, checked=True, problems=problems, by_hand=refusal.yaml)
    return await form_page(desk, request, view, 503 if isinstance(refusal, Unwritable) else 422)


def _notice(desk: Desk, request: web.Request, approval: Approval) -> str:
    """What a page says of a change that was made: also what did not follow from it."""
    entries = desk.context(request[SESSION]).all_knowledge.entries
    if approval.result and entries.get(approval.change.id) != approval.result.entry:
        return "saved_unread"
    if approval.result and approval.result.note:
        return "saved_no_commit"
    return "saved_left_open" if approval.left_open is not None else "saved"


async def confirm_removal(desk: Desk, request: web.Request) -> web.Response:
    ctx = desk.context(request[SESSION])
    entry = await entry_of(ctx, request)
    referring = [other for other in ctx.all_knowledge.entries.values() if entry.id in other.see_also]
    form = EntryForm.of_entry(entry, ctx.all_knowledge)
    return desk.page(request, "desk/removal.html", entry=entry, seen=form.seen_json, referring=referring)


async def remove(desk: Desk, request: web.Request) -> web.Response:
    form = await posted_form(request)
    if form.seen is None:
        raise Refusal("form", 400)
    origin = desk.context(request[SESSION]).all_knowledge.origins.get(form.seen.id)
    file = origin.file.rpartition("/")[2] if origin else ""
    change = Change("remove", form.seen.id, json_fields(form.seen), theme=file)
    return await _carry_out(desk, request, change, "removed")


async def confirm_undoing(desk: Desk, request: web.Request) -> web.Response:
    """Of the change that `?edit=…` names, else of the latest one."""
    ctx, id = desk.context(request[SESSION]), request.match_info["id"]
    edit = await find_edit(ctx, id, request.query.get("edit", ""))
    if edit is None:
        raise Refusal("missing", 404)
    back, titles = differences(edit.after, edit.before), entry_titles(ctx.all_knowledge)
    one = shown_edit(ctx, desk.words, edit)
    return desk.page(request, "desk/undoing.html", id=id, one=one, differences=back, titles=titles)


async def undo(desk: Desk, request: web.Request) -> web.Response:
    number = (await form_of(request)).get("edit", "")
    edit = await find_edit(desk.context(request[SESSION]), request.match_info["id"], number)
    if edit is None:
        raise Refusal("missing", 404)
    return await _carry_out(desk, request, change_between(edit.after, edit.before, edit.file), "undone")


async def _carry_out(desk: Desk, request: web.Request, change: Change, notice: str) -> web.Response:
    """A change that has no form."""
    try:
        await desk.make_change(request[SESSION], (await form_of(request)).get("key", ""), change)
    except EditError as refusal:
        return _unmade(desk, request, change, refusal)
    is_there = change.id in desk.context(request[SESSION]).all_knowledge.entries
    return desk.redirect(request, f"desk/e/{change.id}" if is_there else "desk/entries", notice)


def _unmade(desk: Desk, request: web.Request, change: Change, refusal: EditError) -> web.Response:
    conflict = refusal if isinstance(refusal, EditConflict) else None
    return desk.page(
        request,
        "desk/unmade.html",
        status=409 if conflict else 503 if isinstance(refusal, Unwritable) else 422,
        title=change.title,
        id=change.id,
        titles=entry_titles(desk.context(request[SESSION]).all_knowledge),
        is_conflict=conflict is not None,
        is_there=conflict is None or conflict.now is not None,
        meanwhile=differences(change.seen, conflict.now) if conflict else (),
        problems=() if conflict else [problem.say(desk.words) for problem in refusal.problems],
    )
