"""Tables that a spreadsheet opens without running anything."""

import csv
import io

from bot.desk.figures import to_csv


def test_a_table_keeps_its_accents_commas_quotes_and_lines() -> None:
    rows = [["Réponse", "fois"], ['Dite "école", oui\nnon', 3]]
    data = to_csv(rows)
    assert data.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";")) == [
        rows[0],
        [rows[1][0], "3"],
    ]


def test_no_cell_is_run_as_a_formula() -> None:
    for cell in ("=1+1", "+33 1 23", "-2", "@SUM(A1)", "\t=1", " =1", "\r=1"):
        (row,) = csv.reader(io.StringIO(to_csv([[cell]]).decode("utf-8-sig"), newline=""), delimiter=";")
        assert row == [f"'{cell}"]
