"""People who ask all at once, in turn, or while the bot is killed."""

from __future__ import annotations

import asyncio
from random import Random

from tests.member import Member
from tests.reliability.harness import ASKED, end
from tests.reliability.scene import Scene

BURST = 200
OTHER = "concierge : un modele de fiche de poste svp"
FOLLOW_UP = "concierge : et combien ça coûte ?"


async def kill_at_random(scene: Scene, random: Random, kills: int, pause: float = 0.3) -> list[str]:
    """Start the bot and kill it so many times, ana and bob asking all the while; their questions. It is down then."""
    questions: list[str] = []
    asking = asyncio.create_task(_ask(scene, random, questions, pause))
    try:
        for _ in range(kills):
            process, known = await scene.concierge.start(), len(questions)
            if random.random() < 0.7:  # at work, else perhaps while it starts
                await _answers_something(scene, questions, known)
            await asyncio.sleep(random.uniform(0, 2))
            await end(process)
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    return questions


async def _ask(scene: Scene, random: Random, questions: list[str], pause: float) -> None:
    while True:
        who, text = random.choice((scene.ana, scene.bob)), random.choice((ASKED, OTHER, FOLLOW_UP))
        questions.append(await asyncio.shield(who.say(scene.room, text)))
        await asyncio.sleep(random.uniform(0, 2 * pause))


async def _answers_something(scene: Scene, questions: list[str], known: int) -> None:
    """It is at work: it answered a question that was asked since its start."""
    while len(questions) == known:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    await scene.until_answered(questions[known])


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
