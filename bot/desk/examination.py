"""Examination of a form against the files: the entry and the change it comes to, and every problem, in the sentences of
`concierge check`, at the field that it is about. Nothing is written."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.conversation.context import Context
from bot.conversation.moderation import actions
from bot.conversation.moderation.changes import Change, change_between, is_asked_title
from bot.desk.desk import Visit
from bot.desk.entry_form import EDITED, EntryForm
from bot.knowledge.edit_result import EditConflict, EditError
from bot.knowledge.entry_input import INPUT, line_places
from bot.knowledge.lint import Regions, lint
from bot.knowledge.models import Entry, Knowledge, Origin
from bot.knowledge.yaml.problems import Problem
from bot.locale import Wording
from bot.text.accents import plain_words

_UNTITLED = "x"  # id of a new entry until its title gives it one
LONG_TITLE = 150  # characters; replies cut longer ones
_PLAIN = {
    *("missing", "answer_or_links", "hidden_everywhere", "smart_quotes", "date", "link_scheme"),
    *("repeated", "same_title", "contradicted", "overdue"),
}
"""Problems whose sentence names a key of the files: the form has a sentence of its own for them."""
_FIELDS = {
    **{"answer_or_links": "answer", "repeated": "questions", "same_title": "title", "contradicted": "not_questions"},
    **dict.fromkeys(("hidden_everywhere", "unknown_rooms", "unknown_rooms_near"), "rooms"),
    **dict.fromkeys(("unknown_region", "unknown_region_near"), "region"),
    **dict.fromkeys(("see_also", "see_also_near"), "see_also"),
    "overdue": "review_by",
}
"""The field that a problem is about, where its line in the file does not say so."""
_LABELLED = {*EDITED, "url"}


@dataclass(frozen=True, slots=True)
class FormProblem:
    """`name`: the field, empty where it is about the whole. `row`: the one of its filled rows, from 0; None: all."""

    name: str
    text: str
    is_warning: bool = False
    row: int | None = None


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


async def examine(visit: Visit, form: EntryForm) -> FormExamination:
    ctx, knowledge, words = visit.ctx, visit.ctx.all_knowledge, visit.words
    problems = _own_problems(form, knowledge, words)
    try:
        if form.theme and form.theme not in [info.file for info in await actions.themes(ctx)]:
            problems.append(FormProblem("theme", words("desk.problem_theme_gone")))
        entry = form.entry(knowledge, form.seen.id if form.seen else _UNTITLED, ctx.today.isoformat())
        change = await _change(ctx, form, entry)
        for other in knowledge.entries.values() if form.seen is None else ():  # its form was sent twice
            if other.model_copy(update={"id": change.id}) == change.seen:
                return FormExamination(problems, entry, twin=other.id)
    except EditError as refusal:
        return FormExamination([*problems, *refusal_problems(form, knowledge, refusal, words)])
    entry = change.after or change.seen
    problems += await asyncio.to_thread(_warning_problems, entry, knowledge, ctx.today, visit.desk.regions, words)
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
    """Return the change that the form comes to. Raises EditRejected."""
    if form.seen:
        return change_between(form.seen, entry)
    fields = form.fields(ctx.all_knowledge)
    if draft := await actions.draft_as_seen(ctx, form.draft):
        change = await actions.edited(ctx, Change.from_json(draft.content), dict.fromkeys(EDITED) | fields)
    else:
        change = await actions.new_entry(ctx, fields)
    return replace(change, theme=form.new_theme or form.theme)


# Problems


def _own_problems(form: EntryForm, knowledge: Knowledge, words: Wording) -> list[FormProblem]:
    """Return the problems that the form alone can know."""
    problems = [
        FormProblem("see_also", words("desk.problem_title_unknown", title=title), row=form.see_also.index(title))
        for title in form.unknown_titles(knowledge)
    ]
    if form.length > form.limit():
        problems.append(FormProblem("", words("desk.problem_long", length=form.length, most=form.limit())))
    if form.seen is None and not (form.theme or form.new_theme):
        problems.append(FormProblem("theme", words("desk.problem_theme")))
    if len(title := form.texts.get("title", "").strip()) > LONG_TITLE:
        problems.append(FormProblem("title", words("desk.problem_long_title", length=len(title)), is_warning=True))
    is_asked = is_asked_title(title, form.texts.get("questions", "").split("\n"))
    if is_asked and form.seen is None and (form.question or form.draft):
        problems.append(FormProblem("title", words("desk.problem_asked_title"), is_warning=True))
    return problems


def refusal_problems(form: EntryForm, knowledge: Knowledge, refusal: EditError, words: Wording) -> list[FormProblem]:
    """Return why the files would not take it. Problems of another file keep their place."""
    places = line_places({"id": "x", "updated": "2000-01-01", **form.fields(knowledge)})
    return [_problem(problem, places, knowledge, None, words) for problem in refusal.problems]


def _warning_problems(
    entry: Entry, knowledge: Knowledge, today: date, regions: Regions | None, words: Wording
) -> list[FormProblem]:
    """Return the warnings about this entry among all others.

    It stands behind them, so that it is the one that repeats.
    """
    entries = {id: other for id, other in knowledge.entries.items() if id != entry.id} | {entry.id: entry}
    placed = replace(knowledge, entries=entries, origins={**knowledge.origins, entry.id: Origin("", 1, "")})
    warnings = lint(placed, today, regions=regions)
    return [_problem(one, (), knowledge, entry, words) for one in warnings if not one.file]


def _problem(
    problem: Problem, places: Sequence[tuple[str, int]], knowledge: Knowledge, entry: Entry | None, words: Wording
) -> FormProblem:
    if problem.file not in ("", INPUT):
        return FormProblem("", problem.say(words), problem.warning)
    line, item = places[problem.line - 1] if 0 < problem.line <= len(places) else ("", 0)
    key = str(problem.values.get("key", ""))
    name = _FIELDS.get(problem.key) or next((one for one in (line, key) if one in EDITED), "")
    own = str(problem.values.get("key", name))
    values = {**problem.values, "key": words(f"desk.field_{own}") if own in _LABELLED else own}
    if "text" in values:
        said = str(values["text"])
        folded = plain_words(said)
        others = (one for one in knowledge.entries.values() if entry is None or one.id != entry.id)
        alike = (one for one in others if folded in map(plain_words, (one.title, *one.questions)))
        values["first"] = next((one.title for one in alike), said)
    sentence = f"desk.problem_{problem.key}" if problem.key in _PLAIN else f"problems.{problem.key}"
    text = words(sentence, **values)
    if name != "links" or line != name:
        return FormProblem(name, text, problem.warning)
    return FormProblem(name, words("desk.problem_link", number=item + 1, text=text), problem.warning, item)
