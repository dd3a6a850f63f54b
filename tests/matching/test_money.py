"""A question about money is sure only of an entry that speaks of money."""

from __future__ import annotations

import pytest

from bot.knowledge.models import Entry, Knowledge
from bot.matching.index import Index
from bot.matching.money import asks_money, is_silent_on_money
from bot.text.folding import fold

SILENT = Entry(
    id="diplome-fabmanager",
    title="Diplôme universitaire de fabmanager",
    questions=("Quel diplôme pour devenir fabmanager ?",),
    answer="Neuf mois à Belfort, en alternance.",
)
OTHER = Entry(
    id="cafe", title="Le café du vendredi", questions=("À quelle heure est le café ?",), answer="À dix heures."
)
ASKED = "Combien coûte le diplôme universitaire de fabmanager ?"


def confidence(*, answer: str = SILENT.answer or "", phrasing: str = SILENT.questions[0]) -> float:
    entry = SILENT.model_copy(update={"answer": answer, "questions": (phrasing,)})
    matches = Index(Knowledge({one.id: one for one in (entry, OTHER)})).search(ASKED).matches
    return next(match.confidence for match in matches if match.id == SILENT.id)


def test_an_entry_that_is_silent_on_money_is_no_sure_answer_to_a_price() -> None:
    assert confidence() < 0.5 * confidence(answer="Neuf mois à Belfort, en alternance, 2 000 €.")


def test_a_phrasing_that_asks_for_the_price_is_enough() -> None:
    assert confidence(phrasing="Quel est le prix du diplôme de fabmanager ?") > 2 * confidence()


def test_of_an_entry_without_an_answer_the_links_may_say_it() -> None:
    assert confidence(answer="") > 2 * confidence()


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("et combien ça coûte ?", True),
        ("C'est combien la formation ?", True),
        ("quel salaire pour un fabmanager", True),
        ("Combien est payé un animateur ?", True),
        ("How much is the training?", True),
        ("Combien de temps dure la formation ?", False),
        ("Combien de pays ont des fablabs ?", False),
        ("how much time does it take", False),
        ("Qui anime l'atelier ?", False),
    ],
)
def test_what_asks_about_money(text: str, asks: bool) -> None:
    assert asks_money(fold(text)) is asks


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("C'est gratuit.", True),
        ("Les frais coûteront 20 euros.", True),
        ("Pris en charge par la région.", True),
        ("Il faut payer d'avance.", True),
        ("Un atelier de couture, avec une fraiseuse et des couteaux.", False),
        ("Dans tout le pays, pour charger son vélo.", False),
        ("Ask a freelancer for feedback.", False),
    ],
)
def test_what_speaks_of_money(answer: str, says: bool) -> None:
    assert is_silent_on_money(SILENT.model_copy(update={"answer": answer})) is not says
