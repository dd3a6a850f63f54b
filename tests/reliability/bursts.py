"""Many questions at once."""

from __future__ import annotations

import asyncio

from tests.member import Member
from tests.reliability.harness import ASKED

BURST = 200


async def burst(member: Member, room: str, count: int = BURST) -> list[str]:
    """Ask so often, as fast as the homeserver takes it; the questions."""
    return list(await asyncio.gather(*(member.say(room, ASKED) for _ in range(count))))
