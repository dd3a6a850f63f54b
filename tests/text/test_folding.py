"""Text as people type it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.folding import LONGEST, clean, fold, sentences, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Où se former à l’École ?", "ou se former a l ecole ?"),
        ("un·e facilitateur.ice", "un facilitateur"),
        ("les salarié(e)s", "les salaries"),
        ("étudiant·e·s et adhérent.es", "etudiants et adherent"),
        ("animateur/trice", "animateur"),
        ("C'koi la diff ?", "c est quoi la difference ?"),
        ("movilab.org", "movilab.org"),  # a full stop in an address is no inclusive ending
        ("Œuvre", "oeuvre"),
    ],
)
def test_spellings_fold_to_one(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("facilitatrices", "facilitateur"),
        ("tiers-lieux", "tiers lieu"),
        ("conseillère", "conseiller"),
        ("activated cards", "activate card"),
        ("companies", "company"),
        ("ouvrières", "ouvrier"),
    ],
)
def test_gender_number_and_endings_do_not_count(one: str, other: str) -> None:
    assert words(fold(one)) == words(fold(other))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Le DU de Belfort", ["diplom", "universitair", "belfort"]),
        ("LA PLACE DU VILLAGE", ["plac", "villag"]),
        ("URGENT : OFFRE DE MISSION, voir en bas", ["urgent", "offr", "mission", "voir", "bas"]),
    ],
)
def test_a_degree_in_capitals_is_no_stop_word(text: str, kept: list[str]) -> None:
    assert words(fold(text)) == kept


def test_invisible_characters_do_not_split_words_and_links_are_not_read() -> None:
    assert clean("for\u200bma\u00adtion \u202e?") == "formation ?"
    assert clean("voir https://example.org/fiche-de-poste ici").split() == ["voir", "ici"]


def test_a_message_is_cut_into_sentences() -> None:
    assert sentences("Bonjour,\nOn recrute. Une idée ?Merci !") == ["Bonjour", "On recrute.", "Une idée ?", "Merci !"]


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    assert len(clean(text)) <= LONGEST * 18  # one sign may unfold to eighteen
    assert all(word for word in words(fold(clean(text))))
