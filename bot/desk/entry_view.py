"""The page of an entry's form, with all that was found out about what stands in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiohttp import web

from bot.conversation.context import Context
from bot.conversation.moderation import actions
from bot.desk.access import SESSION
from bot.desk.desk import Desk
from bot.desk.differences import FieldDifference, clashes, differences
from bot.desk.entry_form import EntryForm, entry_titles
from bot.desk.entry_problems import FormProblem
from bot.desk.examination import FormExamination
from bot.desk.preview import TrialReport
from bot.knowledge.edit_result import EditConflict, EditError
from bot.knowledge.models import Entry

MOST_TITLES = 1_000  # that a browser offers to choose from; others can be typed


@dataclass(frozen=True, slots=True)
class MeanwhileChange:
    """What somebody else made of the entry while this form was open. `clashes`: fields that both have changed, with how
    each reads now."""

    now: Entry | None
    theirs: Sequence[FieldDifference]
    clashes: Sequence[FieldDifference]


@dataclass(frozen=True, slots=True)
class EntryView:
    """`checked`: its problems are known. `differences`: None before they were asked for; `lines`: of the file. `trial`:
    what the bot would do. `by_hand`: YAML of what could not be written."""

    form: EntryForm
    checked: bool = False
    problems: Sequence[FormProblem] = ()
    differences: Sequence[FieldDifference] | None = None
    lines: str = ""
    trial: TrialReport | None = None
    meanwhile: MeanwhileChange | None = None
    by_hand: str = ""
    private: int = 0

    def problems_of(self, name: str) -> list[FormProblem]:
        return [problem for problem in self.problems if problem.name == name]


async def form_page(desk: Desk, request: web.Request, view: EntryView, status: int = 200) -> web.Response:
    ctx = desk.context(request[SESSION])
    titles = entry_titles(ctx.all_knowledge)
    try:
        themes = await actions.themes(ctx)
    except EditError:  # the folder is gone: the examination says so
        themes = ()
    origin = ctx.all_knowledge.origins.get(view.form.seen.id) if view.form.seen else None
    return desk.page(
        request,
        "desk/entry.html",
        status=status,
        view=view,
        form=view.form,
        themes=themes,
        titles=titles,
        suggestions=[*titles.values()][:MOST_TITLES],
        theme=origin.theme if origin else "",
        regions=desk.regions,
    )


def view_of(desk: Desk, ctx: Context, form: EntryForm, examination: FormExamination) -> EntryView:
    """With its problems, or what somebody changed meanwhile, or the difference."""
    if examination.conflict:
        return _meanwhile(ctx, form, examination.entry, examination.conflict)
    if examination.errors or examination.entry is None:
        return EntryView(form, checked=True, problems=examination.problems)
    changed = differences(form.seen, examination.entry)
    nothing = [] if changed else [FormProblem("", desk.words("desk.problem_nothing"), is_warning=True)]
    return EntryView(form, True, [*examination.problems, *nothing], changed or None, examination.lines)


def _meanwhile(ctx: Context, form: EntryForm, mine: Entry | None, conflict: EditConflict) -> EntryView:
    """The form as it would be over what the entry has become; of one that is gone, as a new one."""
    now, seen = conflict.now, form.seen
    rebased = form.rebased(now, ctx.all_knowledge) if now else replace(form, seen=None)
    names = clashes(seen, mine, now) if seen and mine and now else []
    both = [one for one in differences(now, mine) if one.name in names]
    return EntryView(rebased, meanwhile=MeanwhileChange(now, differences(seen, now), both))
