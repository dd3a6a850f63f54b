"""What search engines read of a page: the answers as a schema.org `FAQPage`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.knowledge.models import Entry
from bot.pages.publication import Publication
from bot.pages.templates import Templates, described, shown_title, to_markup

MOST_ENTRIES = 40  # of a theme: a page stays light

JsonObject = Mapping[str, object]


def faq(
    templates: Templates, publication: Publication, entries: Sequence[Entry], *, is_brief: bool = False
) -> JsonObject:
    """`is_brief`: the start of each answer, as it stands on the page of a theme."""
    questions = [_question(templates, publication, entry, is_brief) for entry in entries[:MOST_ENTRIES]]
    return {"@context": "https://schema.org", "@type": "FAQPage", "mainEntity": questions}


def _question(templates: Templates, publication: Publication, entry: Entry, is_brief: bool) -> JsonObject:
    text = described(entry) if is_brief else _whole(templates, publication, entry)
    answer = {"@type": "Answer", "text": text}
    url = templates.absolute(f"r/{entry.id}")
    return {
        "@type": "Question",
        "name": shown_title(entry.title),
        "acceptedAnswer": {**answer, "url": url} if url else answer,
    }


def _whole(templates: Templates, publication: Publication, entry: Entry) -> str:
    return str(to_markup(templates.marked(entry, publication.dead))) if entry.answer else described(entry)
