"""Data for programs: of a page the answers as a schema.org `FAQPage`, and `/api/ask`, what the bot decides about a
question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from bot.knowledge.models import Entry
from bot.pages.publication import Publication
from bot.pages.reader_search import SearchHit, SearchPage
from bot.pages.templates import Templates, described, shown_title, to_markup

MOST_ENTRIES = 40  # of a theme: a page stays light

JsonObject = Mapping[str, object]


def faq(
    templates: Templates, publication: Publication, entries: Sequence[Entry], *, is_brief: bool = False
) -> JsonObject:
    """`is_brief`: the start of each answer, as it stands on the page of a theme."""
    questions = []
    for entry in entries[:MOST_ENTRIES]:
        is_whole = entry.answer and not is_brief
        text = str(to_markup(templates.marked(entry, publication.dead))) if is_whole else described(entry)
        url = templates.absolute(f"r/{entry.id}")
        answer = {"@type": "Answer", "text": text} | ({"url": url} if url else {})
        questions.append({"@type": "Question", "name": shown_title(entry.title), "acceptedAnswer": answer})
    return {"@context": "https://schema.org", "@type": "FAQPage", "mainEntity": questions}


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
        "updated": hit.entry.updated and hit.entry.updated.isoformat(),
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
