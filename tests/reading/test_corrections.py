"""What a network says was misread: one line teaches it, and the rest is read as before."""

from pathlib import Path

import numpy as np
import pytest

from bot.knowledge.library import Library
from bot.knowledge.models import Knowledge, Misread
from bot.matching.index import Index
from bot.reading import ReadAs
from bot.reading.examples import read
from bot.reading.read import Reader
from tests.knowledge.test_library import TODAY, entry, theme, write

NADINE = Path(__file__).parents[2] / "training" / "judged" / "nadine.jsonl"

MISREAD: list[tuple[str, ReadAs]] = [
    *(("bof", "complaint"), ("ça roule ma poule", "ack"), ("kesako ce truc", "about_bot")),
    *(("et la paye ça donne quoi", "question"), ("la paye de mars est tombée, youpi", "talk")),
]


def test_each_is_read_as_it_was_said(reader: Reader) -> None:
    corrected = reader.corrected(MISREAD)
    for text, what in [*MISREAD, ("ÇA ROULE MA POULE", "ack")]:
        reading = corrected.read(text, "answer")
        assert reading.act == (None if what in ("question", "talk") else what), text
        if reading.act is None:
            assert (reading.asks > 0.5) == (what == "question"), text


def test_all_else_is_read_as_before(reader: Reader) -> None:
    examples = [one for one in read(NADINE) if one.label not in ("called", "noun")]

    def right(some: Reader) -> float:
        return float(np.mean([some.read(one.text, one.said).act == one.act for one in examples]))

    assert right(reader.corrected(MISREAD)) >= right(reader) - 0.01


def test_without_a_word_nothing_is_corrected(reader: Reader) -> None:
    empty: list[tuple[str, ReadAs]] = [("\u200b", "thanks"), (" \ufeff ", "thanks")]
    assert reader.corrected(()) is reader
    assert reader.corrected(empty) is reader
    assert reader.corrected([*empty, ("ça roule ma poule", "ack")]).read("ça roule ma poule").act == "ack"


READINGS = "readings:\n  - text: ça roule ma poule\n    read_as: ack\n"


@pytest.mark.parametrize("name", ["lectures", "readings"])
def test_a_file_corrects_the_index_of_its_knowledge(tmp_path: Path, name: str) -> None:
    folder = write(tmp_path / "knowledge", accueil=theme(entry("bonjour")), **{name: READINGS})
    knowledge = Library(folder).load(TODAY).knowledge
    assert knowledge.readings == (Misread(text="ça roule ma poule", read_as="ack"),)
    assert Index(knowledge).reader.read("ça roule ma poule").act == "ack"
    assert Index(Knowledge(knowledge.entries)).reader.read("ça roule ma poule").act != "ack"


def test_a_line_that_says_nothing_is_named(tmp_path: Path) -> None:
    for text, line in (
        *(("readings:\n  - text: nickel\n    read_as: merci\n", 3), ("readings:\n  - text: nickel\n", 2)),
        *(("readings:\n  - read_as: thanks\n", 2), ("readings: nickel\n", 1)),
    ):
        folder = write(tmp_path / "knowledge", accueil=theme(entry("bonjour")), lectures=text)
        problems = Library(folder).load(TODAY).problems
        assert [(problem.file.rsplit("/", 1)[-1], problem.line) for problem in problems] == [("lectures.yaml", line)]
