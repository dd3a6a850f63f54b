"""Is it a question for us, or what is said in a room besides? Sentences of these tests are in no list of examples."""

from __future__ import annotations

import pytest

from bot.matching.index import Index
from bot.reading.model import shipped_model
from bot.reading.read import Reader

ASKED = [
    "Quelles démarches pour ouvrir une épicerie participative ?",
    "Je cherche un modèle de bail pour une salle partagée",
    "Est-ce que quelqu'un aurait un exemple de budget prévisionnel ?",
    "peut on cumuler deux emplois aidés",
    "Auriez-vous une liste de formations courtes à Toulouse ?",
    "c koi une scop",
    "How do we register a charity?",
    "Where can I find a template for a lease?",
]
SAID = [
    "Merci à tous, c'était une belle soirée !",
    "On se retrouve à 18 h devant la gare ?",
    "Tu as pensé à prendre les clés ?",
    "Nous recrutons une animatrice, envoyez vos candidatures avant le 3 mai",
    "Atelier couture samedi 12 avril, inscriptions ouvertes",
    "ok pour moi",
    "J'ai terminé le rapport hier soir",
    "See you tomorrow at the meeting!",
    "Thanks everyone, great evening",
]


def asks(index: Index, text: str) -> float:
    return index.search(text).question


@pytest.mark.parametrize("text", ASKED)
def test_questions_are_heard(index: Index, text: str) -> None:
    assert asks(index, text) > 0.5


@pytest.mark.parametrize("text", SAID)
def test_chat_stories_and_announcements_are_not(index: Index, text: str) -> None:
    assert asks(index, text) < 0.4


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("tu peux me dire ce qu’est un rescrit mécénat", "tu peux me rappeler demain matin"),
        ("tu connais le FDVA ?", "t’as pensé au FDVA ?"),
        ("tu sais où on déclare un changement de bureau", "tu as laissé le bureau ouvert hier soir"),
        ("t’as déjà entendu parler des groupements d’employeurs ?", "t’as déjà mangé toi ?"),
    ],
)
def test_who_speaks_to_it_as_to_a_person_asks_as_well(index: Index, asked: str, said: str) -> None:
    assert asks(index, asked) > asks(index, said)


def test_without_the_encoder_most_of_it_is_told_too() -> None:
    reader = Reader(shipped_model(), None)
    assert (
        sum(reader.asks(asked) > reader.asks(said) for asked, said in zip(ASKED, SAID, strict=False)) >= len(ASKED) - 1
    )
