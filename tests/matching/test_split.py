"""A message taken apart."""

import pytest

from bot.matching.split import SplitMessage, split_message
from bot.reading.model import shipped_model
from bot.reading.read import Reader
from bot.text.folding import clean

KNOWN = ("fiche", "poste", "fabmanager", "salaire", "assurance", "formation", "subvention", "lieu", "prix", "statut")


def apart(text: str) -> SplitMessage:
    """Every known word weighs one."""
    reader = Reader(shipped_model(), None)
    return split_message(clean(text), reader, lambda part: sum(word in part.lower() for word in KNOWN))


def test_greetings_and_thanks_are_set_aside() -> None:
    question = "quelle assurance pour le lieu ?"
    for dressed in (
        *("Bonjour, {}", "slt {}", "Bonjour à toutes et tous, {} Merci d'avance", "{}\n\nUn grand merci !"),
        *("dis-moi, {}", "Hello everyone, {}\nBien cordialement", "tu pourrais me dire {}", "question: {}"),
        *("Coucou tout le monde ! {}\n\nMerci beaucoup,\nJeanne", "Bonsoir, petite question : {} Thanks a lot"),
        *("salut, petite question : {}", "une dernière question : {}", "non pardon je voulais dire {}"),
    ):
        asked = apart(dressed.format(question)).question
        assert (asked.text, asked.context_text) == (question, ""), dressed


def test_what_only_opens_a_message_or_is_all_of_it_stays() -> None:
    for text in (
        *("sinon", "dis", "petite question", "du coup", "Bonjour", "et sinon ?", "tu peux me dire ?"),
        *("Au fait du droit", "Du coup de pouce", "vous pouvez me rappeler demain ?", "merci beaucoup", "salut ça va"),
        *("le salaire", "Où louer une salle à Quimper ?", "Which licence do we need to sell beer at a concert?"),
        "ma voisine dit que la salle est fermée le lundi, elle a raison ?",
    ):
        assert apart(text).question.text == text


def test_several_questions_are_found_and_at_most_four_are_answered() -> None:
    for asked in (
        ["Quelle fiche de poste pour un fabmanager ?", "Et quelle assurance pour le lieu ?"],
        ["Où trouver une fiche de poste", "et quelle assurance pour le lieu ?"],
    ):
        assert [part.text for part in apart(" ".join(asked)).parts] == asked
    assert len(apart(" ".join(f"Quelle assurance pour le lieu {n} ?" for n in range(9))).parts) == 4


def test_a_question_that_says_little_is_read_with_the_one_beside_it() -> None:
    for text, contexts in (
        ("Quelle fiche de poste de fabmanager, et quel salaire ?", ["", "Quelle fiche de poste de fabmanager"]),
        ("Quel statut pour un fabmanager ? Et quel salaire", ["", "Quel statut pour un fabmanager ?"]),  # needs no mark
        ("Quel salaire et quelle formation pour un fabmanager ?", ["et quelle formation pour un fabmanager ?", ""]),
        ("Quelle formation de fabmanager et est ce qu’il y a une subvention pour la formation ?", ["", ""]),
    ):
        assert [part.context_text for part in apart(text).parts] == contexts


def test_what_says_nothing_alone_is_no_question_of_its_own_and_a_number_numbers_nothing() -> None:
    for text in (
        *("Quelle fiche de poste pour un fabmanager ? Et combien ?", "La fiche de poste du fabmanager et son salaire"),
        *("Quelle fiche de poste pour un fabmanager et comment ?", "", "Rendez-vous le 1. mars ou le 3. mars ?"),
        *("Une formation de niveau 2 pour le lieu", "A-t-on droit à 1/3 ?"),
    ):
        assert apart(text).parts == ()
        assert apart(text).readings[0].text == text


def test_what_is_numbered_asks() -> None:
    for text in (
        "1) quel statut pour le lieu 2) quelle assurance pour le lieu 3) où trouver une fiche de poste",
        "Trois questions :\n1. Quel statut du lieu ?\n2. Quelle assurance pour le lieu ?\n3. Quelle fiche de poste ?",
        "1/ statut du lieu\n2/ assurance du lieu\n3/ fiche de poste",
    ):
        parts = [part.text for part in apart(text).parts]
        assert len(parts) == 3
        for part, word in zip(parts, ("statut", "assurance", "fiche de poste"), strict=True):
            assert word in part.lower()
            assert not part.startswith(tuple("123"))


