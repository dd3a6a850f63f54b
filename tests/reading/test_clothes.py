"""What a message wears around its question. Sentences of these tests are in no list of examples."""

from __future__ import annotations

from time import process_time

import numpy as np
import pytest

from bot.reading.clothes import WIDTH, clauses, kept, undress, word_columns
from bot.reading.model import shipped_model


def bared(text: str) -> str:
    return undress(text, shipped_model().clothes)


@pytest.mark.parametrize(
    "text",
    [
        "Bonjour à toutes et tous, où louer une salle à Quimper ? Merci d'avance !",
        "Bonsoir, petite question : où louer une salle à Quimper ?",
        "Coucou tout le monde ! où louer une salle à Quimper",
        "Hello everyone, où louer une salle à Quimper ? Thanks a lot",
        "où louer une salle à Quimper ?\n\nMerci beaucoup,\nJeanne",
    ],
)
def test_clothes_are_cut(text: str) -> None:
    assert bared(text).rstrip(" ?!") == "où louer une salle à Quimper"


@pytest.mark.parametrize(
    "text",
    [
        "Où louer une salle à Quimper ?",
        "ma voisine dit que la salle est fermée le lundi, elle a raison ?",
        "On a repris l'ancienne poste avec la mairie. Quel bail signer ?",
        "Which licence do we need to sell beer at a concert?",
        "le salaire",
        *("Bonjour", "merci beaucoup", "", "😀", "?", "salut ça va"),
    ],
)
def test_what_is_bare_stays_as_it_is(text: str) -> None:
    assert bared(text) == text


def test_the_question_mark_behind_the_clothes_is_no_loss_and_the_one_before_them_stays() -> None:
    assert bared("Bonjour, où louer une salle à Quimper ? Merci").endswith("?")


def test_something_that_means_something_is_left() -> None:
    everything = np.full((WIDTH, 2), 1, np.float32)
    assert undress("où est la salle ?", everything) == "où est la salle ?"
    assert "salle" in undress("bonjour salle merci", everything * np.float32([1, 0]))


@pytest.mark.parametrize(
    ("logits", "span"),
    [
        ([(1, -1), (-1, -1), (-1, 1)], (1, 1)),
        ([(-1, -1), (3, -1), (-1, -1)], (2, 2)),
        ([(-1, -1)], (0, 0)),
    ],
)
def test_the_ends_with_the_highest_sums_are_cut(logits: list[tuple[int, int]], span: tuple[int, int]) -> None:
    assert kept(np.array(logits, np.float32)) == span


def test_the_middle_of_a_long_text_stays() -> None:
    text = " ".join(f"mot{number}" for number in range(500))
    everything = np.full((WIDTH, 2), 1, np.float32)
    assert len(undress(text, everything).split()) >= 420
    assert len(word_columns(text).spans) <= 80


def test_a_long_post_takes_no_longer_than_its_ends() -> None:
    text = "Bonjour, " + "nous avons un atelier au village et des machines. " * 100 + "Qui nous assure ? Merci"
    start = process_time()
    for _ in range(20):
        bared(text)
    assert (process_time() - start) / 20 < 0.05


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (
            "Qui assure le four à pain et combien coûte l'adhésion ?",
            ["Qui assure le four à pain", "et combien coûte l'adhésion ?"],
        ),
        ("Peut-on louer la salle et le jardin ?", ["Peut-on louer la salle et le jardin ?"]),
        ("", []),
    ],
)
def test_another_question_may_begin_in_a_sentence(text: str, asked: list[str]) -> None:
    assert clauses(text, shipped_model().joints) == asked
