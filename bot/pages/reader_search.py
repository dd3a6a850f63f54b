"""The readers' search: the decision that the bot takes in an unknown room, and what else resembles. Pure."""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Literal

from markupsafe import Markup

from bot.knowledge.models import Entry
from bot.matching import Match
from bot.matching.decision import Answer, Suggest, Thresholds, decide
from bot.matching.index import Index
from bot.matching.locality import is_hidden
from bot.messages import NOWHERE
from bot.pages.templates import Templates, plain_text, shown_title, to_markup
from bot.text.folding import clean, fold, stem, words
from bot.text.markdown import one_line

LONGEST = 500  # characters of a question that are read
EXCERPT = 180  # characters of an answer beside its title
_LEAD = 60  # of these before the first word that is marked
_WORD = re.compile(r"(\w+)")  # splits a text into what is between words, and words
_BLANK = re.compile(r"\s")


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
    confidence: float
    answers: Sequence[SearchHit]
    offers: Sequence[SearchHit]
    others: Sequence[SearchHit]

    @property
    def decision(self) -> Literal["answer", "suggest", "none"]:
        return "suggest" if self.offers else "answer" if self.answers else "none"

    @property
    def number(self) -> int:
        return len(self.answers) + len(self.offers) + len(self.others)


def clean_query(text: str) -> str:
    """Return a query as one line of sane length, without control characters and halves of characters."""
    return one_line(text[:LONGEST])


def search(index: Index, limits: Thresholds, query: str) -> SearchPage:
    result = index.search(query, NOWHERE)
    found = [match for part in (*result.parts, result) for match in part.matches]
    answers: Sequence[Match] = ()
    offers: Sequence[Match] = ()
    match decide(result, True, limits):
        case Answer(answers):
            pass
        case Suggest(offers, answered=answers):
            pass
    shown = {match.id for match in (*answers, *offers)}
    rest = {match.id: match for match in found if match.id not in shown}.values()
    others = sorted((match for match in rest if match.evidence.words), key=lambda match: -match.confidence)
    matched = {word for match in found for word in match.evidence.words}  # as they were meant where they are misspelt
    stems = {*words(fold(clean(query))), *map(stem, matched)}
    if not others:
        entries = index.knowledge.entries
        near = (entries[id] for match in answers for id in entries[match.id].see_also if id in entries)
        unseen = (entry for entry in near if entry.id not in shown and not is_hidden(entry, NOWHERE))
        others = [Match(entry.id, entry.title, 0.0) for entry in unseen]
    hits = ([_hit(index, match, stems) for match in matches] for matches in (answers, offers, others))
    return SearchPage(query, result.confidence, *hits)


def _hit(index: Index, match: Match, stems: Set[str]) -> SearchHit:
    entry = index.knowledge.entries[match.id]
    title, excerpt = shown_title(entry.title), _window(plain_text(entry), stems)
    return SearchHit(entry, match.confidence, mark(title, stems), mark(excerpt, stems))


def mark(text: str, stems: Set[str]) -> Markup:
    """The text, escaped, with `<mark>` around the words of these stems."""
    return Markup("").join(
        Markup("<mark>{}</mark>").format(piece) if at % 2 and not stems.isdisjoint(_word_stems(piece)) else piece
        for at, piece in enumerate(_WORD.split(text))
    )


@lru_cache(maxsize=20_000)  # words of the answers, never of a question
def _word_stems(word: str) -> frozenset[str]:
    return frozenset(words(fold(word)))


def _window(text: str, stems: Set[str]) -> str:
    """About `EXCERPT` characters, from the place on where most of the question's words stand together."""
    shared = (word for word in _WORD.finditer(text) if not stems.isdisjoint(_word_stems(word[0])))
    places = [(word.start(), word[0].lower()) for word in islice(shared, 50)]
    near = [len({word for at, word in places if start <= at < start + EXCERPT - _LEAD}) for start, _ in places]
    best = places[near.index(max(near))][0] if places else 0
    blank = _BLANK.search(text, best - _LEAD) if best + _LEAD > EXCERPT else None
    start = blank.end() if blank else 0
    end = len(text) if len(text) <= start + EXCERPT else text.rfind(" ", start, start + EXCERPT)
    end = end if end > start else start + EXCERPT
    more = "\u00a0…" if end < len(text) else ""
    return f"{'… ' if start else ''}{text[start:end].strip()}{more}"


def as_json(templates: Templates, page: SearchPage, dead: Set[str]) -> Mapping[str, object]:
    """Return the answer of `/api/ask`. `answers`: what the bot gives, and what it would let choose from; `others`: what
    resembles besides."""

    def short(hit: SearchHit) -> dict[str, object]:
        """`url`: absolute where `public_url` is set, else relative to the address that was asked."""
        path = f"r/{hit.entry.id}"
        shown = {"title": shown_title(hit.entry.title), "url": templates.absolute(path) or f"../{path}"}
        return {"id": hit.entry.id, **shown, "confidence": round(hit.confidence, 3)}

    answers = []
    for hit in (*page.answers, *page.offers):
        entry, text = hit.entry, templates.marked(hit.entry, dead)
        links = [{"title": link.title, "url": link.url, "dead": link.url in dead} for link in entry.links]
        more = {"contacts": list(entry.contacts), "updated": entry.updated and entry.updated.isoformat()}
        answers.append(short(hit) | {"answer": text, "html": str(to_markup(text)), "links": links} | more)
    confidence, others = round(page.confidence, 3), [short(hit) for hit in page.others]
    return {"decision": page.decision, "confidence": confidence, "answers": answers, "others": others}
