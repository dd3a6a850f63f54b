"""The entries at the desk: their list, the form of one, and what is tried out in it before anything is saved."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from aiohttp import web

from bot.conversation.context import Context
from bot.conversation.moderation import actions
from bot.desk.access import SESSION, Refusal, fields_of, form_of
from bot.desk.desk import Desk
from bot.desk.entry_form import EntryForm
from bot.desk.entry_view import EntryView, form_page, view_of
from bot.desk.examination import examine
from bot.desk.preview import report
from bot.knowledge.models import Entry
from bot.text.folding import fold

LONGEST_QUERY = 300  # characters
LIKELY = 0.05  # confidence from which on the search's find is shown


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """`signs`: what is to be seen at a glance, each a sentence `desk.sign_…`."""

    entry: Entry
    signs: tuple[str, ...]


async def show_list(desk: Desk, request: web.Request) -> web.Response:
    ctx, query = desk.context(request[SESSION]), request.query.get("q", "").strip()[:LONGEST_QUERY]
    entries = await asyncio.to_thread(_found, ctx, query) if query else ctx.all_knowledge.entries.values()
    themes: defaultdict[str, list[ListedEntry]] = defaultdict(list)
    for entry in entries:
        themes[ctx.all_knowledge.origins[entry.id].theme].append(_listed(ctx, entry))
    return desk.page(request, "desk/entries.html", query=query, themes=themes)


def _found(ctx: Context, query: str) -> list[Entry]:
    """What the bot's own search finds, and the entries whose title or id has all the words."""
    words = fold(query).split()
    matches = ctx.index().search(query, ctx.venue).matches
    ids = [match.id for match in matches if match.confidence >= LIKELY]
    entries = ctx.all_knowledge.entries
    ids += [id for id, entry in entries.items() if all(word in f"{fold(entry.title)} {id}" for word in words)]
    return [entries[id] for id in dict.fromkeys(ids)]


def _listed(ctx: Context, entry: Entry) -> ListedEntry:
    dead = ctx.dead()
    signs = {
        "hidden": not entry.public,
        "local": entry.public and entry.is_local,
        "review": entry.is_overdue(ctx.today),
        "dead": any(link.url in dead for link in entry.links),
    }
    return ListedEntry(entry, tuple(name for name, is_so in signs.items() if is_so))


async def show(desk: Desk, request: web.Request) -> web.Response:
    ctx = desk.context(request[SESSION])
    entry = await entry_of(ctx, request)
    return await form_page(desk, request, EntryView(EntryForm.of_entry(entry, ctx.all_knowledge)))


async def entry_of(ctx: Context, request: web.Request) -> Entry:
    """As it stands in the files; of a file with errors, as it is still answered with. Raises Refusal."""
    id = request.match_info["id"]
    entry = await actions.stored_entry(ctx, id) or ctx.all_knowledge.entries.get(id)
    if entry is None:
        raise Refusal("missing", 404)
    return entry


async def show_new(desk: Desk, request: web.Request) -> web.Response:
    """`?q=12`: for the open question of that number."""
    number = request.query.get("q", "")
    if not number:
        return await form_page(desk, request, EntryView(EntryForm()))
    ctx = desk.context(request[SESSION])
    question = await actions.open_question(ctx, int(number)) if number.isdecimal() and len(number) < 10 else None
    if question is None:
        raise Refusal("closed", 404)
    texts = [*dict.fromkeys(question.open_texts)]
    form = EntryForm.of_question(texts, question.number, await actions.likely_theme(ctx, texts))
    private = sum(asking.private for asking in question.askings)
    return await form_page(desk, request, EntryView(form, private=private))


async def posted_form(request: web.Request) -> EntryForm:
    """Raises Refusal where its hidden fields were tampered with."""
    try:
        return EntryForm.of_post(await fields_of(request))
    except (ValueError, TypeError, RecursionError):
        raise Refusal("form", 400) from None


async def try_out(desk: Desk, request: web.Request) -> web.Response:
    """The buttons of the form that change nothing."""
    attempt = _ATTEMPTS.get((await form_of(request)).get("do", ""), _check)
    return await attempt(desk, request, await posted_form(request))


async def _check(desk: Desk, request: web.Request, form: EntryForm) -> web.Response:
    if form.asked:  # Enter in its box presses the first button of the form
        return await _ask(desk, request, form)
    examination = await examine(desk, desk.context(request[SESSION]), form)
    return await form_page(desk, request, EntryView(form, checked=True, problems=examination.problems))


async def _ask(desk: Desk, request: web.Request, form: EntryForm) -> web.Response:
    ctx = desk.context(request[SESSION])
    examination = await examine(desk, ctx, form)
    view = EntryView(form, checked=True, problems=examination.problems)
    if examination.entry:
        view = replace(view, trial=await report(ctx, examination.entry, form.asked))
    return await form_page(desk, request, view)


async def compare(desk: Desk, request: web.Request, form: EntryForm) -> web.Response:
    """What saving would change."""
    ctx = desk.context(request[SESSION])
    examination = await examine(desk, ctx, form)
    if examination.twin:
        return desk.redirect(request, f"desk/e/{examination.twin}", "saved")
    view = view_of(desk, ctx, form, examination)
    return await form_page(desk, request, view, 409 if view.meanwhile else 200)


_Attempt = Callable[[Desk, web.Request, EntryForm], Awaitable[web.Response]]
_ATTEMPTS: Mapping[str, _Attempt] = {"check": _check, "ask": _ask, "compare": compare}


async def check(desk: Desk, request: web.Request) -> web.Response:
    """The problems of a form while somebody types, as JSON."""
    form = await posted_form(request)
    examination = await examine(desk, desk.context(request[SESSION]), form)
    rows = [{"field": one.name, "text": one.text, "warning": one.is_warning} for one in examination.problems]
    return web.json_response({"problems": rows})
