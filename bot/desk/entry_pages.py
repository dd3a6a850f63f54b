"""The entries at the desk: their list, the form of one, and what is tried out in it before anything is saved."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from aiohttp import web

from bot.conversation.context import Context
from bot.conversation.moderation import actions
from bot.conversation.moderation.changes import json_fields
from bot.desk.desk import Refusal, Visit, or_refuse
from bot.desk.entry_form import EntryForm, FieldDifference, clashes, differences, entry_titles
from bot.desk.examination import FormExamination, FormProblem, examine
from bot.desk.preview import TrialReport, report
from bot.knowledge.edit_result import EditConflict, EditError
from bot.knowledge.folder import ThemeInfo
from bot.knowledge.models import Entry
from bot.text.folding import fold

LONGEST_QUERY = 300  # characters
LIKELY = 0.05  # confidence from which on the search's find is shown
MOST_TITLES = 1_000  # that a browser offers to choose from; others can be typed


@dataclass(frozen=True, slots=True)
class EntryView:
    """`examination`: None before it was asked for. `differences`: what saving would change. `trial`: what the bot would
    do. `conflict`: somebody else, the `author`, changed the entry while this form was open, as `theirs` says;
    `clashes`: fields that both have changed, with how each reads now. `by_hand`: YAML of what could not be written.
    `private`: how often its question was asked in private."""

    form: EntryForm
    examination: FormExamination | None = None
    differences: Sequence[FieldDifference] = ()
    trial: TrialReport | None = None
    conflict: EditConflict | None = None
    author: str = ""
    theirs: Sequence[FieldDifference] = ()
    clashes: Sequence[FieldDifference] = ()
    by_hand: str = ""
    private: int = 0

    @property
    def problems(self) -> Sequence[FormProblem]:
        return self.examination.problems if self.examination else ()


async def show_list(visit: Visit) -> web.Response:
    """Each entry under its theme, with what is to be seen of it at a glance: sentences `desk.sign_…`.

    A theme whose file has errors is listed and marked, also where no earlier version is in use.
    """
    ctx, query = visit.ctx, visit.query.get("q", "").strip()[:LONGEST_QUERY]
    entries = await asyncio.to_thread(_found, ctx, query) if query else ctx.all_knowledge.entries.values()
    broken = {} if query else {info.file: info.theme for info in await _themes(ctx) if info.broken}
    themes: defaultdict[str, list[tuple[Entry, list[str]]]] = defaultdict(list)
    dead = ctx.bot.dead()
    for entry in entries:
        signs = {
            "hidden": not entry.public,
            "local": entry.public and entry.is_local,
            "review": entry.is_overdue(ctx.today),
            "dead": any(link.url in dead for link in entry.links),
        }
        shown = [name for name, is_so in signs.items() if is_so]
        origin = ctx.all_knowledge.origins[entry.id]
        themes[broken.get(Path(origin.file).name, origin.theme)].append((entry, shown))
    listed = dict.fromkeys(broken.values(), ()) | themes
    return visit.page("desk/entries.html", query=query, themes=listed)


async def _themes(ctx: Context) -> Sequence[ThemeInfo]:
    """Return the themes; none where the folder is gone, which the examination of a form says."""
    try:
        return await actions.themes(ctx)
    except EditError:
        return ()


def _found(ctx: Context, query: str) -> list[Entry]:
    """Return what the bot's own search finds, and the entries whose title or id has all the words."""
    words = fold(query).split()
    matches = ctx.index().search(query, ctx.venue).matches
    ids = [match.id for match in matches if match.confidence >= LIKELY]
    entries = ctx.all_knowledge.entries
    ids += [id for id, entry in entries.items() if all(word in f"{fold(entry.title)} {id}" for word in words)]
    return [entries[id] for id in dict.fromkeys(ids)]


async def form_page(visit: Visit, view: EntryView, status: int = 200) -> web.Response:
    ctx = visit.ctx
    titles, others = entry_titles(ctx.all_knowledge), _others(visit, view.form)
    origin = ctx.all_knowledge.origins.get(view.form.seen.id) if view.form.seen else None
    is_lost = "form" in visit.query and not (view.examination or view.conflict)
    shown = {"view": view, "form": view.form, "theme": origin.theme if origin else "", "is_lost": is_lost}
    offered = {"themes": await _themes(ctx), "suggestions": [*titles.values()][:MOST_TITLES]}
    shown |= {"titles": titles, "others": others, "regions": visit.desk.regions}
    return visit.page("desk/entry.html", status=status, **shown, **offered)


def _others(visit: Visit, form: EntryForm) -> str:
    """Say who else has the form open; of a new answer to no question everybody has their own."""
    if not (form.seen or form.question):
        return ""
    names = visit.desk.forms.note_editor(form.place, visit.session, visit.ctx.clock())
    return visit.words("desk.others", names=", ".join(names)) if names else ""


