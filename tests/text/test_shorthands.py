"""What people type on a phone."""

from __future__ import annotations

import pytest

from bot.text.folding import clean, fold
from bot.text.shorthands import SHORTHANDS, expand


@pytest.mark.parametrize(
    ("typed", "full"),
    [
        ("c koi un fablab", "c'est quoi un fablab"),
        ("ça dure cb de tps", "ça dure combien de temps"),
        ("qqn aurait une fiche pr un prof ?", "quelqu'un aurait une fiche pour un professeur ?"),
        ("es ce qu'un AED peut", "est-ce qu'un AED peut"),
        ("ya t-il des infos", "y a-t-il des informations"),
        ("jveux aider, ki contacter pls", "je veux aider, qui contacter please"),
    ],
)
def test_shorthands_are_read_in_full(typed: str, full: str) -> None:
    assert expand(clean(typed)) == full


@pytest.mark.parametrize(
    "text",
    [
        *("payer par cb", "la diff des deux", "la carte CB", "Fablab vs makerspace", "le prix de l'AC", "quel numéro"),
        *("Y a-t-il une aide ?", "des ınfos ici ?", "Kİ"),
    ],
)
def test_what_may_be_something_else_stays(text: str) -> None:
    assert expand(clean(text)) == text


def test_a_shorthand_counts_as_what_it_stands_for() -> None:
    """'pb' as 'problème', whose accent goes as that of any word."""
    assert [short for short, full in SHORTHANDS.items() if fold(short) != fold(full) or not full.isascii()] == []
