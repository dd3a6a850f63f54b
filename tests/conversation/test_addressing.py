"""Which texts call the bot, and what is left of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.addressing import cut_vocative

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


@given(st.text(max_size=300))
def test_any_text_can_be_cut(text: str) -> None:
    rest, called = cut_vocative(text, NAMES, True)
    assert text.endswith(rest) or called
