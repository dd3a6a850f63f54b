"""The long tests of the promise, with their figures: `make soak`, or one of them with ARGS=burst.

burst       200 questions right after the bot joined, then six kills with questions in between
limits      Synapse's default rate limits: twenty questions by two people
operations  people and misfortunes at random, from a seed
memory      the bot's memory over many messages
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

from bot.demo.homeserver import Homeserver
from tests.reliability.bursts import BURST, ask_in_turn, burst
from tests.reliability.harness import end
from tests.reliability.kills import kill_at_random
from tests.reliability.memory import resident, talk
from tests.reliability.operations import Operations
from tests.reliability.scene import Scene, set_up


@asynccontextmanager
async def scene(*, limits: bool = False, **settings: Any) -> AsyncIterator[Scene]:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(Homeserver(limits=limits))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="concierge-soak-"))
        yield await set_up(stack, server, Path(folder), **settings)


async def bursts_and_kills(given: argparse.Namespace) -> bool:
    async with scene() as here:
        async with here.concierge.process():
            await here.joined()
            questions = await burst(here.ana, here.room)
            await asyncio.sleep(1)  # killed at its end, in the midst of answering
        questions += await kill_at_random(here, Random(given.seed), kills=5)
        process = await here.concierge.start()
        await here.until_answered(*questions, seconds=300)
        await here.one_reply_each(questions[-1])
        await end(process)
        found = await here.tally()
    lost, doubled = len(found.lost(questions)), len(found.doubled(questions))
    print(f"burst of {BURST} and six kills, {len(questions)} questions: {lost} lost, {doubled} doubled")
    return not lost and not doubled


async def under_limits(given: argparse.Namespace) -> bool:
    async with scene(limits=True) as here, here.concierge.process():
        await here.introduced()
        begun = monotonic()
        asked = await asyncio.gather(*(ask_in_turn(who, here.room, 10) for who in (here.ana, here.bob)))
        questions = [question for questions in asked for question in questions]
        await here.until_answered(*questions, seconds=300)
        found, seconds = await here.tally(), monotonic() - begun
    refused = sum(status == 429 and "/send/" in path for _, path, status in here.proxy.requests)
    lost, doubled = len(found.lost(questions)), len(found.doubled(questions))
    print(f"Synapse's limits, {len(questions)} questions by two people: {lost} lost, {doubled} doubled,", end=" ")
    print(f"all answered after {seconds:.0f} s, refused {refused} times")
    return not lost and not doubled


async def at_random(given: argparse.Namespace) -> bool:
    async with scene(rooms=3) as here:
        operations = Operations(here, Random(given.seed))
        try:
            await operations.run(given.steps)
            result = await operations.settle()
        finally:
            await operations.stop()
    print(f"operations (seed {given.seed}):", ", ".join(f"{name} {n}" for name, n in sorted(result.operations.items())))
    print(f"{result.questions} questions: {result.lost} lost, {result.doubled} doubled, {result.left} left to stand")
    return result.right


async def over_time(given: argparse.Namespace) -> bool:
    async with scene() as here, here.concierge.process() as process:
        await here.introduced()
        await talk(here, given.messages // 10)
        begun = resident(process.pid)
        await talk(here, given.messages)
        ended = resident(process.pid)
    print(f"{given.messages} messages: {begun:.0f} MB before, {ended:.0f} MB after")
    return ended < begun * 1.2


PARTS: dict[str, Callable[[argparse.Namespace], Awaitable[bool]]] = {
    "burst": bursts_and_kills,
    "limits": under_limits,
    "operations": at_random,
    "memory": over_time,
}


async def main(given: argparse.Namespace) -> int:
    right = [await PARTS[part](given) for part in given.parts or PARTS]
    return 0 if all(right) else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], metavar="PART", help="all without one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=400, help="operations")
    parser.add_argument("--messages", type=int, default=20_000, help="of the memory part")
    sys.exit(asyncio.run(main(parser.parse_args())))
