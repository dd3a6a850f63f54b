"""A message that is a name, as 'RS5142' or 'DU', finds the entries that have it, and asks nothing of a room."""

import pytest

from bot.matching.decision import Answer, Silent, Thresholds, decide
from bot.matching.index import Index
from bot.matching.keyword_names import KeywordNames


@pytest.fixture(params=["plain", "index"])
def named(request: pytest.FixtureRequest) -> Index:
    """With words alone, and with the encoder."""
    index: Index = request.getfixturevalue(request.param)
    return index


@pytest.mark.parametrize("text", ["RS5142", "rs5142 ?", "C'est quoi RS5142 ?"])
def test_a_name_of_one_entry_alone_gets_that_entry_and_bare_nothing_in_a_room(named: Index, text: str) -> None:
    result = named.search(text)
    decision = decide(result, True, Thresholds())
    assert isinstance(decision, Answer)
    assert [match.id for match in decision.matches] == ["formation-facilitateur"]
    assert isinstance(decide(result, False, Thresholds()), Silent) == (not text.startswith("C'est"))


def test_those_that_are_hidden_do_not_count() -> None:
    names = KeywordNames([["RS5142"], ["RS5142", "DU"], ["examen"]], lambda text: text.lower().split())
    assert names.share(0, {"rs5142"}) == 0.5
    assert names.share(0, {"rs5142"}, barred={1}) == 1
    assert names.share(2, {"examen"}) == 0


@pytest.mark.parametrize("text", ["RS5143", "la voiture RS5142 est garée dans la cour"])
def test_another_name_or_more_than_a_name_is_not(named: Index, text: str) -> None:
    assert not isinstance(decide(named.search(text), True, Thresholds()), Answer)
    assert isinstance(decide(named.search(text), False, Thresholds()), Silent)
