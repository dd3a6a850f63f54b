"""From a text to entries: with the real encoder."""

import weakref
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.encoder import Encoded, Encoder, Kind
from bot.knowledge.models import Knowledge
from bot.matching import SearchResult, postings, quantized
from bot.matching.decision import Answer, Thresholds, decide
from bot.matching.embedding_cache import EmbeddingCache
from bot.matching.index import Index

FOUND = [
    ("Où trouver une fiche de poste de fabmanager ?", "fiche-fabmanager"),
    ("fiche poste fab manager", "fiche-fabmanager"),
    ("une fiche de post de fabmanger svp", "fiche-fabmanager"),
    ("labmanager : un descriptif ?", "fiche-fabmanager"),
    ("RS5142", "formation-facilitateur"),
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


def test_other_words_and_english_are_understood(index: Index) -> None:
    for text, name in (
        ("How can I become a third place facilitator?", "formation-facilitateur"),
        ("Where can we find grants for our fablab?", "subvention"),
        ("un gamin s'est coupé avec la scie, qui rembourse ?", "assurance"),
    ):
        assert best(index.search(text)) == name


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


def changed(knowledge: Knowledge, name: str, **update: object) -> Knowledge:
    return replace(
        knowledge, entries={**knowledge.entries, name: knowledge.entries[name].model_copy(update=dict(update))}
    )


@pytest.mark.parametrize("is_semantic", [True, False])
def test_a_new_index_knows_what_has_changed_and_the_old_one_does_not(
    knowledge: Knowledge, embeddings: EmbeddingCache, is_semantic: bool
) -> None:
    def indexed(some: Knowledge) -> Index:
        return Index(some, embeddings=embeddings if is_semantic else None)

    asked, old = "Comment couvrir un vol d'outils ?", indexed(knowledge)
    found = indexed(changed(knowledge, "assurance", questions=(asked,))).search(asked).matches[0]
    assert (found.id, found.evidence.phrasing) == ("assurance", asked)
    assert old.search(asked).matches[0].evidence.phrasing != asked
    assert best(old.search("Quelle assurance responsabilité civile ?")) == "assurance"
    fewer = {name: one for name, one in knowledge.entries.items() if name != "service-civique"}
    left = indexed(replace(knowledge, entries=fewer)).search("un agrément pour le service civique ?").matches
    assert "service-civique" not in {match.id for match in left}
    more = replace(knowledge, synonyms=(*knowledge.synonyms, ("assurance", "mutuelle")))
    assert best(indexed(more).search("quelle mutuelle ?")) == "assurance"
    assert indexed(Knowledge({})).search("une fiche ?").matches == ()
    one = indexed(Knowledge({"assurance": knowledge.entries["assurance"]}))
    assert best(one.search("quelle assurance ?")) == "assurance"


class Listening:
    """An `Encoder` that remembers what another one was given."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder, self.calls, self.read = encoder, list[Sequence[str]](), list[tuple[str, str]]()
        self.name, self.dimensions = encoder.name, encoder.dimensions

    def encode(self, texts: Sequence[str], kind: Kind) -> list[Encoded]:
        self.calls.append(texts)
        return self._encoder.encode(texts, kind)

    def log_probability(self, word: str) -> float:
        return self._encoder.log_probability(word)

    def relevance(self, question: str, passage: str) -> float | None:
        self.read.append((question, passage))
        return self._encoder.relevance(question, passage)


def test_a_new_index_encodes_only_what_is_new(knowledge: Knowledge, embeddings: EmbeddingCache, cache: Path) -> None:
    Index(knowledge, embeddings=embeddings)
    encoder = Listening(embeddings.encoder)
    listening = EmbeddingCache(encoder, cache)
    Index(knowledge, embeddings=listening)
    assert encoder.calls == []
    asked = "Comment assurer un four à pain ?"
    Index(changed(knowledge, "assurance", questions=(asked,)), embeddings=listening)
    ([phrasing], [document]) = encoder.calls
    assert phrasing == asked
    assert asked in document


def test_a_message_is_encoded_in_one_go_and_read_again_with_the_entry_that_was_found_unless_only_the_order_is_wanted(
    knowledge: Knowledge, embeddings: EmbeddingCache
) -> None:
    encoder = Listening(embeddings.encoder)
    index = Index(knowledge, embeddings=EmbeddingCache(encoder))
    encoder.calls.clear()
    index.search(
        "On ouvre en mai. Quel statut juridique pour notre tiers-lieu ? Et quel agrément pour un service civique ?"
    )
    [texts] = encoder.calls
    assert len(texts) >= 3
    encoder.read.clear()
    found = index.search("c koi les papiers pour prendre un jeune en service civique").matches[0]
    [(_, passage)] = encoder.read
    assert found.title in passage
    assert found.evidence.first_confidence not in (None, found.confidence)
    encoder.read.clear()
    index.find(index.encode("les papiers pour un service civique"), is_judged=False)
    index.search("Quel temps fera-t-il demain ?")
    assert encoder.read == []


def test_an_index_that_was_left_behind_can_be_forgotten_at_once(
    knowledge: Knowledge, embeddings: EmbeddingCache
) -> None:
    """Without waiting for the collector of garbage: two of them may be all the memory there is."""
    index = Index(knowledge, embeddings=embeddings)
    corpus = weakref.ref(index.corpus)
    index = Index(knowledge, embeddings=embeddings)
    assert corpus() is None
