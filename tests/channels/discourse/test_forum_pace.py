"""Many who ask a forum at once keep its pauses together."""

from __future__ import annotations

import asyncio

import pytest

from bot.channels.discourse.client import DiscourseClient
from bot.messages import RateLimited
from tests.forum import Forum
from tests.forum.faults import held, limited
from tests.waiting import PATIENCE, until


async def test_few_requests_are_under_way_at_once_and_those_behind_them_hear_of_a_pause() -> None:
    async with Forum() as forum:
        forum.category("formations")
        forum.fail_next("GET", limited(5))
        client = DiscourseClient(forum.url, "concierge", forum.key, 1000)
        answers = await asyncio.gather(*(client.latest_posts() for _ in range(15)), return_exceptions=True)
        await client.close()
    assert sum(isinstance(answer, RateLimited) for answer in answers) >= 12
    assert len(forum.requests) <= 4


async def test_one_that_hangs_leaves_the_others_their_turn() -> None:
    released = asyncio.Event()
    async with Forum() as forum:
        forum.fail_next("GET", held(released), times=3)
        client = DiscourseClient(forum.url, "concierge", forum.key, 1000)
        hanging = [asyncio.create_task(client.latest_posts()) for _ in range(3)]
        await until(lambda: len(forum.requests) == 3)
        await asyncio.wait_for(client.categories(), PATIENCE)
        released.set()
        await asyncio.gather(*hanging)
        await client.close()


async def test_each_429_is_told_a_visitors_too_and_no_pause_twice() -> None:
    told: list[str] = []
    async with Forum() as forum:
        forum.fail_next("GET", limited(5))
        client = DiscourseClient(
            forum.url, "concierge", forum.key, 1000, on_rate_limited=lambda: told.append("limited")
        )
        visitor = DiscourseClient(forum.url, beside=client)
        for asked in (visitor.search("formation"), client.latest_posts()):  # the second is not asked at all
            with pytest.raises(RateLimited):
                await asked
        await asyncio.gather(client.close(), visitor.close())
    assert told == ["limited"]
