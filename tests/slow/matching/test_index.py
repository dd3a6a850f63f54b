"""From a text to entries: with the real encoder."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.encoder import Encoded, Encoder, Kind
from bot.knowledge.library import Library
from bot.knowledge.models import Knowledge
from bot.matching import SearchResult
from bot.matching.decision import Answer, Suggest, Thresholds, decide
from bot.matching.embedding_cache import EmbeddingCache
from bot.matching.encoder_folder import load_embeddings
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


def test_words_in_common_are_shown_as_people_write_them(plain: Index) -> None:
    """The group of a synonym is named by the stems of its first one: `fich_post`."""
    knowledge = replace(plain.knowledge, synonyms=(("fiche de poste", "profil de poste"), ("le", "la")))
    (found, *_) = Index(knowledge).search("un profil de poste pour un fabmanager ?").matches
    assert (found.id, set(found.evidence.words)) == ("fiche-fabmanager", {"fiche de poste", "fabmanager"})


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


@pytest.fixture(params=[True, False], ids=["semantic", "plain"])
def understood(request: pytest.FixtureRequest, embeddings: EmbeddingCache) -> EmbeddingCache | None:
    """With the encoder, and by words alone."""
    return embeddings if request.param else None


def test_an_edit_is_answered_by_the_new_index_and_not_by_the_old_one(
    understood: EmbeddingCache | None, knowledge: Knowledge
) -> None:
    asked = "Comment couvrir un vol d'outils ?"
    old = Index(knowledge, embeddings=understood)
    new = Index(changed(knowledge, "assurance", questions=(asked,)), embeddings=understood)
    found = new.search(asked).matches[0]
    assert (found.id, found.evidence.phrasing) == ("assurance", asked)
    assert old.search(asked).matches[0].evidence.phrasing != asked
    assert best(old.search("Quelle assurance responsabilité civile ?")) == "assurance"


def test_an_entry_that_is_gone_is_not_found(understood: EmbeddingCache | None, knowledge: Knowledge) -> None:
    kept = {name: one for name, one in knowledge.entries.items() if name != "service-civique"}
    index = Index(replace(knowledge, entries=kept), embeddings=understood)
    assert "service-civique" not in [
        match.id for match in index.search("un agrément pour le service civique ?").matches
    ]


def test_a_new_synonym_is_understood(knowledge: Knowledge, embeddings: EmbeddingCache) -> None:
    more = replace(knowledge, synonyms=(*knowledge.synonyms, ("assurance", "mutuelle")))
    assert best(Index(more, embeddings=embeddings).search("quelle mutuelle ?")) == "assurance"


class Listening:
    """An `Encoder` that remembers what another one was given."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder, self.encoded, self.read = encoder, list[tuple[Kind, str]](), list[tuple[str, str]]()
        self.name, self.dimensions = encoder.name, encoder.dimensions

    def encode(self, texts: Sequence[str], kind: Kind) -> list[Encoded]:
        self.encoded += [(kind, text) for text in texts]
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
    assert encoder.encoded == []
    asked = "Comment assurer un four à pain ?"
    Index(changed(knowledge, "assurance", questions=(asked,)), embeddings=listening)
    (phrasing, document) = encoder.encoded
    assert phrasing == ("query", asked)
    assert (document[0], asked in document[1]) == ("passage", True)


def test_one_message_is_encoded_in_one_go(knowledge: Knowledge, embeddings: EmbeddingCache) -> None:
    """Two questions and their context take little longer than one."""
    calls: list[int] = []

    class Counting(Listening):
        def encode(self, texts: Sequence[str], kind: Kind) -> list[Encoded]:
            calls.append(len(texts))
            return super().encode(texts, kind)

    index = Index(knowledge, embeddings=EmbeddingCache(Counting(embeddings.encoder)))
    calls.clear()
    index.search(
        "On ouvre en mai. Quel statut juridique pour notre tiers-lieu ? Et quel agrément pour un service civique ?"
    )
    assert len(calls) == 1
    assert calls[0] >= 3


