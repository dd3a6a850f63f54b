"""Which texts call the bot, and what is left of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reading import calls
from bot.reading.calls import MENTIONED, cut_call

NAMES = ("Concierge", "@concierge:example.org")

CALLS = [  # what is said, and what is left of it
    # a name and a sign at the start
    ("concierge : où trouver une fiche ?", "où trouver une fiche ?"),
    ("Concierge: où ?", "où ?"),
    ("CONCIERGE\u202f:\u00a0où ?", "où ?"),
    ("Concierge, c’est quoi un tiers-lieu ?", "c’est quoi un tiers-lieu ?"),
    ("Concierge ! Où trouver une fiche ?", "Où trouver une fiche ?"),
    ("concierge ? tu es là ?", "tu es là ?"),
    ("concierge : concierge : où ?", "où ?"),
    ("Concierge", ""),
    # a greeting before it
    ("Bonjour Concierge : où ?", "Bonjour où ?"),
    ("Bonjour, concierge : où ?", "Bonjour où ?"),
    ("Bonjour concierge quelle formation pour un fabmanager ?", "Bonjour quelle formation pour un fabmanager ?"),
    ("Coucou à tous, Concierge : où ?", "Coucou à tous où ?"),
    ("Dis-moi, concierge, c’est quoi un fablab ?", "Dis-moi c’est quoi un fablab ?"),
    ("non concierge, je voulais dire : où ?", "non je voulais dire : où ?"),
    ("Bonsoir concierge !", "Bonsoir"),
    ("Merci Concierge, c’est parfait", "Merci c’est parfait"),
    ("bjr concierge keske c le fonjep", "bjr keske c le fonjep"),
    ("Bonjour Concierge qu’est-ce qu’un fablab", "Bonjour qu’est-ce qu’un fablab"),
    # where all is said in a word
    ("concierge 2 stp", "2 stp"),
    ("concierge plus", "plus"),
    # where the question is about something else
    ("concierge quelle formation pour devenir fabmanager ?", "quelle formation pour devenir fabmanager ?"),
    ("concierge stp c koi un fablab", "stp c koi un fablab"),
    ("concierge c koi un fabmanager ?", "c koi un fabmanager ?"),
    ("concierge laisse tomber", "laisse tomber"),
    # at the end
    ("Où trouver une fiche de poste, concierge ?", "Où trouver une fiche de poste ?"),
    ("Une fiche de poste, s’il te plaît Concierge !", "Une fiche de poste, s’il te plaît"),
    ("Cher concierge, où trouver une fiche ?", "Cher où trouver une fiche ?"),
    # with a sign that says so
    ("@concierge où ?", "où ?"),
    ("Quelqu’un ou @Concierge sait où ?", "Quelqu’un ou sait où ?"),
    ("Où trouver une fiche de poste @concierge ?", "Où trouver une fiche de poste ?"),
    ("@concierge:example.org où ?", "où ?"),
    ("@concierge", ""),
    # in English
    ("Hey concierge what is a fablab?", "Hey what is a fablab?"),
    ("Good morning Concierge, who pays?", "Good morning who pays?"),
    ("What is a fablab, concierge?", "What is a fablab?"),
    ("Please, Concierge, who pays?", "Please who pays?"),
]


@pytest.mark.parametrize(("text", "rest"), CALLS)
def test_a_call_is_heard_and_cut_off(text: str, rest: str) -> None:
    assert cut_call(text, NAMES) == (rest, True)


@pytest.mark.parametrize(("text", "rest"), [("Concierge où ?", "où ?"), ("Hé Concierge tu viens ?", "Hé tu viens ?")])
def test_where_it_is_mentioned_its_name_needs_no_sign(text: str, rest: str) -> None:
    assert cut_call(text, NAMES, MENTIONED) == (rest, True)


def test_the_noun_calls_nobody_where_the_bot_is_not_mentioned() -> None:
    text = "Concierge est un beau métier"
    assert cut_call(text, NAMES) == (text, False)


@pytest.mark.parametrize("mentioned", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        "Concierge de tiers-lieu, quelle formation ?",
        "Concierge d’immeuble : quel salaire ?",
        "Bonjour, concierge de tiers-lieu depuis un an, où trouver une formation ?",
        "conciergerie : où ?",
        "Où trouver un bon concierge ?",
        "formation concierge ?",
        "@concierges où ?",
        "contact@concierge.fr répond ?",
        "@concierge:ailleurs.org où ?",
        "Bonjour",
        "",
    ],
)
def test_the_name_is_a_word_of_the_field_elsewhere(text: str, mentioned: bool) -> None:
    assert cut_call(text, NAMES, MENTIONED if mentioned else calls.CALLS) == (text, False)


def test_names_are_compared_without_case_and_accents() -> None:
    assert cut_call("maitre d’hotel : quoi ?", ("Maître d’hôtel",)) == ("quoi ?", True)


EDGE = [  # read wrongly so far: whether it calls there, only the sense tells
    ("Je cherche une fiche de poste, concierge", True),
    ("Je suis animatrice, concierge.", False),
    ("Marie, concierge, cherche une formation", False),
    ("concierge 24h", False),
    ("concierge ok pour un CDD", False),
]


@pytest.mark.xfail(reason="the learned reading of names is right for nine of ten at the edge", strict=True)
@pytest.mark.parametrize(("text", "calls"), EDGE)
def test_names_at_the_edge(text: str, calls: bool) -> None:
    assert cut_call(text, NAMES)[1] is calls


@given(st.text(max_size=300))
def test_any_text_can_be_cut(text: str) -> None:
    rest, called = cut_call(text, NAMES, MENTIONED)
    assert rest == text or called


@pytest.mark.parametrize("piece", ["@concierge ", "concierge, ", "bonjour ", "merci , ", "à tous ", " \u00a0,"])
def test_a_long_text_is_cut_in_no_time(piece: str) -> None:
    cut_call(piece * 20_000 + "x", NAMES, MENTIONED)
