"""From a text to entries: with the real encoder."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.knowledge.models import Knowledge
from bot.matching import SearchResult
from bot.matching.decision import Answer, Thresholds, decide
from bot.matching.index import Index
from bot.matching.use_encoder import UniversalSentenceEncoder

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
def test_the_entry_is_found(index: Index, text: str, name: str) -> None:
    assert best(index.search(text)) == name


@pytest.mark.parametrize(("text", "name"), FOUND)
def test_it_is_found_without_the_encoder_too(plain: Index, text: str, name: str) -> None:
    assert best(plain.search(text)) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("How can I become a third place facilitator?", "formation-facilitateur"),
        ("Where can we find grants for our fablab?", "subvention"),
        ("un gamin s'est coupé avec la scie, qui rembourse ?", "assurance"),
    ],
)
def test_other_words_and_english_are_understood(index: Index, text: str, name: str) -> None:
    assert best(index.search(text)) == name


def test_a_clear_question_is_answered_and_says_why(index: Index) -> None:
    found = index.search("Auriez-vous une fiche de poste de fabmanager ?")
    assert isinstance(decide(found, True, Thresholds()), Answer)
    evidence = found.matches[0].evidence
    assert evidence.phrasing == "Auriez-vous une fiche de poste de fabmanager ?"
    assert "fabmanager" in evidence.words
    assert evidence.semantic > 0.9
    assert evidence.lexical > 0.9


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n ",
        "😀🎉👍",
        "\u200b\u202e\u2066",
        "?!…",
        "a\n" * 1000,
        "x y" * 20_000,
        "جاب الدوار",
        "Quel temps fera-t-il demain à Guéret ?",
        "Notre fablab a fêté ses dix ans samedi, merci à toutes et tous !",
        "<script>alert(1)</script>",
    ],
)
@pytest.mark.parametrize("addressed", [True, False])
def test_nothing_is_answered_where_nothing_is_asked_of_us(index: Index, text: str, addressed: bool) -> None:
    assert not isinstance(decide(index.search(text), addressed, Thresholds()), Answer)


def test_a_very_long_post_is_matched_by_its_question(index: Index) -> None:
    story = "Nous avons ouvert en mai dans une ancienne gare. " * 40
    found = index.search(f"Bonjour,\n{story}\nQuelle assurance responsabilité civile pour un atelier partagé ?\nMerci")
    assert best(found) == "assurance"


def test_two_questions_are_two_parts_in_their_order(index: Index) -> None:
    text = "Quel statut juridique pour notre tiers-lieu ? Et faut-il un agrément pour le service civique ?"
    found = index.search(text)
    assert [best(part) for part in found.parts] == ["statut-juridique", "service-civique"]
    assert found.text == text
    assert found.matches == max(found.parts, key=lambda part: part.matches[0].confidence).matches


def test_one_question_in_two_wordings_is_one_question(index: Index) -> None:
    text = "Quel statut juridique pour notre tiers-lieu ? Association ou coopérative, que choisir ?"
    assert index.search(text).parts == ()


@pytest.mark.parametrize("kind", ["index", "plain"])
def test_not_questions_push_an_entry_away(kind: str, request: pytest.FixtureRequest) -> None:
    searched: Index = request.getfixturevalue(kind)
    denied = searched.search("notre formation de facilitateur d'hier était super")
    confidences = {match.id: match.confidence for match in denied.matches}
    assert confidences.get("formation-facilitateur", 0.0) < 0.3
    assert best(searched.search("Où trouver une formation de facilitateur de tiers-lieu ?")) == "formation-facilitateur"


def test_matches_are_the_best_five_surest_first(index: Index) -> None:
    matches = index.search("une formation ?").matches
    assert len(matches) == 5
    assert [m.confidence for m in matches] == sorted((m.confidence for m in matches), reverse=True)
    assert all(0 <= match.confidence <= 1 for match in matches)


def test_case_accents_and_spaces_change_nothing_without_the_encoder(plain: Index) -> None:
    one = plain.search("Où trouver des subventions pour un tiers-lieu ?")
    other = plain.search("OU  TROUVER DES SUBVENTIONS POUR UN TIERS LIEU ?")
    assert one.matches[0].confidence == pytest.approx(other.matches[0].confidence, abs=0.02)


def changed(knowledge: Knowledge, name: str, **update: object) -> Knowledge:
    return replace(
        knowledge, entries={**knowledge.entries, name: knowledge.entries[name].model_copy(update=dict(update))}
    )


@pytest.mark.parametrize("semantic", [True, False])
def test_an_edit_is_answered_by_the_new_index_and_not_by_the_old_one(
    semantic: bool, knowledge: Knowledge, cache: Path
) -> None:
    asked = "Comment couvrir un vol d'outils ?"
    old = Index(knowledge, semantic=semantic, cache=cache)
    new = Index(changed(knowledge, "assurance", questions=(asked,)), semantic=semantic, cache=cache)
    found = new.search(asked).matches[0]
    assert (found.id, found.evidence.phrasing) == ("assurance", asked)
    assert old.search(asked).matches[0].evidence.phrasing != asked
    assert best(old.search("Quelle assurance responsabilité civile ?")) == "assurance"


@pytest.mark.parametrize("semantic", [True, False])
def test_an_entry_that_is_gone_is_not_found(semantic: bool, knowledge: Knowledge, cache: Path) -> None:
    kept = {name: one for name, one in knowledge.entries.items() if name != "service-civique"}
    index = Index(replace(knowledge, entries=kept), semantic=semantic, cache=cache)
    assert "service-civique" not in [
        match.id for match in index.search("un agrément pour le service civique ?").matches
    ]


def test_a_new_synonym_is_understood(knowledge: Knowledge, cache: Path) -> None:
    more = replace(knowledge, synonyms=(*knowledge.synonyms, ("assurance", "mutuelle")))
    assert best(Index(more, cache=cache).search("quelle mutuelle ?")) == "assurance"


def test_a_new_index_embeds_only_what_is_new(
    knowledge: Knowledge, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Index(knowledge, cache=cache)
    embedded: list[str] = []
    monkeypatch.setattr(UniversalSentenceEncoder, "encode", spied(UniversalSentenceEncoder.encode, embedded))
    monkeypatch.setattr(
        UniversalSentenceEncoder, "encode_words", spied(UniversalSentenceEncoder.encode_words, embedded)
    )
    Index(changed(knowledge, "assurance", questions=("Comment assurer un four à pain ?",)), cache=cache)
    assert (embedded[0], sorted(embedded[1:])) == ("Comment assurer un four à pain ?", ["four", "pain"])


def spied(encode: Callable[..., Any], embedded: list[str]) -> Callable[..., Any]:
    def encoded(self: UniversalSentenceEncoder, texts: Sequence[str]) -> Any:
        embedded.extend(texts)
        return encode(self, texts)

    return encoded


def test_an_index_that_was_left_behind_can_be_forgotten_at_once(knowledge: Knowledge, cache: Path) -> None:
    """Without waiting for the collector of garbage: two of them may be all the memory there is."""
    index = Index(knowledge, cache=cache)
    corpus = weakref.ref(index.corpus)
    index = Index(knowledge, cache=cache)
    assert corpus() is None


def test_the_same_text_gives_the_same_matches_from_many_threads(index: Index) -> None:
    texts = [text for text, _ in FOUND] * 3
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(index.search, texts)) == [index.search(text) for text in texts]


def test_a_cache_gives_the_same_answers_as_none(knowledge: Knowledge, cache: Path) -> None:
    some, none = (Index(knowledge, cache=one).search("une fiche de poste ?") for one in (cache, None))
    assert [(m.id, m.evidence.phrasing) for m in some.matches] == [(m.id, m.evidence.phrasing) for m in none.matches]
    assert [m.confidence for m in some.matches] == pytest.approx([m.confidence for m in none.matches], abs=1e-5)


def test_a_cache_that_is_cut_short_is_made_again(knowledge: Knowledge, tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    Index(knowledge, cache=whole).search("une fiche ?")
    cut.mkdir()
    for file in whole.iterdir():
        (cut / file.name).write_bytes(file.read_bytes()[:200])
    assert best(Index(knowledge, cache=cut).search("une fiche de poste ?")) == "fiche-fabmanager"


def test_a_cache_that_cannot_be_written_is_done_without(knowledge: Knowledge, tmp_path: Path) -> None:
    taken = tmp_path / "a-file"
    taken.write_text("")
    assert best(Index(knowledge, cache=taken / "sub").search("une fiche de poste ?")) == "fiche-fabmanager"


@pytest.mark.parametrize("semantic", [True, False])
def test_no_entries_and_one_entry_are_knowledge_too(knowledge: Knowledge, semantic: bool) -> None:
    assert Index(Knowledge({}), semantic=semantic).search("une fiche ?").matches == ()
    one = Index(Knowledge({"assurance": knowledge.entries["assurance"]}), semantic=semantic)
    assert best(one.search("quelle assurance ?")) == "assurance"
