"""The routes of the desk: one table of method, path below `/desk` and page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence, Set
from functools import partial

from aiohttp import web

from bot.desk import (
    access,
    drafts_page,
    entry_history,
    entry_pages,
    entry_changes,
    figures,
    imported_page,
    upkeep_pages,
    phrasings_page,
    questions_page,
    readers_page,
)
from bot.desk.desk import Desk

Page = Callable[[Desk, web.Request], Awaitable[web.StreamResponse]]

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
    ("GET", "/imported", imported_page.show),
    ("POST", "/imported", imported_page.decide),
    ("GET", "/phrasings", phrasings_page.show),
    ("POST", "/phrasings/{number:[0-9]{1,9}}", phrasings_page.decide),
    ("GET", "/links", upkeep_pages.show),
    ("POST", "/links/{id}/confirm", upkeep_pages.confirm),
    ("GET", "/readers", readers_page.show),
    ("POST", "/readers/{number:[0-9]{1,9}}", readers_page.put_away),
    ("GET", "/entries", entry_pages.show_list),
    ("GET", "/new", entry_pages.show_new),
    ("GET", "/e/{id}", entry_pages.show),
    ("POST", "/try", entry_pages.try_out),
    ("POST", "/check", entry_pages.check),
    ("POST", "/save", entry_changes.save),
    ("GET", "/e/{id}/remove", entry_changes.confirm_removal),
    ("POST", "/e/{id}/remove", entry_changes.remove),
    ("GET", "/e/{id}/history", entry_history.show),
    ("GET", "/e/{id}/undo", entry_changes.confirm_undoing),
    ("POST", "/e/{id}/undo", entry_changes.undo),
    ("GET", "/figures", figures.show),
    ("GET", "/figures/gaps", figures.show_gaps),
    ("GET", "/figures/{name}.csv", figures.table),
)
TRIES: Set[str] = frozenset({"/try", "/check"})
"""Paths whose POST changes nothing: asked while somebody types, without a look at the right each time."""


def desk_app(desk: Desk) -> web.Application:
    """To be mounted at `Desk.path`."""
    app = web.Application(middlewares=[access.guard(desk, TRIES)])
    for method, path, page in ROUTES:
        app.router.add_route(method, path, partial(page, desk))
    return app
