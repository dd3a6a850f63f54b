"""Two questions that ask the same are one for the moderators; two that only sound alike stay two."""

import pytest

from bot.knowledge.models import Entry, Knowledge
from bot.matching.duplicates import find_duplicate
from bot.matching.index import Index

PORTAL = "qui a les clés du portail bleu ?"
LASER = "Comment réserver la découpeuse laser du lab ?"
FILAMENT = "Où sont rangés les filaments de l'imprimante 3D ?"
MEETING = "Quand a lieu la prochaine rencontre régionale ?"
ALIKE = [
    (PORTAL, "Bonjour à tous, vous savez qui a les clés du portail bleu svp ?"),
    (PORTAL, "Bonjour,\nje cherche les clés du portail bleu.\nQui les a, les clés du portail bleu ?\nMerci, Paul"),
    *((PORTAL, said) for said in ("QUI A LES CLES DU PORTAIL BLEU", "Qui a la clé du portail bleu ?")),
    (LASER, "je voudrais réserver la découpeuse laser du lab, comment ?"),
    (FILAMENT, "ou sont les filaments pour l'imprimante 3d ?"),
    (MEETING, "C'est quand la prochaine rencontre régionale ?"),
    ("Qui contacter pour la presse locale ?", "quel contact pour la presse locale ?"),
    ("Faut-il une assurance pour le prêt de matériel ?", "une assurance est-elle obligatoire pour le pret de materiel"),
    ("Who has the keys of the blue gate?", "hello, who has the keys of the blue gate please?"),
    ("??? 🎉", "??? 🎉"),
]
APART = [
    *((PORTAL, said) for said in ("qui a les clés du portail rouge ?", "qui a les clés ?")),
    (PORTAL, "Où sont les clés du portail bleu ?"),
    (LASER, "Comment réparer la découpeuse laser du lab ?"),
    (FILAMENT, "Où sont rangées les clés de l'imprimante 3D ?"),
    (MEETING, "Où a lieu la prochaine rencontre régionale ?"),
    ("Qui contacter pour la presse locale ?", "Qui contacter pour la presse nationale ?"),
    ("Faut-il une assurance pour le prêt de matériel ?", "Faut-il un contrat pour le prêt de matériel ?"),
    ("Peut-on venir avec un chien ?", "Peut-on venir sans chien ?"),
    *(("Qui anime l'atelier du mardi ?", said) for said in ("Qui anime l'atelier du jeudi ?", "Qui anime l'atelier ?")),
    ("Comment ouvrir un compte sur le forum ?", "Comment fermer un compte sur le forum ?"),
    ("C'est quoi un tiers-lieu nourricier ?", "C'est quoi un tiers-lieu ?"),
    ("Quel est le tarif de l'adhésion 2027 ?", "Quel est le tarif de l'adhésion 2026 ?"),
    ("??? 🎉", "!!! 🎉🎉 non"),
]


@pytest.fixture(scope="module")
def index() -> Index:
    entry = Entry(id="lab", title="Ouvrir un lab", questions=("Comment ouvrir un lab ?",), answer="Avec d'autres.")
    return Index(Knowledge({entry.id: entry}, (("lab", "atelier partagé"),)))


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_the_same_in_other_words_is_the_same(index: Index, one: str, other: str) -> None:
    assert find_duplicate(index, one, [other]) == 0
    assert find_duplicate(index, other, [one]) == 0


@pytest.mark.parametrize(("one", "other"), APART)
def test_one_word_that_counts_makes_another_question(index: Index, one: str, other: str) -> None:
    assert find_duplicate(index, one, [other]) is None
    assert find_duplicate(index, other, [one]) is None


def test_of_many_the_likest_is_found(index: Index) -> None:
    others = [text for pair in APART[2:9] for text in pair]
    assert find_duplicate(index, "ou sont les filaments pour l'imprimante 3d ?", others) == others.index(FILAMENT)


def test_synonyms_and_typos_of_the_knowledge_are_looked_through(index: Index) -> None:
    asked = "Comment ouvrir un atelier partagé à la campagne ?"
    assert find_duplicate(index, "comment ouvirr un lab a la campagne ?", [asked]) == 0
