"""Examination of a form against the files: the entry and the change it comes to, every problem, and nothing written."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.conversation.context import Context
from bot.conversation.moderation import actions
from bot.conversation.moderation.changes import Change, change_between
from bot.desk.desk import Desk
from bot.desk.entry_form import EDITED, EntryForm
from bot.desk.entry_problems import FormProblem, own_problems, refusal_problems, warning_problems
from bot.knowledge.edit_result import EditConflict, EditError
from bot.knowledge.models import Entry, Knowledge

_UNTITLED = "x"  # id of a new entry until its title gives it one


@dataclass(frozen=True, slots=True)
class FormExamination:
    """`entry`: as it would be, None if it cannot be read yet; `change`: None if the files would refuse it. `lines`: of
    the file. `conflict`: somebody changed the entry meanwhile. `twin`: id of an entry that is this one already."""

    problems: Sequence[FormProblem]
    entry: Entry | None = None
    change: Change | None = None
    lines: str = ""
    conflict: EditConflict | None = None
    twin: str = ""

    @property
    def errors(self) -> list[FormProblem]:
        return [problem for problem in self.problems if not problem.is_warning]


async def examine(desk: Desk, ctx: Context, form: EntryForm) -> FormExamination:
    knowledge, words = ctx.all_knowledge, desk.words
    problems = own_problems(form, knowledge, words)
    try:
        if form.theme and form.theme not in [info.file for info in await actions.themes(ctx)]:
            problems.append(FormProblem("theme", words("desk.problem_theme_gone")))
        entry = form.entry(knowledge, form.seen.id if form.seen else _UNTITLED, ctx.today.isoformat())
        change = await _change(ctx, form, entry)
        if form.seen is None and (twin := _twin(knowledge, change.seen)):
            return FormExamination(problems, entry, twin=twin)
    except EditError as refusal:
        return FormExamination([*problems, *refusal_problems(form, knowledge, refusal, words)])
    entry = change.after or change.seen
    problems += await asyncio.to_thread(warning_problems, entry, knowledge, ctx.today, desk.regions, words)
    try:
        result = await actions.rehearse(ctx, change)
    except EditConflict as conflict:
        if conflict.now == entry:
            return FormExamination(problems, entry, twin=entry.id)
        return FormExamination(problems, entry, conflict=conflict)
    except EditError as refusal:
        return FormExamination([*problems, *refusal_problems(form, knowledge, refusal, words)], entry)
    return FormExamination(problems, entry, change, result.diff)


async def _change(ctx: Context, form: EntryForm, entry: Entry) -> Change:
    """Raises EditRejected."""
    if form.seen:
        return change_between(form.seen, entry)
    fields = form.fields(ctx.all_knowledge)
    if draft := await actions.draft_as_seen(ctx, form.draft):
        change = await actions.edited(ctx, Change.from_json(draft.content), dict.fromkeys(EDITED) | fields)
    else:
        change = await actions.new_entry(ctx, fields)
    return replace(change, theme=form.new_theme or form.theme)


def _twin(knowledge: Knowledge, entry: Entry) -> str:
    """Return the id under which a new entry was saved already, its form having been sent twice; else nothing."""
    same = (other.id for other in knowledge.entries.values() if other.model_copy(update={"id": entry.id}) == entry)
    return next(same, "")