def test_what_is_shouted_is_read_as_if_it_were_not() -> None:
    for text, read in (
        ("QUELLE ASSURANCE POUR LE LIEU ?", "quelle assurance pour le lieu ?"),
        ("DU FABMANAGER", "DU FABMANAGER"),
        ("SCIC ou SCOP ?", "SCIC ou SCOP ?"),
    ):
        assert apart(text).readings[0].text == read


# What is known already

EXCLUDING = [  # what is asked, what is left of it, what is excluded
    ("À part la Coopérative, qui propose une formation ?", "qui propose une formation ?", "la Coopérative"),
    ("Qui forme des fabmanagers, à part la Coopérative ?", "Qui forme des fabmanagers ?", "la Coopérative"),
    ("qui propose une formation a part la cooperative", "qui propose une formation", "la cooperative"),
    ("Mis à part l'assurance, que prévoir pour le lieu ?", "que prévoir pour le lieu ?", "l'assurance"),
    ("Quelle formation en dehors du DU du FacLab ?", "Quelle formation ?", "DU du FacLab"),
    ("En dehors de la région, qui donne une subvention ?", "qui donne une subvention ?", "la région"),
    ("Qui donne une subvention en dehors d'Erasmus ?", "Qui donne une subvention ?", "Erasmus"),
    ("Qui donne une subvention en dehors des régions ?", "Qui donne une subvention ?", "régions"),
    ("Hormis le Fonjep, quelle subvention existe ?", "quelle subvention existe ?", "le Fonjep"),
    ("Excepté le Fonjep, quelle subvention existe ?", "quelle subvention existe ?", "le Fonjep"),
    ("Exceptés les contrats aidés, quelle subvention ?", "quelle subvention ?", "les contrats aidés"),
    ("Quelle subvention sauf celles de la région ?", "Quelle subvention ?", "celles de la région"),
    ("Une formation autre que Piloter un tiers-lieu ?", "Une formation ?", "Piloter un tiers-lieu"),
    ("Existe-t-il un autre statut que l'association du lieu ?", "Existe-t-il un statut ?", "l'association du lieu"),
    ("Are there grants other than Leader?", "Are there grants ?", "Leader"),
    ("Besides the region, who gives grants?", "who gives grants?", "the region"),
    ("Apart from the cooperative, where can I train?", "where can I train?", "the cooperative"),
    ("Except for Fonjep, which grants are there?", "which grants are there?", "Fonjep"),
]


def test_what_a_question_excludes_is_set_aside() -> None:
    for text, left, excluded in EXCLUDING:
        asked = apart(text).question
        assert (asked.text, asked.excluded) == (left, excluded), text


NOT_EXCLUDING = [
    *("sauf", "à part", "à part ça ?", "sauf le dimanche ?", "Sauf erreur, quel statut pour un lieu ?"),
    *("À partir de quel âge vient-on au lieu ?", "Le concierge est-il un métier à part entière ?"),
    *("J'ai une autre question sur l'assurance du lieu", "Qui connaît un autre lieu quelque part en Creuse ?"),
    "Quelqu'un a partagé la fiche de poste du fabmanager ?",
    "Peut-on avoir une aide exceptionnelle pour notre lieu ?",
    "qqn a une fiche de poste a partager pour un fabmanager ?",
    "L'assurance marche sauf que la mairie refuse, que faire ?",
    "On ferme le lieu sauf si la mairie accepte, est-ce légal ?",
    "Peut-on louer le lieu à partir de lundi pour une formation ?",
    "Est-ce que quelqu'un a participé à la formation de fabmanager ?",
    "Sauf erreur de ma part il n'y a pas de formation de fabmanager ?",
]


def test_what_only_looks_like_it_excludes_nothing() -> None:
    for text in NOT_EXCLUDING:
        asked = apart(text).question
        assert (asked.excluded, asked.text in text) == ("", True), text


# Long posts

STORY = "Nous avons repris une ancienne gare avec la mairie et une douzaine de bénévoles qui bricolent le samedi. "
LAST = "Reste à savoir quelle assurance il faut pour le lieu"


@pytest.mark.parametrize("text", ["Une assurance pour le lieu. Merci.", STORY, "", LAST + ". " + "Bonne journée."])
def test_a_short_message_is_not_taken_apart(text: str) -> None:
    assert len(apart(text).readings) == 1


def test_what_a_post_excludes_counts_for_each_of_its_questions_and_for_its_sentence() -> None:
    post = apart("À part la mairie, quelle fiche de poste pour un fabmanager ? Et quelle assurance pour le lieu ?")
    assert [part.excluded for part in post.parts] == ["la mairie", "la mairie"]
    post = apart(f"{STORY}À part la Macif, on ne connaît personne. {LAST}")
    assert {reading.excluded for reading in post.readings} == {"la Macif"}
