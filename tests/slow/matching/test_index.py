"""From a text to entries: with the real encoder."""

import weakref
from dataclasses import replace

import pytest

from bot.knowledge.models import Knowledge
from bot.matching import SearchResult, postings, quantized
from bot.matching.decision import Answer, Thresholds, decide
from bot.matching.embedding_cache import EmbeddingCache
from bot.matching.index import Index

FOUND = [
    ("Où trouver une fiche de poste de fabmanager ?", "fiche-fabmanager"),
    ("fiche poste fab manager", "fiche-fabmanager"),
    ("une fiche de post de fabmanger svp", "fiche-fabmanager"),
    *(("labmanager : un descriptif ?", "fiche-fabmanager"), ("RS5142", "formation-facilitateur")),
    ("ou se former pr devenir facilitateur·rice de tiers lieu", "formation-facilitateur"),
    ("quelle asurance responsabilité civile ?", "assurance"),
    ("faut il un agrement pour le service civique", "service-civique"),
    ("Bonjour à tous, quel statut juridique pour notre tiers-lieu ? Merci !", "statut-juridique"),
]


def best(found: SearchResult) -> str:
    return found.matches[0].id


@pytest.mark.parametrize(("text", "name"), FOUND)
def test_the_entry_is_found_with_and_without_the_encoder(index: Index, plain: Index, text: str, name: str) -> None:
    assert (best(index.search(text)), best(plain.search(text))) == (name, name)


def test_words_in_common_are_shown_as_people_write_them(plain: Index) -> None:
    """The group of a synonym is named by the stems of its first one: `fich_post`."""
    knowledge = replace(plain.knowledge, synonyms=(("fiche de poste", "profil de poste"), ("le", "la")))
    (found, *_) = Index(knowledge).search("un profil de poste pour un fabmanager ?").matches
    assert (found.id, set(found.evidence.words)) == ("fiche-fabmanager", {"fiche de poste", "fabmanager"})


def test_nothing_is_answered_where_nothing_is_asked_of_us(index: Index) -> None:
    for text in (
        *("", " \n ", "😀🎉👍", "\u200b\u202e\u2066", "?!…", "a\n" * 1000, "x y" * 20_000, "\ud800\x00", "جاب الدوار"),
        "Quel temps fera-t-il demain à Guéret ?",
        "Notre fablab a fêté ses dix ans samedi, merci à toutes et tous !",
        "<script>alert(1)</script>",
    ):
        assert not isinstance(decide(index.search(text), True, Thresholds()), Answer)


def test_a_large_knowledge_is_read_a_part_at_a_time_and_finds_the_same(
    index: Index, knowledge: Knowledge, embeddings: EmbeddingCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postings, "_UNCOUNTED", 20)
    monkeypatch.setattr(quantized, "_EMBEDDED", 3)
    in_parts = Index(knowledge, embeddings=embeddings)
    for text, _ in FOUND:
        one, other = (some.search(text).matches for some in (index, in_parts))
        assert [match.id for match in one] == [match.id for match in other]
        assert [match.confidence for match in one] == pytest.approx([match.confidence for match in other])


def test_one_question_in_two_wordings_is_one_question(index: Index) -> None:
    text = "Quel statut juridique pour notre tiers-lieu ? Association ou coopérative, que choisir ?"
    assert index.search(text).parts == ()


def test_an_index_that_was_left_can_be_forgotten_at_once(knowledge: Knowledge, embeddings: EmbeddingCache) -> None:
    """Without waiting for the collector of garbage: two of them may be all the memory there is."""
    index = Index(knowledge, embeddings=embeddings)
    corpus = weakref.ref(index.corpus)
    index = Index(knowledge, embeddings=embeddings)
    assert corpus() is None
