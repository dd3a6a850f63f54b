"""Tables that a spreadsheet opens without running anything."""

from __future__ import annotations

import csv
import io

import pytest

from bot.desk.figures import to_csv


def test_a_table_keeps_its_accents_commas_quotes_and_lines() -> None:
    rows = [["Réponse", "fois"], ['Dite "école", oui\nnon', 3]]
    data = to_csv(rows)
    assert data.startswith(b"\xef\xbb\xbf")
    assert b'"Dite ""\xc3\xa9cole"", oui\nnon";3\r\n' in data
    assert list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";")) == [
        ["Réponse", "fois"],
        [rows[1][0], "3"],
    ]


@pytest.mark.parametrize("cell", ["=1+1", "+33 1 23", "-2", "@SUM(A1)", "\t=1", " =1", "\r=1"])
def test_no_cell_is_run_as_a_formula(cell: str) -> None:
    (row,) = csv.reader(io.StringIO(to_csv([[cell]]).decode("utf-8-sig"), newline=""), delimiter=";")
    assert row == [f"'{cell}"]
