"""Changes of an entry: saving it, removing it, its history as the store keeps it, and taking a change back.

Each is made through the same editor and git as ✅ in a chat."""

import json
from dataclasses import dataclass

from aiohttp import web

from bot.conversation.moderation.changes import Change, change_between
from bot.desk import drafts_page
from bot.desk.desk import Visit, or_refuse
from bot.desk.entry_form import EntryForm, FieldDifference, differences, entry_titles
from bot.desk.entry_pages import EntryView, entry_of, form_page, posted_form, tried
from bot.desk.examination import FormExamination, examine, refusal_problems
from bot.knowledge.edit_result import EditConflict, EditError, Unwritable
from bot.knowledge.models import Entry
from bot.replies.sentences import full_day, hour


async def save(visit: Visit) -> web.Response:
    """Save a form whose difference was shown before; else lead to the page that shows it."""
    form, ctx = posted_form(visit), visit.ctx
    examination = await examine(visit, form)
    change = examination.change
    if change is None or examination.errors or visit.posted("shown") != form.digest:
        return tried(visit, form, "compare")
    try:
        if form.draft:
            approval = await drafts_page.keep_edited(visit, form.draft, change)
        else:
            number = form.question
            note = "" if number is None else ctx.replies.answered_at_desk(visit.session.name, number)
            approval = await visit.make_change(change, question=number, note=note)
    except EditConflict:
        return tried(visit, form, "compare")
    except EditError as refusal:
        found = FormExamination(refusal_problems(form, ctx.all_knowledge, refusal, visit.words))
        view = EntryView(form, found, by_hand=refusal.yaml)
        return await form_page(visit, view, 503 if isinstance(refusal, Unwritable) else 422)
    notice = "saved" if approval.left_open is None else "saved_left_open"
    if approval.result and ctx.all_knowledge.entries.get(approval.change.id) != approval.result.entry:
        notice = "saved_unread"
    elif approval.result and approval.result.note:
        notice = "saved_no_commit"
    return visit.redirect("desk/imported" if change.draft else f"desk/e/{change.id}", notice)


async def confirm_removal(visit: Visit) -> web.Response:
    ctx, entry = visit.ctx, await entry_of(visit)
    referring = [other for other in ctx.all_knowledge.entries.values() if entry.id in other.see_also]
    return visit.page("desk/removal.html", entry=entry, seen=EntryForm(seen=entry).seen_json, referring=referring)


async def remove(visit: Visit) -> web.Response:
    entry = or_refuse(posted_form(visit).seen, "form", 400)
    origin = visit.ctx.all_knowledge.origins.get(entry.id)
    file = origin.file.rpartition("/")[2] if origin else ""
    return await _carry_out(visit, change_between(entry, None, file), "removed")


# The history of an entry


@dataclass(frozen=True, slots=True)
class EntryEdit:
    """A change of one entry. `key`: names it; `moment`: when it was made, in the network's time zone; `file`: its name;
    None before or after: there was no entry."""

    key: str
    moment: str
    author: str
    file: str
    before: Entry | None
    after: Entry | None

    @property
    def what(self) -> str:
        """The end of the sentence `desk.edit_…`."""
        return "changed" if self.before and self.after else "added" if self.after else "removed"

    @property
    def differences(self) -> list[FieldDifference]:
        return differences(self.before, self.after)


async def _edits(visit: Visit) -> list[EntryEdit]:
    """Return the changes of the entry of the address, the latest first."""
    ctx, words, found = visit.ctx, visit.words, []
    for row in await ctx.store.knowledge_edits.of_entry(visit.address["id"]):
        made = row.made.astimezone(ctx.settings.timezone)
        moment = words("desk.moment", day=full_day(words, made.date()), hour=hour(words, made))
        before, after = (Entry.model_validate(json.loads(text)) if text else None for text in (row.before, row.after))
        found.append(EntryEdit(str(row.id), moment, row.author, row.file, before, after))
    return found


async def _find_edit(visit: Visit, key: str) -> EntryEdit:
    """Return the change of that key; without a key the latest. Raises Refusal."""
    edits = (edit for edit in await _edits(visit) if key in ("", edit.key))
    return or_refuse(next(edits, None), "missing", 404)


async def show(visit: Visit) -> web.Response:
    knowledge, id = visit.ctx.all_knowledge, visit.address["id"]
    found, entry = await _edits(visit), knowledge.entries.get(id)
    states = (state for edit in found for state in (edit.after, edit.before) if state)
    latest = or_refuse(entry or next(states, None), "missing", 404)
    titles, title, is_there = entry_titles(knowledge), latest.title, entry is not None
    return visit.page("desk/history.html", id=id, title=title, titles=titles, is_there=is_there, edits=found)


async def confirm_undoing(visit: Visit) -> web.Response:
    """Ask whether to undo the change that `?edit=…` names, or the latest one."""
    edit = await _find_edit(visit, visit.query.get("edit", ""))
    back, titles = differences(edit.after, edit.before), entry_titles(visit.ctx.all_knowledge)
    return visit.page("desk/undoing.html", id=visit.address["id"], edit=edit, differences=back, titles=titles)


async def undo(visit: Visit) -> web.Response:
    edit = await _find_edit(visit, visit.posted("edit"))
    return await _carry_out(visit, change_between(edit.after, edit.before, edit.file), "undone")


async def _carry_out(visit: Visit, change: Change, notice: str) -> web.Response:
    """Make a change that has no form."""
    try:
        await visit.make_change(change)
    except EditError as refusal:
        conflict = refusal if isinstance(refusal, EditConflict) else None
        status = 409 if conflict else 503 if isinstance(refusal, Unwritable) else 422
        titles = entry_titles(visit.ctx.all_knowledge)
        meanwhile = differences(change.seen, conflict.now) if conflict else ()
        shown = {"change": change, "refusal": refusal, "conflict": conflict, "meanwhile": meanwhile, "titles": titles}
        return visit.page("desk/unmade.html", status=status, **shown)
    is_there = change.id in visit.ctx.all_knowledge.entries
    return visit.redirect(f"desk/e/{change.id}" if is_there else "desk/entries", notice)
