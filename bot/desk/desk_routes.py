"""The routes of the desk: one table of method, path below `/desk` and page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from aiohttp import web

from bot.desk import access, drafts_page, entry_changes, entry_pages, figures, questions_page, upkeep_pages
from bot.desk.desk import VISIT, Desk, Visit

Page = Callable[[Visit], Awaitable[web.StreamResponse]]

ROUTES: Sequence[tuple[str, str, Page]] = (
    ("GET", "", questions_page.show),
    ("GET", "/enter/{token}", access.ask),
    ("POST", "/enter/{token}", access.enter),
    ("POST", "/leave", access.leave),
    ("POST", "/questions/{number:[0-9]{1,9}}/answer", questions_page.answer),
    ("POST", "/questions/{number:[0-9]{1,9}}/dismiss", questions_page.dismiss),
    ("POST", "/questions/{number:[0-9]{1,9}}/take", questions_page.take),
    ("GET", "/questions/{number:[0-9]{1,9}}/phrase", questions_page.choose_entry),
    ("POST", "/questions/{number:[0-9]{1,9}}/phrase", questions_page.add_phrase),
    ("GET", "/drafts", drafts_page.show),
    ("POST", "/drafts/{number:[0-9]{1,9}}", drafts_page.decide),
    ("GET", "/drafts/{number:[0-9]{1,9}}", drafts_page.edit),
    ("GET", "/imported", drafts_page.show_imported),
    ("POST", "/imported", drafts_page.decide_imported),
    ("GET", "/phrasings", upkeep_pages.show_suggestions),
    ("POST", "/phrasings/{number:[0-9]{1,9}}", upkeep_pages.decide_suggestion),
    ("GET", "/links", upkeep_pages.show_links),
    ("POST", "/links/{id}/confirm", upkeep_pages.confirm_entry),
    ("GET", "/readers", upkeep_pages.show_notes),
    ("POST", "/readers/{number:[0-9]{1,9}}", upkeep_pages.put_note_away),
    ("GET", "/entries", entry_pages.show_list),
    ("GET", "/new", entry_pages.show_new),
    ("GET", "/e/{id}", entry_pages.show),
    ("POST", "/try", entry_pages.try_out),
    ("POST", "/check", entry_pages.check),
    ("POST", "/save", entry_changes.save),
    ("GET", "/e/{id}/remove", entry_changes.confirm_removal),
    ("POST", "/e/{id}/remove", entry_changes.remove),
    ("GET", "/e/{id}/history", entry_changes.show),
    ("GET", "/e/{id}/undo", entry_changes.confirm_undoing),
    ("POST", "/e/{id}/undo", entry_changes.undo),
    ("GET", "/figures", figures.show),
    ("GET", "/figures/gaps", figures.show_gaps),
    ("GET", "/figures/{name}.csv", figures.table),
)


def desk_app(desk: Desk) -> web.Application:
    """To be mounted at `Desk.path`."""
    app = web.Application(middlewares=[access.guard(desk)])
    for method, path, page in ROUTES:
        app.router.add_route(method, path, partial(_show, page))
    return app


async def _show(page: Page, request: web.Request) -> web.StreamResponse:
    return await page(request[VISIT])
