"""A message taken apart."""

from __future__ import annotations

import pytest

from bot.matching.calibration import shipped_table
from bot.matching.split import SplitMessage, split_message
from bot.matching.text import clean

KNOWN = ("fiche", "poste", "fabmanager", "salaire", "assurance", "formation", "subvention", "lieu", "prix", "statut")


def apart(text: str) -> SplitMessage:
    """Every known word weighs one."""
    return split_message(
        clean(text), shipped_table(False).question, lambda part: sum(word in part.lower() for word in KNOWN)
    )


@pytest.mark.parametrize(
    "text",
    [
        "Bonjour, quelle assurance pour le lieu ?",
        "Bonjour à toutes et tous, quelle assurance pour le lieu ? Merci d'avance",
        "Hello everyone, quelle assurance pour le lieu ?\nBien cordialement",
        "quelle assurance pour le lieu ?\n\nUn grand merci !",
    ],
)
def test_greetings_and_thanks_are_set_aside(text: str) -> None:
    whole = apart(text).whole
    assert (whole.text, whole.context_text) == ("quelle assurance pour le lieu ?", "")


def test_a_post_is_read_by_its_question_and_keeps_its_story() -> None:
    whole = apart("Bonjour,\nNous ouvrons en mai. La mairie nous suit. Quelle assurance prendre ?\nMerci").whole
    assert whole.text == "Quelle assurance prendre ?"
    assert whole.context_text == "Nous ouvrons en mai. La mairie nous suit."


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
    assert [part.text for part in apart(text).questions] == asked


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
    assert apart(text).questions == ()


def test_at_most_four_questions_are_answered() -> None:
    text = " ".join(f"Quelle assurance pour le lieu {n} ?" for n in range(9))
    assert len(apart(text).questions) == 4
