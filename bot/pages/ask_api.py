"""The answer to `/api/ask`: what the bot decides about a question, as JSON."""

from __future__ import annotations

from collections.abc import Set

from bot.pages.reader_search import SearchHit, SearchPage
from bot.pages.structured_data import JsonObject
from bot.pages.templates import Templates, shown_title, to_markup

API_PATH = "api/ask"


def as_json(templates: Templates, page: SearchPage, dead: Set[str]) -> JsonObject:
    """`answers`: what the bot gives, and what it would let choose from; `others`: what resembles besides."""
    return {
        "decision": page.decision,
        "confidence": round(page.confidence, 3),
        "answers": [_answer(templates, hit, dead) for hit in (*page.answers, *page.offers)],
        "others": [_short(templates, hit) for hit in page.others],
    }


def _answer(templates: Templates, hit: SearchHit, dead: Set[str]) -> JsonObject:
    answer = templates.marked(hit.entry, dead)
    links = [{"title": link.title, "url": link.url, "dead": link.url in dead} for link in hit.entry.links]
    return {
        **_short(templates, hit),
        "answer": answer,
        "html": str(to_markup(answer)),
        "links": links,
        "contacts": list(hit.entry.contacts),
        "updated": _iso(hit.entry.updated),
    }


def _short(templates: Templates, hit: SearchHit) -> JsonObject:
    """`url`: absolute where `public_url` is set, else relative to the address that was asked."""
    path = f"r/{hit.entry.id}"
    return {
        "id": hit.entry.id,
        "title": shown_title(hit.entry.title),
        "url": templates.absolute(path) or f"../{path}",
        "confidence": round(hit.confidence, 3),
    }


def _iso(day: object) -> str | None:
    return None if day is None else str(day)
