"""Many questions at once."""

from __future__ import annotations

import asyncio

from tests.member import Member
from tests.reliability.harness import ASKED

BURST = 200


async def burst(member: Member, room: str, count: int = BURST) -> list[str]:
    """Ask so often, as fast as the homeserver takes it; the questions."""
    return list(await asyncio.gather(*(member.say(room, ASKED) for _ in range(count))))


async def ask_in_turn(member: Member, room: str, count: int) -> list[str]:
    """As often as a member may: their limit is the bot's."""
    questions: list[str] = []
    while len(questions) < count:
        try:
            questions.append(await member.say(room, ASKED))
        except AssertionError as refused:
            await asyncio.sleep(refused.args[0]["retry_after_ms"] / 1000)
    return questions
