"""A phrasing left out without building anything anew stands where it would if it had never been there."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.knowledge.models import Knowledge
from bot.matching.index import Index
from bot.matching.split import SubQuestion
from bot.quality.leave_one_out import LeaveOneOut, LeftOutRank


@pytest.fixture(params=[True, False], ids=["semantic", "plain"], scope="module")
def whole(request: pytest.FixtureRequest, knowledge: Knowledge, cache: Path) -> Index:
    return Index(knowledge, semantic=request.param, cache=cache)


def standings(index: Index) -> list[tuple[int, LeftOutRank]]:
    found = []
    for place in range(len(index.entries)):
        own = LeaveOneOut(index, place)
        found += [(place, own.rank(number)) for number in own.numbers]
    return found


def built_anew(index: Index, place: int, text: str, cache: Path) -> int:
    """The place that the entry takes for the phrasing in an index that never had it."""
    entry = index.entries[place]
    fewer = entry.model_copy(update={"questions": tuple(one for one in entry.questions if one != text)})
    knowledge = Knowledge({**index.knowledge.entries, entry.id: fewer}, index.knowledge.synonyms)
    other = Index(knowledge, semantic=index.corpus.discriminant is not None, cache=cache)
    scores = other.score(other.corpus.signals(other.corpus.query(SubQuestion(text))))
    return 1 + int((scores > scores[place]).sum())


def test_every_phrasing_is_first_where_it_stands(whole: Index) -> None:
    assert {one.known for _, one in standings(whole)} == {1}
    assert len(standings(whole)) == sum(len(entry.questions) for entry in whole.entries)


def test_a_phrasing_left_out_stands_where_it_would_in_an_index_without_it(whole: Index, cache: Path) -> None:
    """Words are a little rarer there, which may turn round two entries that are hardly alike."""
    found = [(one.left_out, built_anew(whole, place, one.text, cache)) for place, one in standings(whole)]
    assert [here == 1 for here, _ in found] == [there == 1 for _, there in found]
    assert all(abs(here - there) <= 1 for here, there in found)
    assert sum(here == there for here, there in found) >= len(found) - 1


def test_the_rival_and_the_twin_are_of_other_entries(whole: Index) -> None:
    for place, one in standings(whole):
        own = whole.entries[place]
        assert own.id not in (one.rival, one.twin_of)
        assert one.twin not in own.questions
        assert 0 <= one.similarity <= 1
