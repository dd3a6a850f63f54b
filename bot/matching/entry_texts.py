"""The texts of the knowledge that are compared with what people write."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain, repeat
from typing import NamedTuple

from bot.knowledge.models import Entry
from bot.matching.query import Prepared
from bot.matching.text import fold, words

_LINK = re.compile(r"\]\((?:(?!\]\()[^)])*\)")


class EntryTexts(NamedTuple):
    """All of an entry's text: its phrasings first, each once, then keywords, answer and titles of links."""

    id: str
    texts: tuple[str, ...]
    phrasings: int  # how many of the texts are phrasings
    twice: int  # how many of the texts, the first ones, count twice

    def counted(self) -> Iterator[tuple[str, int]]:
        """Each text, and how often it counts."""
        return zip(self.texts, chain(repeat(2, self.twice), repeat(1)), strict=False)


def entry_texts(entry: Entry) -> EntryTexts:
    asked = tuple(dict.fromkeys((entry.title, *entry.questions)))
    answer = (_LINK.sub("]", entry.answer),) if entry.answer else ()
    texts = (*asked, *entry.keywords, *answer, *(link.title for link in entry.links))
    return EntryTexts(entry.id, texts, len(asked), len(asked) + len(entry.keywords))


@lru_cache(maxsize=4096)
def prepared(text: str) -> Prepared:
    """Some texts stand in many entries."""
    return Prepared.of(text)


def synonym_groups(synonyms: Sequence[Sequence[str]]) -> dict[tuple[str, ...], str]:
    """For each variant of a group of synonyms the name under which all of them count."""
    found = {}
    for group in synonyms:
        variants = [tuple(words(fold(variant))) for variant in group]
        for variant in filter(None, variants):
            found[variant] = "_".join(next(filter(None, variants)))
    return found
