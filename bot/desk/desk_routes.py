"""The routes of the desk: the path below `/desk`, the page that it shows, and what takes its form."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from aiohttp import web

from bot.desk import access, drafts_page, entry_changes, entry_pages, figures, questions_page, upkeep_pages
from bot.desk.desk import VISIT, Desk, Visit

Page = Callable[[Visit], Awaitable[web.StreamResponse]]

ROUTES: Sequence[tuple[str, Page | None, Page | None]] = (
    ("", questions_page.show, None),
    ("/enter/{token}", access.ask, access.enter),
    ("/leave", None, access.leave),
    ("/questions/{number:[0-9]{1,9}}/answer", None, questions_page.answer),
    ("/questions/{number:[0-9]{1,9}}/dismiss", None, questions_page.dismiss),
    ("/questions/{number:[0-9]{1,9}}/take", None, questions_page.take),
    ("/questions/{number:[0-9]{1,9}}/phrase", questions_page.choose_entry, questions_page.add_phrase),
    ("/drafts", drafts_page.show, None),
    ("/drafts/{number:[0-9]{1,9}}", drafts_page.edit, drafts_page.decide),
    ("/imported", drafts_page.show_imported, drafts_page.decide_imported),
    ("/phrasings", upkeep_pages.show_suggestions, None),
    ("/phrasings/{number:[0-9]{1,9}}", None, upkeep_pages.decide_suggestion),
    ("/links", upkeep_pages.show_links, None),
    ("/links/{id}/confirm", None, upkeep_pages.confirm_entry),
    ("/readers", upkeep_pages.show_notes, None),
    ("/readers/{number:[0-9]{1,9}}", None, upkeep_pages.put_note_away),
    ("/entries", entry_pages.show_list, None),
    ("/new", entry_pages.show_new, None),
    ("/e/{id}", entry_pages.show, None),
    ("/try", None, entry_pages.try_out),
    ("/check", None, entry_pages.check),
    ("/save", None, entry_changes.save),
    ("/e/{id}/remove", entry_changes.confirm_removal, entry_changes.remove),
    ("/e/{id}/history", entry_changes.show, None),
    ("/e/{id}/undo", entry_changes.confirm_undoing, entry_changes.undo),
    ("/figures", figures.show, None),
    ("/figures/gaps", figures.show_gaps, None),
    ("/figures/{name}.csv", figures.table, None),
)


def desk_app(desk: Desk) -> web.Application:
    """To be mounted at `Desk.path`."""
    app = web.Application(middlewares=[access.guard(desk)])
    for path, shown, changed in ROUTES:
        for method, page in (("GET", shown), ("POST", changed)):
            if page:
                app.router.add_route(method, path, partial(_show, page))
    return app


async def _show(page: Page, request: web.Request) -> web.StreamResponse:
    return await page(request[VISIT])
