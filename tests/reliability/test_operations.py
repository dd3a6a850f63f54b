"""A short walk through the soak: people and misfortunes at random, one reply a question in the end."""

from __future__ import annotations

from random import Random

import pytest

from tests.reliability.conftest import NewScene
from tests.reliability.operations import Operations


@pytest.mark.parametrize("seed", [11])
async def test_whatever_people_do_and_whatever_happens_there_is_one_reply_a_question(
    new_scene: NewScene, seed: int
) -> None:
    operations = Operations(await new_scene(rooms=2), Random(seed))
    try:
        await operations.run(15)
        result = await operations.settle(quiet=1)
    finally:
        await operations.stop()
    assert result.right, result
    assert result.questions > 4
