"""Words and n-grams, weighted by rarity."""

from __future__ import annotations

import numpy as np
import pytest

from bot.matching.lexical import LENGTH, Numbering, Postings, Synonyms, grams


def postings(*texts: str) -> Postings:
    return Postings([[(grams(text), 1)] for text in texts], by_row=True)


def test_n_grams_are_numbered_without_collisions() -> None:
    text = "abc 9xyz tiers lieu de la foret"
    padded = f" {text} "
    runs = {padded[i : i + LENGTH] for i in range(len(padded) - LENGTH + 1)}
    assert len(np.unique(grams(text))) == len(runs)


@pytest.mark.parametrize("text", ["", "a", "ab", "é😀"])
def test_a_text_shorter_than_an_n_gram_has_few_or_none(text: str) -> None:
    assert grams(text).ndim == 1


def test_a_row_is_like_itself_and_unlike_what_shares_nothing() -> None:
    likeness = postings("formation", "assurance", "budget").likeness(grams("formation"))
    assert likeness[0] == pytest.approx(1.0, abs=1e-5)
    assert likeness[2] == 0.0


def test_rare_words_weigh_more_than_common_ones() -> None:
    rows = Numbering()
    texts = [["lieu", "deffinov"], ["lieu", "bail"], ["lieu", "budget"], ["lieu", "projet"]]
    found = Postings([[(rows.learn(text), 1)] for text in texts])
    likeness = found.likeness(rows.look_up(["lieu", "deffinov"]))
    assert likeness.argmax() == 0
    assert likeness[0] > 2 * likeness[1]


def test_what_counts_twice_weighs_more() -> None:
    numbers = Numbering()
    title, answer = numbers.learn(["bail"]), numbers.learn(["budget"])
    found = Postings([[(title, 3), (answer, 1)], [(title, 1), (answer, 3)]])
    assert found.likeness(numbers.look_up(["bail"])).argmax() == 0


def test_the_products_of_all_rows_are_their_likenesses_to_one_another() -> None:
    texts = ("formation de facilitateur", "facilitateur", "formation", "assurance")
    found = postings(*texts)
    expected = np.stack([found.likeness(grams(text)) for text in texts])
    assert found.products() == pytest.approx(expected, abs=1e-4)


def test_unknown_words_make_everything_less_alike() -> None:
    numbers = Numbering()
    found = Postings([[(numbers.learn(["bail", "commercial"]), 1)]])
    known = found.likeness(numbers.look_up(["bail", "commercial"]))
    assert found.likeness(numbers.look_up(["bail", "commercial", "zzz"])) < known


def test_nothing_at_all_is_like_nothing() -> None:
    assert postings("formation").likeness(np.empty(0, np.int64)).tolist() == [0.0]
    assert Postings([]).likeness(grams("formation")).tolist() == []


def test_the_terms_of_a_row_are_those_it_was_made_of() -> None:
    numbers = Numbering()
    found = Postings([[(numbers.learn(["a", "b"]), 1)], [(numbers.learn(["b", "c"]), 1)]], by_row=True)
    assert sorted(found.terms_of(1)) == sorted(numbers.look_up(["b", "c"]))


def test_synonyms_count_under_one_name_the_longest_first() -> None:
    groups = Synonyms({("fab", "manager"): "fabmanager", ("fab",): "fablab"})
    assert groups.fold(["un", "fab", "manager", "au", "fab"]) == ["un", "fabmanager", "au", "fablab"]
