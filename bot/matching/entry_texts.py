"""The texts of an entry that questions are compared with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain, repeat
from typing import NamedTuple

from bot.knowledge.models import Entry
from bot.matching.text import PreparedText, fold, words

_LINK = re.compile(r"\]\((?:(?!\]\()[^)])*\)")


class EntryTexts(NamedTuple):
    """Title and phrasings, then keywords, answer and titles of links."""

    id: str
    texts: tuple[str, ...]
    phrasings: int  # number of phrasings, the title among them
    twice: int  # number of texts, from the first, that count twice

    def counted(self) -> Iterator[tuple[str, int]]:
        """Each text with how often it counts."""
        return zip(self.texts, chain(repeat(2, self.twice), repeat(1)), strict=False)


def entry_texts(entry: Entry) -> EntryTexts:
    phrasings = tuple(dict.fromkeys((entry.title, *entry.questions)))
    answer = (_LINK.sub("]", entry.answer),) if entry.answer else ()
    texts = (*phrasings, *entry.keywords, *answer, *(link.title for link in entry.links))
    return EntryTexts(entry.id, texts, len(phrasings), len(phrasings) + len(entry.keywords))


@lru_cache(maxsize=4096)
def prepared(text: str) -> PreparedText:
    """Cached, since some texts are in many entries."""
    return PreparedText.of(text)


def synonym_groups(synonyms: Sequence[Sequence[str]]) -> dict[tuple[str, ...], str]:
    """The stems of each synonym: the name of its group, made of the group's first one."""
    groups: dict[tuple[str, ...], str] = {}
    for group in synonyms:
        variants = [tuple(words(fold(variant))) for variant in group]
        for variant in filter(None, variants):
            groups[variant] = "_".join(next(filter(None, variants)))
    return groups
