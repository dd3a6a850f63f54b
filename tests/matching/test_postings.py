"""Words and n-grams as they are counted, and the names that synonyms share."""

from __future__ import annotations

import numpy as np
import pytest

from bot.arrays import Numbers
from bot.matching import postings as module
from bot.matching.postings import Postings, TermCounter, TermTable
from bot.matching.terms import SynonymMap, grams


def counted(rows: dict[int, list[tuple[Numbers, int]]], size: int) -> TermTable:
    counter = TermCounter()
    for number, texts in rows.items():
        counter.add(number, texts)
    return counter.postings(size).table


def test_terms_that_are_counted_a_few_at_a_time_come_out_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ("une fiche de poste", "assurer le lieu", "le service civique", "", "une assurance", "fiche de paie")
    some = {number: [(grams(text), 1 + number % 2), (grams("lieu"), 1)] for number, text in enumerate(texts)}
    whole = Postings(counted(some, 6), 6)
    monkeypatch.setattr(module, "_UNCOUNTED", 20)
    one_by_one = Postings(counted(some, 6), 6)
    columns = ("terms", "starts", "rows", "counts")
    assert all(np.array_equal(getattr(one_by_one.table, name), getattr(whole.table, name)) for name in columns)


def test_synonyms_count_under_one_name_the_longest_first() -> None:
    groups = SynonymMap((("fabmanager", "Fab manager"), ("fablab", "fab")))
    assert groups.fold(["un", "fab", "manag", "au", "fab"]) == ["un", "fabmanag", "au", "fablab"]
