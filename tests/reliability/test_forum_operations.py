"""A short walk through the forum's soak."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from random import Random

from tests.reliability.forum import open_forum
from tests.reliability.forum_operations import ForumOperations


async def test_whatever_people_and_the_forum_do_there_is_one_reply_a_call_and_no_request_during_a_pause(
    nest: Path, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        scene = await open_forum(stack, tmp_path, nest, hook=True)
        operations = ForumOperations(scene, Random(7), slow=False)
        try:
            await operations.run(30)
            result = await operations.settle(quiet=1)
        finally:
            await operations.stop()
    assert result.right, result
    assert result.hasty == 0
    assert result.calls > 10
