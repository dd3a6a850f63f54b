"""Bars that are as high as their numbers, and tables that a spreadsheet opens without running anything."""

from __future__ import annotations

import csv
import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.plots import HEIGHT, WIDTH, Plot, PlotSeries, stacked
from bot.replies.spreadsheet import to_csv

COUNTS = st.integers(0, 10_000)
COLUMNS = st.integers(0, 20).flatmap(
    lambda number: st.lists(st.lists(COUNTS, min_size=number, max_size=number), min_size=1, max_size=3)
)


def plot(*values: list[int]) -> Plot:
    series = [PlotSeries(f"Série {at}", "answered", one) for at, one in enumerate(values)]
    return stacked([f"S{at}" for at in range(len(values[0]))], series)


@given(values=COLUMNS)
def test_each_bar_is_within_the_drawing_and_as_high_as_its_number(values: list[list[int]]) -> None:
    drawn = plot(*values)
    assert len(drawn.bars) == sum(1 for one in values for value in one if value)
    for bar in drawn.bars:
        assert 0 <= bar.x <= bar.x + bar.width <= WIDTH + 0.01
        assert -0.01 <= bar.y <= bar.y + bar.height <= HEIGHT
    lines = {int(mark.text): mark.at for mark in drawn.grid}
    unit = (lines[0] - lines[max(lines)]) / max(lines)
    assert sum(bar.height for bar in drawn.bars) == pytest.approx(unit * sum(map(sum, values)), rel=0.01, abs=0.2)


def test_the_parts_of_a_column_stand_on_each_other_and_say_what_they_are() -> None:
    drawn = plot([3, 0], [1, 2])
    first, second, third = drawn.bars
    assert second.y + second.height == pytest.approx(first.y, abs=0.02)
    assert third.y + third.height == drawn.grid[0].at
    assert [bar.text for bar in drawn.bars] == ["S0 – Série 0 (3)", "S0 – Série 1 (1)", "S1 – Série 1 (2)"]


@pytest.mark.parametrize(
    ("most", "numbers"),
    [(0, ["0", "1"]), (3, ["0", "1", "2", "3"]), (7, ["0", "2", "4", "6", "8"]), (240, ["0", "100", "200", "300"])],
)
def test_the_grid_counts_in_round_numbers(most: int, numbers: list[str]) -> None:
    assert [mark.text for mark in plot([most]).grid] == numbers


def test_labels_have_room_on_a_phone() -> None:
    marks = plot([1] * 14).labels
    assert len(marks) <= 6
    assert all(after.at - before.at >= 50 for before, after in pairwise(marks))


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
