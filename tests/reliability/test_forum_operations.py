"""A short walk through the forum's soak."""

from __future__ import annotations

from random import Random

import pytest

from tests.reliability.forum_operations import ForumOperations
from tests.reliability.started import NewForum

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_whatever_happens_there_is_one_reply_a_call_and_no_request_during_a_pause(
    new_forum: NewForum,
) -> None:
    operations = ForumOperations(await new_forum(hook=True), Random(7), slow=False)
    try:
        await operations.run(30)
        result = await operations.settle(quiet=1)
    finally:
        await operations.stop()
    assert result.right, result
    assert result.hasty == 0
    assert result.calls > 10