def tried(visit: Visit, form: EntryForm, do: str) -> web.Response:
    """Lead to the page that shows a form: going back to it, or loading it anew, sends nothing again."""
    return visit.redirect(visit.desk.forms.keep(visit.session.user, form, do))


async def _kept(visit: Visit) -> web.Response | None:
    """Return the page of the form that the address names, tried as it says; None if it names none that is known."""
    form, do = visit.desk.forms.kept(visit.session.user, visit.query), visit.query.get("do", "")
    if form is None or do == "compare":
        return await compare(visit, form) if form else None
    examination, trial = await examine(visit, form), None
    if examination.entry and (form.asked or do == "ask"):
        trial = await report(visit.ctx, examination.entry, form.asked)
    return await form_page(visit, EntryView(form, examination, trial=trial))


async def compare(visit: Visit, form: EntryForm) -> web.Response:
    """Show what saving would change, or what is in its way."""
    ctx, examination = visit.ctx, await examine(visit, form)
    mine, seen, conflict = examination.entry, form.seen, examination.conflict
    if examination.twin:
        return visit.redirect(f"desk/e/{examination.twin}", "saved")
    if conflict and seen is None:  # of an imported draft
        return visit.refuse(Refusal("draft_closed", 409), form.typed)
    if conflict and seen:  # the form as it would be over what the entry has become; of one that is gone, as a new one
        now = conflict.now
        rebased = form.rebased(now, ctx.all_knowledge) if now else replace(form, seen=None)
        both = clashes(seen, mine, now) if mine and now else []
        edits = await ctx.store.knowledge_edits.of_entry(seen.id)
        state = json_fields(now) if now else None
        author = next((edit.author for edit in edits[:1] if json.loads(edit.after or "null") == state), "")
        view = EntryView(rebased, conflict=conflict, author=author, theirs=differences(seen, now), clashes=both)
        return await form_page(visit, view, 409)
    if mine is None or examination.errors:
        return await form_page(visit, EntryView(form, examination), 413 if form.length > form.limit() else 200)
    changed = differences(seen, mine)
    if not changed:
        nothing = FormProblem("", visit.words("desk.problem_nothing"), is_warning=True)
        examination = replace(examination, problems=[*examination.problems, nothing])
    return await form_page(visit, EntryView(form, examination, changed))


async def show(visit: Visit) -> web.Response:
    if page := await _kept(visit):
        return page
    form = EntryForm.of_entry(await entry_of(visit), visit.ctx.all_knowledge)
    return await form_page(visit, EntryView(form))


async def entry_of(visit: Visit) -> Entry:
    """Return the entry of the address as it stands in the files; of a file with errors, as it is still answered with.
    Raises Refusal."""
    id, ctx = visit.address["id"], visit.ctx
    return or_refuse(await actions.stored_entry(ctx, id) or ctx.all_knowledge.entries.get(id), "missing", 404)


async def show_new(visit: Visit) -> web.Response:
    """`?q=12`: for the open question of that number."""
    if page := await _kept(visit):
        return page
    number = visit.query.get("q", "")
    if not number:
        return await form_page(visit, EntryView(EntryForm()))
    ctx = visit.ctx
    is_number = number.isdecimal() and len(number) < 10
    question = or_refuse(await actions.open_question(ctx, int(number)) if is_number else None, "closed", 404)
    texts = [*dict.fromkeys(question.open_texts)]
    theme = await actions.likely_theme(ctx, texts[0]) if texts else ""
    fields = {"title": "".join(texts[:1]), "questions": "\n".join(texts)}
    form = EntryForm(fields, question=question.number, theme=theme)
    private = sum(asking.private for asking in question.askings)
    return await form_page(visit, EntryView(form, private=private))


def posted_form(visit: Visit) -> EntryForm:
    """Raises Refusal where its hidden fields were tampered with."""
    try:
        return EntryForm.of_post(visit.form)
    except (ValueError, TypeError, RecursionError):
        raise Refusal("form", 400) from None


async def try_out(visit: Visit) -> web.Response:
    """The buttons of the form that change nothing. Enter in the box of the question presses the first one."""
    return tried(visit, posted_form(visit), visit.posted("do"))


async def check(visit: Visit) -> web.Response:
    """The problems of a form while somebody types, and who else has it open, as JSON."""
    form = posted_form(visit)
    problems = (await examine(visit, form)).problems
    rows = [{"field": one.name, "text": one.text, "warning": one.is_warning, "row": one.row} for one in problems]
    return web.json_response({"problems": rows, "others": _others(visit, form)})
