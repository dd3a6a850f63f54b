"""Nobody is named by an address, an id or a mention in what a rehearsal keeps."""

from __future__ import annotations

import pytest

from bot.rehearsal.replay import without_people


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("@ana:example.org tu viens ?", "X tu viens ?"),
        ("@ana:example.org: tu viens ?", "X: tu viens ?"),
        ("merci @Ana_D, @bob.m et @zoé !", "merci X, X et X !"),
        ("écrivez à ana.durand+lab@fab-lab.example.org.", "écrivez à X."),
        ("mailto:ana@example.org", "X"),
        ("ana [at] example.org ou bob (arobase) example.org", "X ou X"),
        ("appelle le 06 12 34 56 78 ou le +33 (0)1 23 45 67 89", "appelle le X ou le X"),
        ("0612345678, 06.12.34.56.78, 06-12-34-56-78", "X, X, X"),
        ("voir https://matrix.to/#/@ana:example.org et https://forum.example.org/u/ana/summary", "voir X et X"),
        ("https://social.example/@ana/1", "X"),
        ("demi \ud800 caractère", "demi ? caractère"),
    ],
)
def test_people_become_one_word(text: str, left: str) -> None:
    assert without_people(text, "X") == left


@pytest.mark.parametrize(
    "text",
    [
        "le 01/05/2026 à 10h30, salle 12",
        "RS5142 et 45 000 € en 2026",
        "https://example.org/formation?id=12",
        "rendez-vous de 10 h à 12 h 30",
        "une imprimante à 1 200 €",
        "@ seul",
    ],
)
def test_dates_prices_and_addresses_of_pages_stay(text: str) -> None:
    assert without_people(text, "X") == text


def test_a_long_text_is_cut_where_nobody_reads_on() -> None:
    assert len(without_people("a " * 30_000, "X")) == 6000
