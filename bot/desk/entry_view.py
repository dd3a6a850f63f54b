"""The page of an entry's form, with all that was found out about what stands in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiohttp import web

from bot.conversation.moderation import actions
from bot.desk.desk import Desk
from bot.desk.differences import FieldDifference, clashes, differences
from bot.desk.entry_form import EntryForm, entry_titles
from bot.desk.entry_problems import FormProblem
from bot.desk.examination import FormExamination, examine
from bot.desk.preview import TrialReport
from bot.knowledge.edit_result import EditError
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
    """`examination`: None before it was asked for. `differences`: what saving would change. `trial`: what the bot would
    do. `by_hand`: YAML of what could not be written. `private`: how often its question was asked in private."""

    form: EntryForm
    examination: FormExamination | None = None
    differences: Sequence[FieldDifference] = ()
    trial: TrialReport | None = None
    meanwhile: MeanwhileChange | None = None
    by_hand: str = ""
    private: int = 0

    @property
    def problems(self) -> Sequence[FormProblem]:
        return self.examination.problems if self.examination else ()

    def problems_of(self, name: str) -> list[FormProblem]:
        return [problem for problem in self.problems if problem.name == name]


async def form_page(desk: Desk, request: web.Request, view: EntryView, status: int = 200) -> web.Response:
    ctx = desk.context(request)
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


async def compare(desk: Desk, request: web.Request, form: EntryForm) -> web.Response:
    """Show what saving would change, or what is in its way."""
    ctx = desk.context(request)
    examination = await examine(desk, ctx, form)
    mine, seen, conflict = examination.entry, form.seen, examination.conflict
    if examination.twin:
        return desk.redirect(request, f"desk/e/{examination.twin}", "saved")
    if conflict:  # the form as it would be over what the entry has become; of one that is gone, as a new one
        now = conflict.now
        rebased = form.rebased(now, ctx.all_knowledge) if now else replace(form, seen=None)
        names = clashes(seen, mine, now) if seen and mine and now else []
        both = [one for one in differences(now, mine) if one.name in names]
        meanwhile = MeanwhileChange(now, differences(seen, now), both)
        return await form_page(desk, request, EntryView(rebased, meanwhile=meanwhile), 409)
    if mine is None or examination.errors:
        return await form_page(desk, request, EntryView(form, examination))
    changed = differences(seen, mine)
    if not changed:
        nothing = FormProblem("", desk.words("desk.problem_nothing"), is_warning=True)
        examination = replace(examination, problems=[*examination.problems, nothing])
    return await form_page(desk, request, EntryView(form, examination, changed))
