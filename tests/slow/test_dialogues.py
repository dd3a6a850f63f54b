"""Dialogues of two and three turns on the shipped knowledge: what follows an answer is read with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from bot.knowledge.library import Library
from bot.matching.embedding_cache import EmbeddingCache
from bot.matching.index import Index
from bot.messages import Reply
from tests.moderation import PRIVATE
from tests.scene import Scene, open_scene

SHIPPED = Path(__file__).parents[2] / "knowledge"

# What stands at the limit falls to either side by how a processor rounds products of bytes, with VNNI or without.
LESS_SURE = pytest.mark.xfail(reason="another entry or none is likelier since follow-ups are learned", strict=False)
DIALOGUES = [  # each question with the entry that answers it or stands among those offered; without: it is not known
    "Le DU Espaces communs, c’est quoi ? → du-espaces-communs | et combien ça coûte ? → du-espaces-communs-cout",
    pytest.param(
        "C’est quoi le parcours emploi compétences ? → pec | quel montant ? → pec-montant"
        " | et ça dure combien de temps ? → pec-contrat",
        marks=LESS_SURE,
    ),
    pytest.param("C’est quoi la Fab Academy ? → fab-academy | et combien ça coûte ? →", marks=LESS_SURE),
    pytest.param(
        "Quel statut pour animer un lab dans un établissement scolaire ? → statut-animateur-lab"
        " | et le salaire ? → salaire-fabmanager",
        marks=LESS_SURE,
    ),
    "c’est quoi un adulte relais → adulte-relais | quel âge faut-il avoir ? → adulte-relais-conditions"
    " | et qui peut en employer un ? → adulte-relais-employeurs",
    "Comment accueillir un service civique dans notre lieu ? → service-civique-accueillir"
    " | quelles missions ? → service-civique-missions | et qui paie ? → service-civique-indemnite",
    "Une fiche de poste de fabmanager ? → fiche-fabmanager | et pour un facilitateur ? → fiche-facilitateur",
    "C’est quoi un tiers-lieu ? → tiers-lieu | et un fablab ? → fablab",
    "À qui s’adresser en Bretagne ? → reseau-bretagne | et à La Réunion ? → reseaux-outre-mer",
    "Quelle formation pour devenir fabmanager ? → formation-fabmanager | et concierge ? → formation-concierge",
    "Que fait un fabmanager ? → metier-fabmanager | et un concierge ? → metier-concierge",
    "C’est quoi les postes Fonjep ? → fonjep | et le vin ? →",
    "Combien gagne un fabmanager ? → salaire-fabmanager | et un animateur ? → salaire-facilitateur",
    "Le titre pro de médiateur numérique ? → titre-pro-mediateur-numerique | et les blocs CCP ? → blocs-ccp"
    " | Comment créer une association ? → creer-une-association",
    "C’est quoi La Myne ? → la-myne | et il y a un parking ? →",
]


@pytest.fixture(scope="module")
def shipped(shipped_embeddings: EmbeddingCache) -> Index:
    return Index(Library(SHIPPED).load(date(2026, 11, 24)).knowledge, embeddings=shipped_embeddings)


@pytest.fixture
async def scene(ready_url: str, shipped: Index) -> AsyncIterator[Scene]:
    scene = await open_scene(ready_url, shipped)
    yield scene
    await scene.store.close()


async def given(scene: Scene, reply: Reply) -> set[str]:
    """The entries of the bot's latest post."""
    post = await scene.store.posts.find(list(scene.paper.sent)[list(scene.paper.sent.values()).index(reply)])
    assert post
    return {*post.entries, *post.answered}


@pytest.mark.parametrize("dialogue", DIALOGUES)
@pytest.mark.parametrize("how", ["reply", "direct"])
async def test_what_follows_an_answer_is_read_with_it(scene: Scene, dialogue: str, how: str) -> None:
    for turn, (question, entry) in enumerate(said.split(" →") for said in dialogue.split(" | ")):
        if how == "direct":
            reply, *_ = await scene.say(question, **PRIVATE)
        elif turn == 0:
            reply, *_ = await scene.say(f"concierge : {question}")
        else:
            reply, *_ = await scene.say(question, reply_to=scene.last_reply)
        if entry:
            assert entry.strip() in await given(scene, reply)
        else:
            assert "pas de réponse" in reply.text or "pas encore de réponse" in reply.text


async def test_why_says_that_an_answer_followed_another(scene: Scene) -> None:
    await scene.say("Une fiche de poste de fabmanager ?", **PRIVATE)
    [why] = await scene.say("!pourquoi", **PRIVATE)
    assert "La question seule" not in why.text
    await scene.say("et pour un facilitateur ?", **PRIVATE)
    [why] = await scene.say("!pourquoi", **PRIVATE)
    assert "comprise comme la suite" in why.text


SMALL_WORDS = [  # asked about an entry in nothing but small words, with the neighbour that tells
    ("C’est quoi les postes Fonjep ?", "c combien par an", "fonjep-montant"),
    pytest.param("c’est quoi un adulte relais", "c combien ?", "adulte-relais-montant", marks=LESS_SURE),
    pytest.param("C’est quoi le parcours emploi compétences ?", "ils donnent combien", "pec-montant", marks=LESS_SURE),
    pytest.param("C’est quoi les postes Fonjep ?", "il existe encore ?", None, marks=LESS_SURE),
]


@pytest.mark.parametrize(("question", "more", "entry"), SMALL_WORDS)
async def test_a_question_of_small_words_is_about_the_answer_before(
    scene: Scene, question: str, more: str, entry: str | None
) -> None:
    await scene.say(question, **PRIVATE)
    [reply] = await scene.say(more, **PRIVATE)
    if entry is None:
        assert "À propos de" in reply.text
    else:
        assert entry in await given(scene, reply)


@pytest.mark.parametrize(
    ("question", "more", "entry"),
    [
        ("je cherche une formation", "plutôt pour être fabmanager", "formation-fabmanager"),
        ("une fiche de poste", "d’animateur", "fiche-de-poste"),
        ("une fiche de poste", "plutôt pour un fablab", "fiche-fabmanager"),
        ("une fiche de poste", "non plutôt fabmanager", "fiche-fabmanager"),
        ("une fiche de poste", "non, rien de tout ça", None),
        ("une fiche de poste", "qui a gagné le match hier soir ?", None),
    ],
)
async def test_what_narrows_a_question_with_several_answers_is_read_with_it(
    scene: Scene, question: str, more: str, entry: str | None
) -> None:
    [offer] = await scene.say(question, **PRIVATE)
    assert len(offer.choices) >= 2
    [reply] = await scene.say(more, **PRIVATE)
    if entry is None:
        assert "pas de réponse" in reply.text
    else:
        assert await given(scene, reply) == {entry}
