"""The index of the search in a browser, for pages that are files, and the tables by which it reads a question."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from bot.knowledge.models import Entry
from bot.matching.languages import SHORTHANDS, STEMS, STOP_WORDS
from bot.matching.text import clean, fold, tokens
from bot.pages.publication import Publication
from bot.pages.templates import described, shown_title


def search_index(publication: Publication) -> str:
    """A script that sets `conciergeIndex`. Of phrasings and keywords it has the words alone, each once and in the order
    of the alphabet, so that no member's sentence can be read from it."""
    groups = [[tokens(fold(word)) for word in group] for group in publication.knowledge.synonyms]
    index = {
        "stems": STEMS,
        "stopWords": sorted(STOP_WORDS),
        "shorthands": SHORTHANDS,
        "entries": [_row(entry, groups) for entry in publication.knowledge.entries.values()],
    }
    text = json.dumps(index, ensure_ascii=True, separators=(",", ":"))
    return f"globalThis.conciergeIndex = {text};\n"


def _row(entry: Entry, groups: Sequence[Sequence[Sequence[str]]]) -> Sequence[str]:
    words = _words([*entry.questions, *entry.keywords, entry.title])
    return entry.id, shown_title(entry.title), described(entry), " ".join(sorted(words.union(_synonyms(words, groups))))


def _words(texts: Iterable[str]) -> set[str]:
    found = (word for text in texts for word in tokens(fold(clean(text))))
    return {word for word in found if word not in STOP_WORDS and (len(word) > 1 or word.isdigit())}


def _synonyms(words: set[str], groups: Sequence[Sequence[Sequence[str]]]) -> Iterator[str]:
    """The other words, of one word each, for what the entry is about."""
    for group in groups:
        if any(words.issuperset(variant) for variant in group if variant):
            yield from (variant[0] for variant in group if len(variant) == 1)