def test_a_question_is_read_again_with_the_entry_that_was_found_unless_only_the_order_is_wanted(
    knowledge: Knowledge, embeddings: EmbeddingCache
) -> None:
    encoder = Listening(embeddings.encoder)
    index = Index(knowledge, embeddings=EmbeddingCache(encoder))
    found = index.search("c koi les papiers pour prendre un jeune en service civique").matches[0]
    [(_, passage)] = encoder.read
    assert found.title in passage
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


def test_the_same_text_gives_the_same_matches_from_many_threads(index: Index) -> None:
    texts = [text for text, _ in FOUND] * 3
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(index.search, texts)) == [index.search(text) for text in texts]


def test_a_cache_gives_the_same_answers_as_none(knowledge: Knowledge, cache: Path) -> None:
    some, none = (
        Index(knowledge, embeddings=load_embeddings(None, one)).search("une fiche de poste ?") for one in (cache, None)
    )
    assert [(m.id, m.evidence.phrasing) for m in some.matches] == [(m.id, m.evidence.phrasing) for m in none.matches]
    assert [m.confidence for m in some.matches] == pytest.approx([m.confidence for m in none.matches], abs=1e-3)


def test_no_entries_and_one_entry_are_knowledge_too(knowledge: Knowledge, understood: EmbeddingCache | None) -> None:
    assert Index(Knowledge({}), embeddings=understood).search("une fiche ?").matches == ()
    one = Index(Knowledge({"assurance": knowledge.entries["assurance"]}), embeddings=understood)
    assert best(one.search("quelle assurance ?")) == "assurance"


# On the answers that come with the program


@pytest.fixture(scope="module")
def shipped(embeddings: EmbeddingCache) -> Index:
    folder = Path(__file__).parents[3] / "knowledge"
    return Index(Library(folder).load(date.min).knowledge, embeddings=embeddings)


def answered(index: Index, text: str) -> list[str]:
    decision = decide(index.search(text), True, Thresholds())
    return [match.id for match in decision.matches] if isinstance(decision, Answer) else []


EXCLUDED = [  # what would be the answer if it were not excluded
    ("reseau-bretagne", "Y a-t-il un réseau de tiers-lieux en dehors de la Bretagne ?"),
    ("reseau-bretagne", "Y a-t-il un réseau de tiers-lieux hormis la Bretagne ?"),
    ("service-civique-accueillir", "Comment accueillir un volontaire sauf en service civique ?"),
    ("fiche-fabmanager", "Une fiche de poste autre que celle de fabmanager ?"),
    ("fiche-fabmanager", "Avez-vous des fiches de poste, à part celle du fabmanager ?"),
    ("fonjep-texte", "Quelles subventions, à part le Fonjep ?"),
    ("rfflabs", "qui fédère les fablabs à part le RFFLabs ?"),
    ("movilab", "Quel wiki à part Movilab ?"),
    ("piloter-un-tiers-lieu", "Quelles formations en dehors de Piloter un tiers-lieu ?"),
    ("piloter-un-tiers-lieu", "What training is there besides Piloter un tiers-lieu?"),
    ("conseiller-numerique", "qui aide les tiers-lieux à part les conseillers numériques France services ?"),
]


@pytest.mark.parametrize(("entry", "text"), EXCLUDED, ids=[text for _, text in EXCLUDED])
def test_what_the_question_excludes_is_not_its_answer(shipped: Index, entry: str, text: str) -> None:
    assert entry not in answered(shipped, text)


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("Une formation de fabmanager, hormis le DU fabmanager de l'UTBM ?", "formation-fabmanager"),
        ("Quels contrats pour un animateur, hormis le service civique ?", "statut-et-contrat"),
        ("Y a-t-il un réseau de tiers-lieux en dehors de la Bretagne ?", "reseaux-regionaux"),
    ],
)
def test_what_is_left_of_the_question_is_answered(shipped: Index, text: str, entry: str) -> None:
    assert answered(shipped, text) == [entry]


