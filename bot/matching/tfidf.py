"""Words and n-grams of the knowledge: which entries and phrasings share rare ones with a question."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from bot.arrays import Numbers
from bot.knowledge.models import Entry, Knowledge
from bot.matching.postings import TermCounter
from bot.matching.spelling import Vocabulary, WordCounts
from bot.matching.terms import Numbering, SynonymMap, grams_of, known_synonyms
from bot.text.folding import prepared

_LINK = re.compile(r"\]\((?:(?!\]\()[^)])*\)")


class EntryTexts(NamedTuple):
    """The texts of an entry that questions are compared with: title and phrasings, then keywords, answer and titles of
    links."""

    texts: tuple[str, ...]
    phrasings: int  # number of phrasings, the title among them
    twice: int  # number of texts, from the first, that count twice

    @classmethod
    def of(cls, entry: Entry) -> EntryTexts:
        phrasings = tuple(dict.fromkeys((entry.title, *entry.questions)))
        answer = (_LINK.sub("]", entry.answer),) if entry.answer else ()
        texts = (*phrasings, *entry.keywords, *answer, *(link.title for link in entry.links))
        return cls(texts, len(phrasings), len(phrasings) + len(entry.keywords))


class Lexicon:
    """The counts of all texts; immutable once built."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.entries = tuple(knowledge.entries.values())
        self._texts = [EntryTexts.of(entry) for entry in self.entries]
        self.phrasings = [text for one in self._texts for text in one.texts[: one.phrasings]]
        self.firsts: Numbers = np.cumsum([0, *(one.phrasings for one in self._texts)], dtype=np.int64)[:-1]
        self.synonyms, self.numbering = SynonymMap(knowledge.synonyms), Numbering()
        words, entry_grams, phrasing_grams = TermCounter(), TermCounter(), TermCounter()
        word_counts, counted = WordCounts(), set[str]()
        for place, one in enumerate(self._texts):
            word_counts.count([prepared(text) for text in dict.fromkeys(one.texts) if text not in counted])
            counted.update(one.texts)  # a text of many entries counts once
            terms = self.terms(place)
            words.add(place, ((numbers, times) for numbers, _, times in terms))
            entry_grams.add(place, ((ngrams, times) for _, ngrams, times in terms))
            for number, (_, ngrams, _) in enumerate(terms[: one.phrasings], start=int(self.firsts[place])):
                phrasing_grams.add(number, [(ngrams, 1)])
        self.words = words.postings(len(self.entries))
        self.entry_grams = entry_grams.postings(len(self.entries))
        self.phrasing_grams = phrasing_grams.postings(len(self.phrasings))
        self.vocabulary = Vocabulary(word_counts)
        self.known_synonyms = known_synonyms(knowledge.synonyms, self.vocabulary.__contains__)

    def phrasings_of(self, place: int) -> slice:
        """Return where in `phrasings` those of an entry are."""
        first = int(self.firsts[place])
        return slice(first, first + self._texts[place].phrasings)

    def owner(self, number: int) -> int:
        """Return the place of the entry of a phrasing."""
        return int(np.searchsorted(self.firsts, number, side="right")) - 1

    def terms(self, place: int) -> list[tuple[Numbers, Numbers, int]]:
        """Return the words and n-grams of each text of an entry, and how often the text counts."""
        ready = [prepared(text) for text in self._texts[place].texts]
        words = [self.numbering.learn(self.synonyms.fold(one.words)) for one in ready]
        times = [2 if number < self._texts[place].twice else 1 for number in range(len(ready))]
        return [*zip(words, grams_of([one.line for one in ready]), times, strict=True)]
