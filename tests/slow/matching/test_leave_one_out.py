"""A phrasing left out without building anything anew stands where it would if it had never been there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bot.knowledge.models import Knowledge
from bot.matching.corpus import Signals
from bot.matching.embedding_cache import EmbeddingCache
from bot.matching.index import Index
from bot.matching.split import SubQuestion
from bot.quality.leave_one_out import LeaveOneOut, LeftOutRank

HARDLY = 0.2  # of the scores, which run to about 10
TOLERANCES = {  # of meaning what is rounded, of words what their number of entries changes in this little knowledge
    "nearest": 1e-3,
    "phrasing_grams": 0.05, "entry_grams": 0.1, "entry_words": 0.1,
}  # fmt: skip


@pytest.fixture(params=[True, False], ids=["semantic", "plain"], scope="module")
def whole(request: pytest.FixtureRequest, knowledge: Knowledge, embeddings: EmbeddingCache) -> Index:
    return Index(knowledge, embeddings=embeddings if request.param else None)


def standings(index: Index) -> list[tuple[int, LeftOutRank]]:
    found = []
    for place in range(len(index.entries)):
        own = LeaveOneOut(index, place)
        found += [(place, own.rank(number)) for number in own.numbers]
    return found


def built_anew(index: Index, place: int, text: str, embeddings: EmbeddingCache) -> Signals:
    """What is measured for the phrasing in an index that never had it."""
    entry = index.entries[place]
    fewer = entry.model_copy(update={"questions": tuple(one for one in entry.questions if one != text)})
    knowledge = Knowledge({**index.knowledge.entries, entry.id: fewer}, index.knowledge.synonyms)
    other = Index(knowledge, embeddings=embeddings if index.corpus.semantic else None)
    signals = other.corpus.signals(other.corpus.query(SubQuestion(text)))
    return replace(signals, documents=np.zeros_like(signals.documents))


def without(index: Index, place: int, text: str) -> Signals:
    """The same by `LeaveOneOut`, whose documents are an estimate."""
    own, number = LeaveOneOut(index, place), index.corpus.phrasings.index(text)
    query = index.corpus.phrasing_query(number)
    return own._without(number, query, index.corpus.signals(query))


def test_every_phrasing_is_first_where_it_stands(whole: Index) -> None:
    assert {one.known for _, one in standings(whole)} == {1}
    assert len(standings(whole)) == sum(len(entry.questions) for entry in whole.entries)


def test_a_phrasing_left_out_stands_where_it_would_in_an_index_without_it(
    whole: Index, embeddings: EmbeddingCache
) -> None:
    """Words are a little rarer there, which may turn round two entries that are hardly apart."""
    exact = []
    for place, one in standings(whole):
        anew = built_anew(whole, place, one.text, embeddings)
        scores = whole.score(replace(anew, documents=without(whole, place, one.text).documents))
        others = np.delete(scores, place)
        first, last = (1 + int((others > scores[place] + apart).sum()) for apart in (HARDLY, -HARDLY))
        assert first <= one.left_out <= last, one.text
        exact.append(one.left_out == 1 + int((scores > scores[place]).sum()))
    assert sum(exact) >= len(exact) - 1


def test_what_is_measured_without_a_phrasing_is_what_an_index_without_it_measures(
    whole: Index, embeddings: EmbeddingCache
) -> None:
    for place in range(len(whole.entries)):
        own = LeaveOneOut(whole, place)
        for number in own.numbers:
            query = whole.corpus.phrasing_query(number)
            here = own._without(number, query, whole.corpus.signals(query))
            there = built_anew(whole, place, whole.corpus.phrasings[number], embeddings)
            for name, apart in TOLERANCES.items():
                np.testing.assert_allclose(getattr(here, name), getattr(there, name), atol=apart, err_msg=name)


def test_the_rival_and_the_twin_are_of_other_entries(whole: Index) -> None:
    for place, one in standings(whole):
        own = whole.entries[place]
        assert own.id not in (one.rival, one.twin_of)
        assert one.twin not in own.questions
        assert 0 <= one.similarity <= 1