@pytest.mark.parametrize(
    ("text", "entry", "excluded"),
    [
        ("Quelles subventions, à part le Fonjep ?", "financer-son-lieu", "fonjep"),
        ("Une fiche de poste autre que celle de fabmanager ?", "fiche-de-poste", "fiche-fabmanager"),
    ],
)
def test_what_is_left_in_a_word_is_a_choice_without_what_is_excluded(
    shipped: Index, text: str, entry: str, excluded: str
) -> None:
    decision = decide(shipped.search(text), True, Thresholds())
    assert isinstance(decision, Suggest)
    assert decision.matches[0].id == entry
    assert excluded not in {match.id for match in decision.matches}


PHONE = [  # in full, and as typed on a phone
    ("c'est quoi un fablab ?", "c koi un fablab ?"),
    ("combien gagne un fabmanager ?", "cb gagne un fabmanager ?"),
    ("quelle formation pour devenir facilitateur ?", "kelle formation pr devenir facilitateur ?"),
    ("quelqu'un a une fiche de poste pour un facilitateur ?", "qqn a une fiche de poste pr un facilitateur ?"),
    ("comment on devient fabmanager ?", "cmt on devient fabmanager ?"),
]


@pytest.mark.parametrize(("full", "typed"), PHONE, ids=[typed for _, typed in PHONE])
def test_what_is_typed_on_a_phone_is_understood_as_in_full(shipped: Index, full: str, typed: str) -> None:
    in_full, found = shipped.search(full).matches[0], shipped.search(typed).matches[0]
    assert (found.id, found.confidence) == (in_full.id, pytest.approx(in_full.confidence, abs=0.1))


STORY = (
    "Nous avons repris au printemps une ancienne gare avec la commune et une douzaine de bénévoles. Le samedi on y "
    "répare des vélos, le mercredi les enfants viennent après l'école, et l'on sert du café toute la semaine. La "
    "toiture a été refaite cet hiver grâce à une souscription, et la mairie nous prête la cour. Tout le monde est très "
    "content, même si le chauffage tombe souvent en panne. "
)
# What stands at the limit falls to either side by how a processor rounds products of bytes, with VNNI or without.
STORY_FALLS_SHORT = pytest.mark.xfail(reason="of a story another sentence is taken for its question", strict=False)
ASKED_LAST = [  # most of them without a question mark
    "Reste à savoir quelle assurance il faut pour un atelier",
    "l'assurance de l'atelier nous inquiète",
    "la fiche de poste du fabmanager nous manque encore",
    "On se demande à combien revient une découpeuse laser",
    "Il reste le statut juridique du lieu à choisir",
    "On aimerait accueillir un service civique, comment faire",
    "pour le service civique il faut un agrément paraît-il",
    "We still need a job description for the fabmanager",
    "Comment devenir facilitateur de tiers-lieu ?",
    "Quel salaire pour un coordinateur ?",
    "Who pays for the training?",
]


TOLD_MORE_THAN_ASKED = (
    "Il reste le statut juridique du lieu à choisir",
    "pour le service civique il faut un agrément paraît-il",
)
LAST = [pytest.param(one, marks=STORY_FALLS_SHORT) if one in TOLD_MORE_THAN_ASKED else one for one in ASKED_LAST]


@pytest.mark.parametrize("question", LAST)
def test_what_is_asked_at_the_end_of_a_long_story_finds_what_it_finds_alone(shipped: Index, question: str) -> None:
    assert len(STORY.split()) == 70
    alone = best(shipped.search(question))
    assert best(shipped.search(STORY + question)) == alone
    assert best(shipped.search(f"Bonjour à toutes et tous,\n\n{STORY}\n\n{question}\n\nMerci d'avance,\nAnne")) == alone


MIDDLE = [pytest.param(one, marks=STORY_FALLS_SHORT) if "nous manque" in one else one for one in ASKED_LAST[:4]]


@pytest.mark.parametrize("question", MIDDLE)
def test_the_same_question_in_the_middle_of_the_story_is_found_too(shipped: Index, question: str) -> None:
    first, rest = STORY[: len(STORY) // 2].rpartition(". ")[0], STORY[len(STORY) // 2 :].partition(". ")[2]
    assert best(shipped.search(f"{first}. {question} . {rest}")) == best(shipped.search(question))


def test_a_story_that_asks_nothing_is_not_answered(shipped: Index) -> None:
    assert answered(shipped, STORY) == []
