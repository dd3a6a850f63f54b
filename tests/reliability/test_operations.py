"""A short walk through the soak: people and misfortunes at random, one reply a question in the end."""

from __future__ import annotations

from random import Random

import pytest

from tests.reliability.operations import Operations
from tests.reliability.started import NewScene

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.thorough
async def test_whatever_people_do_and_whatever_happens_there_is_one_reply_a_question(
    new_scene: NewScene, database: str
) -> None:
    operations = Operations(await new_scene(rooms=2, database=database), Random(12 if database else 11))
    try:
        await operations.run(12)
        result = await operations.settle(quiet=1)
    finally:
        await operations.stop()
    assert result.right, result
    assert result.whole, result
    assert result.questions > 4
