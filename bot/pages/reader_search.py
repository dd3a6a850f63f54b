"""What readers find: the decision that the bot takes in a room that it does not know, and what else resembles. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Literal

from markupsafe import Markup, escape

from bot.knowledge.models import Entry
from bot.matching import Match, SearchResult
from bot.matching.decision import Answer, Suggest, Thresholds, decide
from bot.matching.index import Index
from bot.messages import NOWHERE
from bot.pages.templates import plain_text, shown_title
from bot.text.folding import clean, fold, stem, words
from bot.text.markdown import one_line

LONGEST = 500  # characters of a question that are read
EXCERPT = 180  # characters of an answer beside its title
_LEAD = 60  # of these before the first word that is marked
_WORD = re.compile(r"\w+")
_BLANK = re.compile(r"\s")

SearchDecision = Literal["answer", "suggest", "none"]


@dataclass(frozen=True, slots=True)
class SearchHit:
    """`title`, `excerpt`: with the words that the question shares with them in `<mark>`."""

    entry: Entry
    confidence: float
    title: Markup
    excerpt: Markup


@dataclass(frozen=True, slots=True)
class SearchPage:
    """`answers`: what the bot would give; `offers`: what it would let choose from; `others`: what resembles besides.

    `confidence`: of the best match, 0 without any.
    """

    query: str
    decision: SearchDecision
    confidence: float
    answers: Sequence[SearchHit] = ()
    offers: Sequence[SearchHit] = ()
    others: Sequence[SearchHit] = ()

    @property
    def number(self) -> int:
        return len(self.answers) + len(self.offers) + len(self.others)


def clean_query(text: str) -> str:
    """One line of sane length, without control characters and halves of characters."""
    return one_line(text[:LONGEST])


def search(index: Index, limits: Thresholds, query: str) -> SearchPage:
    result = index.search(query, NOWHERE)
    decision = decide(result, True, limits)
    answers = decision.matches if isinstance(decision, Answer) else ()
    offers = decision.matches if isinstance(decision, Suggest) else ()
    if isinstance(decision, Suggest):
        answers = decision.answered
    kind: SearchDecision = "suggest" if offers else "answer" if answers else "none"
    others = _others(result, {match.id for match in (*answers, *offers)})
    stems = _stems(query, result)
    hits = ([_hit(index, match, stems) for match in matches] for matches in (answers, offers, others))
    return SearchPage(query, kind, result.confidence, *hits)


def _others(result: SearchResult, shown: Set[str]) -> Iterable[Match]:
    """The further matches, best first, that share a word with the question."""
    matches = {match.id: match for part in (*result.parts, result) for match in part.matches}
    rest = [match for match in matches.values() if match.id not in shown and match.evidence.words]
    return sorted(rest, key=lambda match: -match.confidence)


def _stems(query: str, result: SearchResult) -> Set[str]:
    """Of the words of the question, also as they were meant where they are misspelt."""
    matched = (word for part in (*result.parts, result) for match in part.matches for word in match.evidence.words)
    return {*words(fold(clean(query))), *map(stem, matched)}


def _hit(index: Index, match: Match, stems: Set[str]) -> SearchHit:
    entry = index.knowledge.entries[match.id]
    title, excerpt = shown_title(entry.title), _window(plain_text(entry), stems)
    return SearchHit(entry, match.confidence, mark(title, stems), mark(excerpt, stems))


def mark(text: str, stems: Set[str]) -> Markup:
    """The text, escaped, with `<mark>` around the words of these stems."""
    return Markup("").join(_marked_pieces(text, stems))


def _marked_pieces(text: str, stems: Set[str]) -> Iterator[Markup]:
    end = 0
    for word in _shared(text, stems):
        yield escape(text[end : word.start()])
        yield Markup("<mark>{}</mark>").format(word[0])
        end = word.end()
    yield escape(text[end:])


def _shared(text: str, stems: Set[str]) -> Iterator[re.Match[str]]:
    return (word for word in _WORD.finditer(text) if not stems.isdisjoint(_word_stems(word[0])))


@lru_cache(maxsize=20_000)  # words of the answers, never of a question
def _word_stems(word: str) -> frozenset[str]:
    return frozenset(words(fold(word)))


def _window(text: str, stems: Set[str]) -> str:
    """About `EXCERPT` characters, from the place on where most of the question's words stand together."""
    places = [(word.start(), word[0]) for word in islice(_shared(text, stems), 50)]
    near = [len({w.lower() for at, w in places if start <= at < start + EXCERPT - _LEAD}) for start, _ in places]
    best = places[near.index(max(near))][0] if places else 0
    start = _next_word(text, best - _LEAD) if best + _LEAD > EXCERPT else 0
    end = len(text) if len(text) <= start + EXCERPT else text.rfind(" ", start, start + EXCERPT)
    end = end if end > start else start + EXCERPT
    return f"{'… ' if start else ''}{text[start:end].strip()}{' …' if end < len(text) else ''}"


def _next_word(text: str, at: int) -> int:
    blank = _BLANK.search(text, max(at, 0))
    return blank.end() if blank else 0
