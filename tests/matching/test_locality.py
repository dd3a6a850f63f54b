"""The same question for two places: who asks where gets which answer, and what stays hidden."""

import pytest

from bot.knowledge.models import Entry, Knowledge
from bot.matching import SearchResult
from bot.matching.decision import Answer, Thresholds, decide
from bot.matching.embedding_cache import EmbeddingCache
from bot.matching.index import CANDIDATES, Index
from bot.messages import Venue
from tests.matching.conftest import ENTRIES, entry

Cache = EmbeddingCache | None
BADGE = ("Comment obtenir le badge du portail ?", "où retirer un badge")
RENNES = entry("badge-r", "Le badge du portail (Rennes)", *BADGE, rooms=["#rennes:x.fr"])
CAEN = entry("badge-c", "Le badge du portail (Caen)", *BADGE, rooms=["#caen:x.fr"])

BRITTANY = Venue(frozenset({"#rennes:x.fr"}), "Bretagne")
NORMANDY = Venue(frozenset({"#caen:x.fr"}), "Normandie")
OUTSIDE = Venue()
MODERATORS = Venue(shows_all=True)


@pytest.fixture(scope="module", params=["meaning", "words"])
def cache_or_none(request: pytest.FixtureRequest) -> Cache:
    return request.getfixturevalue("embeddings") if request.param == "meaning" else None


def index_of(embeddings: Cache, *entries: Entry) -> Index:
    return Index(Knowledge({one.id: one for one in (*ENTRIES, *entries)}), embeddings=embeddings)


def answered(result: SearchResult, addressed: bool = True) -> str:
    decision = decide(result, addressed, Thresholds())
    return decision.matches[0].id if isinstance(decision, Answer) else type(decision).__name__


def test_a_general_answer_gives_way_to_the_room_s_own_and_goes_before_that_of_another(cache_or_none: Cache) -> None:
    index = index_of(cache_or_none, entry("badge", "Le badge du portail", *BADGE), RENNES)
    for question in ("Comment avoir un badge pour le portail ?", "badge portail", BADGE[0]):
        assert index.search(question, BRITTANY).matches[0].id == "badge-r"
        for venue in (NORMANDY, OUTSIDE):
            assert index.search(question, venue).matches[0].id == "badge"


def test_what_is_hidden_is_found_in_its_rooms_and_by_moderators_alone(cache_or_none: Cache) -> None:
    secret = entry("code", "Le code du portail", *BADGE, rooms=["#rennes:x.fr"], region="Bretagne", public="false")
    index = index_of(cache_or_none, secret)
    assert [answered(index.search(BADGE[0], venue)) for venue in (BRITTANY, MODERATORS)] == ["code", "code"]
    alone = Index(Knowledge({"code": secret}))
    for venue in (NORMANDY, OUTSIDE, Venue(region="Bretagne")):
        assert "code" not in [match.id for match in index.search(BADGE[0], venue).matches]
        assert not alone.search(BADGE[0], venue).matches


def test_what_is_hidden_takes_no_place_from_others_and_no_confidence(cache_or_none: Cache) -> None:
    hidden = [
        entry(f"h{n}", f"Le badge du portail {n}", *BADGE, rooms=["#rennes:x.fr"], public="false")
        for n in range(2 * CANDIDATES)
    ]
    index, alone = index_of(cache_or_none, CAEN, *hidden), index_of(cache_or_none, CAEN)
    result, undisturbed = index.search(BADGE[0], NORMANDY), alone.search(BADGE[0], NORMANDY)
    assert len(result.matches) == len(undisturbed.matches)
    assert answered(result) == "badge-c"
    assert result.matches[0].confidence > undisturbed.matches[0].confidence - 0.1


def test_each_part_of_a_message_is_asked_where_the_message_is(cache_or_none: Cache) -> None:
    message = "Comment obtenir le badge du portail ? Quel statut juridique pour notre tiers-lieu ?"
    decision = decide(index_of(cache_or_none, RENNES, CAEN).search(message, BRITTANY), True, Thresholds())
    assert isinstance(decision, Answer)
    assert [match.id for match in decision.matches] == ["badge-r", "statut-juridique"]
