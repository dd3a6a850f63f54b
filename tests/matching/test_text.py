"""Text as people type it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching.text import LONGEST, clean, cut_vocative, fold, sentences, words

NAMES = ("Concierge", "@concierge:example.org")


@pytest.mark.parametrize(
    ("text", "mentioned", "rest"),
    [
        ("concierge : où trouver une fiche ?", False, "où trouver une fiche ?"),
        ("Concierge: où ?", False, "où ?"),
        ("Concierge\u00a0: où ?", False, "où ?"),
        ("CONCIERGE\u202f:\u00a0où ?", False, "où ?"),
        ("  concierge :\noù ?", False, "où ?"),
        ("Bonjour Concierge : où ?", False, "où ?"),
        ("Bonjour, concierge : où ?", False, "où ?"),
        ("@concierge où ?", False, "où ?"),
        ("@Concierge, où ?", False, "où ?"),
        ("@concierge:example.org où ?", False, "où ?"),
        ("@concierge:example.org: où ?", False, "où ?"),
        ("concierge, où ?", True, "où ?"),
        ("Concierge où ?", True, "où ?"),
        ("@concierge", False, ""),
        ("concierge", True, ""),
    ],
)
def test_a_call_at_the_start_is_cut_off(text: str, mentioned: bool, rest: str) -> None:
    assert cut_vocative(text, NAMES, mentioned) == (rest, True)


@pytest.mark.parametrize(
    ("text", "mentioned"),
    [
        ("Concierge de tiers-lieu, quelle formation ?", False),
        ("Concierge de tiers-lieu, quelle formation ?", True),
        ("Concierge d'immeuble : quel salaire ?", False),
        ("concierge, quel beau métier", False),
        ("conciergerie : où ?", False),
        ("quelle formation de concierge : longue ou courte ?", False),
        ("@concierges où ?", False),
        ("Bonjour", True),
        ("", False),
    ],
)
def test_the_name_is_a_word_of_the_field_elsewhere(text: str, mentioned: bool) -> None:
    assert cut_vocative(text, NAMES, mentioned) == (text, False)


def test_names_are_compared_without_case_and_accents() -> None:
    assert cut_vocative("maitre d'hotel : quoi ?", ("Maître d'hôtel",), False) == ("quoi ?", True)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Où se former à l’École ?", "ou se former a l ecole ?"),
        ("des facilitateur·rices", "des facilitateur"),
        ("un·e facilitateur.ice", "un facilitateur"),
        ("les salarié(e)s", "les salaries"),
        ("étudiant·e·s et adhérent.es", "etudiants et adherent"),
        ("animateur/trice", "animateur"),
        ("tiers-lieux", "tiers lieux"),
        ("c koi un pr pr ds", "c est quoi un pour pour dans"),
        ("qqn aurait des infos", "quelqu un aurait des information"),
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
        ("salariées", "salarié"),
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
        ("la place du village", ["plac", "villag"]),
        ("LA PLACE DU VILLAGE", ["plac", "villag"]),
        ("URGENT : OFFRE DE MISSION, voir en bas", ["urgent", "offr", "mission", "voir", "bas"]),
    ],
)
def test_a_degree_in_capitals_is_no_stop_word(text: str, kept: list[str]) -> None:
    assert words(fold(text)) == kept


def test_a_full_stop_in_an_address_is_no_inclusive_ending() -> None:
    assert fold("movilab.org") == "movilab.org"


def test_invisible_characters_do_not_split_words() -> None:
    assert clean("for\u200bma\u00adtion \u202e?") == "formation ?"


def test_links_are_not_read() -> None:
    assert clean("voir https://example.org/fiche-de-poste ici").split() == ["voir", "ici"]


def test_a_message_is_cut_into_sentences() -> None:
    assert sentences("Bonjour,\nOn recrute. Une idée ?Merci !") == ["Bonjour", "On recrute.", "Une idée ?", "Merci !"]


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    assert len(clean(text)) <= LONGEST * 18  # one sign may unfold to eighteen
    assert all(word for word in words(fold(clean(text))))
    rest, called = cut_vocative(text, NAMES, True)
    assert text.endswith(rest) or called
