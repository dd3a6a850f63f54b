"""The plays of tests/play, what people expect of the bot, line by line: piece.md with the shipped answers, as
`python -m tools.play` reports it, and semaine.md with those that a new network imports."""

import os
from pathlib import Path

import pytest

from bot.knowledge.library import Library
from bot.knowledge.models import Knowledge
from bot.matching.embedding_cache import EmbeddingCache
from tests.encryption.members import Missing
from tests.play import script
from tests.play.on_paper import Paperwork
from tests.play.on_week import WEEK, NewNetwork
from tests.play.performance import check_words, perform
from tests.play.rooms import KNOWLEDGE, open_house
from tests.scene import START


@pytest.fixture(scope="module")
def answers() -> Knowledge:
    return Library(KNOWLEDGE).load(START.date()).knowledge


def test_each_line_can_be_checked(answers: Knowledge) -> None:
    assert check_words([*script.read(), *script.read(WEEK)], answers) == []


async def test_on_paper(tmp_path: Path, shipped_embeddings: EmbeddingCache, answers: Knowledge) -> None:
    report = await perform(Paperwork(shipped_embeddings), script.read(), answers, tmp_path)
    assert not report.differences, f"\n{report}"


async def test_the_first_week(tmp_path: Path, embeddings: EmbeddingCache, cache: Path) -> None:
    report = await perform(NewNetwork(embeddings, cache), script.read(WEEK), Knowledge({}), tmp_path)
    assert not report.differences, f"\n{report}"


@pytest.mark.soak
@pytest.mark.usefixtures("shipped_embeddings")
async def test_in_rooms(tmp_path: Path, answers: Knowledge) -> None:
    scenes = [scene for scene in script.read() if not scene.on_paper_only]
    try:
        async with open_house(scenes) as house:
            report = await perform(house, scenes, answers, tmp_path)
    except Missing as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(missing))
    assert not report.differences, f"\n{report}"
