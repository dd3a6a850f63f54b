"""A message taken apart."""

from __future__ import annotations

import pytest

from bot.matching.calibration import shipped_table
from bot.matching.split import SplitMessage, is_courtesy, split_message
from bot.text.folding import clean

KNOWN = ("fiche", "poste", "fabmanager", "salaire", "assurance", "formation", "subvention", "lieu", "prix", "statut")


def apart(text: str) -> SplitMessage:
    """Every known word weighs one."""
    return split_message(
        clean(text), shipped_table(False).patterns, lambda part: sum(word in part.lower() for word in KNOWN)
    )


@pytest.mark.parametrize(
    "text",
    [
        "Bonjour, quelle assurance pour le lieu ?",
        "slt quelle assurance pour le lieu ?",
        "Bjr à tous, quelle assurance pour le lieu ?",
        "Bonjour à toutes et tous, quelle assurance pour le lieu ? Merci d'avance",
        "Hello everyone, quelle assurance pour le lieu ?\nBien cordialement",
        "quelle assurance pour le lieu ?\n\nUn grand merci !",
        "Et sinon, quelle assurance pour le lieu ?",
        "salut, petite question : quelle assurance pour le lieu ?",
        "non pardon je voulais dire quelle assurance pour le lieu ?",
        "dis-moi, quelle assurance pour le lieu ?",
        "tu pourrais me dire quelle assurance pour le lieu ?",
        "une dernière question : quelle assurance pour le lieu ?",
        "question: quelle assurance pour le lieu ?",
    ],
)
def test_greetings_and_thanks_are_set_aside(text: str) -> None:
    asked = apart(text).question
    assert (asked.text, asked.context_text) == ("quelle assurance pour le lieu ?", "")


@pytest.mark.parametrize(
    "text", ["non, je parlais du salaire", "je parlais de la formation", "je voulais dire le prix"]
)
def test_what_is_put_right_is_what_counts(text: str) -> None:
    assert apart(text).question.text.split()[-1] == text.split()[-1]
    assert "je" not in apart(text).question.text


@pytest.mark.parametrize(
    "text",
    [
        *("sinon", "dis", "petite question", "du coup", "Bonjour", "et sinon ?", "tu peux me dire ?"),
        *("Au fait du droit", "Du coup de pouce", "vous pouvez me rappeler demain ?"),
    ],
)
def test_what_only_opens_a_message_stays(text: str) -> None:
    assert apart(text).question.text == text


def test_a_post_is_read_by_its_question_and_keeps_its_story() -> None:
    asked = apart("Bonjour,\nNous ouvrons en mai. La mairie nous suit. Quelle assurance prendre ?\nMerci").question
    assert asked.text == "Quelle assurance prendre ?"
    assert asked.context_text == "Nous ouvrons en mai. La mairie nous suit."


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (
            "Quelle fiche de poste pour un fabmanager ? Et quelle assurance pour le lieu ?",
            ["Quelle fiche de poste pour un fabmanager ?", "Et quelle assurance pour le lieu ?"],
        ),
        (
            "Où trouver une fiche de poste et quelle assurance pour le lieu ?",
            ["Où trouver une fiche de poste", "quelle assurance pour le lieu ?"],
        ),
    ],
)
def test_several_questions_are_found(text: str, asked: list[str]) -> None:
    assert [part.text for part in apart(text).parts] == asked


@pytest.mark.parametrize(
    ("text", "context"),
    [
        ("Quelle fiche de poste pour un fabmanager, et quel salaire ?", "Quelle fiche de poste pour un fabmanager"),
        ("Quelle formation de fabmanager et est ce qu’il y a une subvention pour la formation ?", ""),
    ],
)
def test_a_question_that_says_little_is_read_with_those_before_it(text: str, context: str) -> None:
    first, second = apart(text).parts
    assert (first.context_text, second.context_text) == ("", context)


@pytest.mark.parametrize(
    "text",
    [
        "Quelle fiche de poste pour un fabmanager ? Et combien ?",
        "Quelle fiche de poste pour un fabmanager et comment ?",
        "La fiche de poste du fabmanager et son salaire",
        "",
        "😀",
    ],
)
def test_what_says_nothing_alone_is_no_question_of_its_own(text: str) -> None:
    assert apart(text).parts == ()


@pytest.mark.parametrize(
    "text",
    ["Quel statut pour un fabmanager ? Et quel salaire", "quel statut pour un fabmanager et quel salaire"],
)
def test_a_second_question_needs_no_mark(text: str) -> None:
    assert [part.text.lower() for part in apart(text).parts][1].endswith("quel salaire")
    assert "statut pour un fabmanager" in apart(text).parts[1].context_text


