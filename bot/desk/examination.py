"""What the files would make of a form: the entry and the change it comes to, every problem, and nothing written."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.conversation.context import Context
from bot.conversation.moderation import actions
from bot.conversation.moderation.changes import Change, change_between
from bot.desk.desk import Desk
from bot.desk.entry_form import EntryForm
from bot.desk.entry_problems import FormProblem, own_problems, refusal_problems, warning_problems
from bot.knowledge.edit_result import EditConflict, EditError
from bot.knowledge.lint import lint
from bot.knowledge.models import Entry, Knowledge, Origin

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
    knowledge = ctx.all_knowledge
    problems = own_problems(form, knowledge, desk.words)
    try:
        entry = form.entry(knowledge, form.seen.id if form.seen else _UNTITLED, ctx.today.isoformat())
        if twin := _twin(knowledge, entry, is_new=form.seen is None):
            return FormExamination(problems, entry, twin=twin)
        change = change_between(form.seen, entry) if form.seen else await _addition(ctx, form)
    except EditError as refusal:
        return FormExamination([*problems, *refusal_problems(form, knowledge, refusal, desk.words)])
    return await _try(desk, ctx, form, change, problems)


async def _addition(ctx: Context, form: EntryForm) -> Change:
    change = await actions.new_entry(ctx, form.fields(ctx.all_knowledge))
    return replace(change, theme=form.new_theme or form.theme)


async def _try(
    desk: Desk, ctx: Context, form: EntryForm, change: Change, problems: Sequence[FormProblem]
) -> FormExamination:
    entry = change.after or change.seen
    warned = [*problems, *await asyncio.to_thread(_warnings, desk, ctx, entry)]
    try:
        result = await actions.rehearse(ctx, change)
    except EditConflict as conflict:
        twin = entry.id if conflict.now == entry else ""
        return FormExamination(warned, entry, twin=twin, conflict=None if twin else conflict)
    except EditError as refusal:
        refused = refusal_problems(form, ctx.all_knowledge, refusal, desk.words)
        return FormExamination([*warned, *refused], entry)
    return FormExamination(warned, entry, change, result.diff)


def _warnings(desk: Desk, ctx: Context, entry: Entry) -> list[FormProblem]:
    """Those about this entry among all others; it stands behind them, so that it is the one that repeats."""
    knowledge = ctx.all_knowledge
    entries = {id: other for id, other in knowledge.entries.items() if id != entry.id} | {entry.id: entry}
    placed = replace(knowledge, entries=entries, origins={**knowledge.origins, entry.id: Origin("", 1, "")})
    warnings = lint(placed, ctx.today, regions=desk.regions)
    return warning_problems((one for one in warnings if not one.file), entry, knowledge, desk.words)


def _twin(knowledge: Knowledge, entry: Entry, *, is_new: bool) -> str:
    """The id under which a new entry was saved already: its form was sent twice."""
    same = (other.id for other in knowledge.entries.values() if other.model_copy(update={"id": entry.id}) == entry)
    return next(same, "") if is_new else ""
