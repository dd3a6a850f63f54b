"""The texts of the knowledge that are compared with what people write."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from bot.knowledge import Entry
from bot.matching.reading import Prepared
from bot.matching.text import fold, words

_LINK = re.compile(r"\]\([^)]*\)")


def phrasings(entry: Entry) -> list[str]:
    """Its title and questions, each once."""
    return list(dict.fromkeys((entry.title, *entry.questions)))


def texts_of(entry: Entry) -> list[tuple[str, int]]:
    """All of an entry's text, its phrasings first, and how often each counts."""
    answer = [_LINK.sub("]", entry.answer)] if entry.answer else []
    asked = [(text, 2) for text in (*phrasings(entry), *entry.keywords)]
    return asked + [(text, 1) for text in (*answer, *(link.title for link in entry.links))]


@lru_cache(maxsize=4096)
def prepared(text: str) -> Prepared:
    """Some texts stand in many entries."""
    return Prepared.of(text)


def groups(synonyms: Sequence[Sequence[str]]) -> dict[tuple[str, ...], str]:
    """For each variant of a group of synonyms the name under which all of them count."""
    found = {}
    for group in synonyms:
        variants = [tuple(words(fold(variant))) for variant in group]
        for variant in filter(None, variants):
            found[variant] = "_".join(next(filter(None, variants)))
    return found