def test_a_few_words_are_read_with_what_follows_too() -> None:
    first, second = apart("Quel salaire et quelle formation pour un fabmanager ?").parts
    assert (first.text, first.context_text) == ("Quel salaire", "quelle formation pour un fabmanager ?")
    assert second.context_text == ""


def test_at_most_four_questions_are_answered() -> None:
    text = " ".join(f"Quelle assurance pour le lieu {n} ?" for n in range(9))
    assert len(apart(text).parts) == 4


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
    ("Are there grants other than Leader?", "Are there grants ?", "Leader"),
    ("Besides the region, who gives grants?", "who gives grants?", "the region"),
    ("Apart from the cooperative, where can I train?", "where can I train?", "the cooperative"),
    ("Except for Fonjep, which grants are there?", "which grants are there?", "Fonjep"),
]


@pytest.mark.parametrize(("text", "left", "excluded"), EXCLUDING, ids=[text for text, _, _ in EXCLUDING])
def test_what_a_question_excludes_is_set_aside(text: str, left: str, excluded: str) -> None:
    asked = apart(text).question
    assert (asked.text, asked.excluded) == (left, excluded)


NOT_EXCLUDING = [
    "Sauf erreur, quel statut pour un lieu ?",
    "Sauf erreur de ma part il n'y a pas de formation de fabmanager ?",
    "L'assurance marche sauf que la mairie refuse, que faire ?",
    "On ferme le lieu sauf si la mairie accepte, est-ce légal ?",
    "Le concierge est-il un métier à part entière ?",
    "À partir de quel âge vient-on au lieu ?",
    "Peut-on louer le lieu à partir de lundi pour une formation ?",
    "Est-ce que quelqu'un a participé à la formation de fabmanager ?",
    "qqn a une fiche de poste a partager pour un fabmanager ?",
    "Quelqu'un a partagé la fiche de poste du fabmanager ?",
    "Peut-on avoir une aide exceptionnelle pour notre lieu ?",
    "J'ai une autre question sur l'assurance du lieu",
    "Qui connaît un autre lieu quelque part en Creuse ?",
    "sauf le dimanche ?",
    "à part ça ?",
    "sauf",
    "à part",
]


@pytest.mark.parametrize("text", NOT_EXCLUDING)
def test_what_only_looks_like_it_excludes_nothing(text: str) -> None:
    asked = apart(text).question
    assert asked.excluded == ""
    assert f"{asked.context_text} {asked.text}".split() == text.split()


def test_what_is_asked_for_is_kept_when_another_one_is_meant() -> None:
    """« un autre statut que … »: it is a statut that is asked for."""
    asked = apart("Existe-t-il un autre statut que l'association pour un lieu ?").question
    assert "statut" in asked.text
    assert "association" in asked.excluded


def test_each_question_of_a_message_knows_what_it_excludes() -> None:
    post = apart("À part la mairie, quelle fiche de poste pour un fabmanager ? Et quelle assurance pour le lieu ?")
    assert [part.excluded for part in post.parts] == ["la mairie", "la mairie"]


# Long posts

STORY = "Nous avons repris une ancienne gare avec la mairie et une douzaine de bénévoles qui bricolent le samedi. "
LAST = "Reste à savoir quelle assurance il faut pour le lieu"


def test_of_a_long_post_the_sentence_that_asks_is_read_alone_and_the_whole_as_well() -> None:
    post = apart(f"Bonjour,\n{STORY}La formation de fabmanager est en mai. {LAST}\nMerci d'avance")
    whole, asks = (reading.text for reading in post.readings)
    assert asks == LAST
    assert whole.startswith("Nous avons repris")
    assert whole.endswith(LAST)
    assert not [text for text in (whole, asks) if "Bonjour" in text or "Merci" in text]


def test_a_sentence_without_words_of_the_knowledge_is_not_read_alone() -> None:
    _, *alone = (reading.text for reading in apart(f"{STORY}Il y a du monde. {LAST}").readings)
    assert alone == [LAST]


@pytest.mark.parametrize("text", ["Une assurance pour le lieu. Merci.", STORY, "", LAST + ". " + "Bonne journée."])
def test_a_short_message_is_not_taken_apart(text: str) -> None:
    assert len(apart(text).readings) == 1


def test_what_a_post_excludes_counts_for_its_sentence_too() -> None:
    post = apart(f"{STORY}À part la Macif, on ne connaît personne. {LAST}")
    assert {reading.excluded for reading in post.readings} == {"la Macif"}


@pytest.mark.parametrize(
    ("text", "is_nothing_else"),
    [("merci beaucoup, c'est parfait", True), ("🙏 !!", True), ("", True), ("как стать фабменеджером", False)],
)
def test_courtesy_has_no_words_in_another_alphabet(text: str, is_nothing_else: bool) -> None:
    assert is_courtesy(text) is is_nothing_else
