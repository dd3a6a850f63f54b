"""Words and n-grams, weighted by rarity."""

from __future__ import annotations

import numpy as np
import pytest

from bot.arrays import Numbers
from bot.matching import postings as module
from bot.matching.postings import MAX_COUNT, TERMS, Postings, TermCounter, TermTable
from bot.matching.terms import LENGTH, Numbering, SynonymMap, grams

Row = list[tuple[Numbers, int]]


def of_rows(rows: dict[int, Row], size: int) -> Postings:
    counter = TermCounter()
    for number, texts in rows.items():
        counter.add(number, texts)
    return counter.postings(size)


def counted(rows: dict[int, Row], size: int) -> TermTable:
    return of_rows(rows, size).table


def rows(*texts: Row) -> Postings:
    return of_rows(dict(enumerate(texts)), len(texts))


def postings(*texts: str) -> Postings:
    return rows(*([(grams(text), 1)] for text in texts))


def test_n_grams_are_numbered_without_collisions() -> None:
    text = "abc 9xyz tiers lieu de la foret"
    padded = f" {text} "
    runs = {padded[i : i + LENGTH] for i in range(len(padded) - LENGTH + 1)}
    assert len(np.unique(grams(text))) == len(runs)


@pytest.mark.parametrize("text", ["", "a", "ab", "é😀"])
def test_a_text_shorter_than_an_n_gram_has_few_or_none(text: str) -> None:
    assert grams(text).ndim == 1


def test_a_row_is_like_itself_and_unlike_what_shares_nothing() -> None:
    similarity = postings("formation", "assurance", "budget").similarity(grams("formation"))
    assert similarity[0] == pytest.approx(1.0, abs=1e-5)
    assert similarity[2] == 0.0


def test_rare_words_weigh_more_than_common_ones() -> None:
    numbers = Numbering()
    texts = [["lieu", "deffinov"], ["lieu", "bail"], ["lieu", "budget"], ["lieu", "projet"]]
    found = rows(*([(numbers.learn(text), 1)] for text in texts))
    similarity = found.similarity(numbers.look_up(["lieu", "deffinov"]))
    assert similarity.argmax() == 0
    assert similarity[0] > 2 * similarity[1]


def test_what_counts_twice_weighs_more() -> None:
    numbers = Numbering()
    title, answer = numbers.learn(["bail"]), numbers.learn(["budget"])
    found = rows([(title, 3), (answer, 1)], [(title, 1), (answer, 3)])
    assert found.similarity(numbers.look_up(["bail"])).argmax() == 0


def test_unknown_words_make_everything_less_alike() -> None:
    numbers = Numbering()
    found = rows([(numbers.learn(["bail", "commercial"]), 1)])
    known = found.similarity(numbers.look_up(["bail", "commercial"]))
    assert found.similarity(numbers.look_up(["bail", "commercial", "zzz"])) < known


def test_nothing_at_all_is_like_nothing() -> None:
    assert postings("formation").similarity(np.empty(0, np.int64)).tolist() == [0.0]
    assert rows().similarity(grams("formation")).tolist() == []


def test_the_terms_of_a_row_are_those_it_was_made_of() -> None:
    numbers = Numbering()
    found = rows([(numbers.learn(["a", "b"]), 1)], [(numbers.learn(["b", "c"]), 1)])
    assert sorted(found.terms_of(1)) == sorted(numbers.look_up(["b", "c"]))
    assert found.contains(1, numbers.look_up(["a", "b", "zzz"])).tolist() == [False, True, False]


def test_terms_that_are_counted_a_few_at_a_time_come_out_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [
        "une fiche de poste",
        "assurer le lieu",
        "le service civique",
        "",
        "une assurance",
        "fiche de paie du lieu",
    ]
    some = {number: [(grams(text), 1 + number % 2), (grams("lieu"), 1)] for number, text in enumerate(texts)}
    whole = Postings(counted(some, 6), 6)
    monkeypatch.setattr(module, "_UNCOUNTED", 20)
    one_by_one = Postings(counted(some, 6), 6)
    columns = ("terms", "starts", "rows", "counts")
    assert all(np.array_equal(getattr(one_by_one.table, name), getattr(whole.table, name)) for name in columns)


def test_the_largest_terms_rows_and_counts_keep_apart() -> None:
    numbers, most = np.array([0, 1, TERMS - 1]), 2**20
    found = counted({0: [(numbers, 1)], most: [(np.repeat(numbers, MAX_COUNT + 9), 1)]}, most + 1)
    assert found.terms.tolist() == numbers.tolist()
    assert found.rows.tolist() == [0, most] * 3
    assert found.counts.tolist() == [1, MAX_COUNT] * 3


def test_synonyms_count_under_one_name_the_longest_first() -> None:
    groups = SynonymMap((("fabmanager", "Fab manager"), ("fablab", "fab")))
    assert groups.fold(["un", "fab", "manag", "au", "fab"]) == ["un", "fabmanag", "au", "fablab"]
