"""The long tests of the promise, with their figures: `make soak`, or one of them with ARGS=burst.

tests       those of `make test`, with all that it leaves out: on PostgreSQL, in containers, under systemd, a whole week
burst       200 questions right after the bot joined, then six kills with questions in between
limits      Synapse's default rate limits: twenty questions by two people
operations  people and misfortunes at random, from a seed
encrypted   the same in encrypted rooms, with the independent client
restore     the same with a disk that is lost and comes back from a backup
forum       people and misfortunes at random on a forum, from a seed
doors       a room and a forum at once, one bot behind both, six kills
texts       hostile texts in a room and on a forum, somebody else asking behind each, then a kill
networks    three workers share 60 networks on PostgreSQL, killed, frozen and cut off from it for ten minutes
memory      the bot's memory over many messages, ordinary and hostile, with the shipped answers and the encoder
"""

import argparse
import asyncio
import logging
import os
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

from benchmarks.running import until_meaning
from bot.demo.homeserver import Homeserver, free_port
from tests.backup.walking import Walk
from tests.databases import new_schema, open_postgres
from tests.encryption.members import Person, clients, install
from tests.forum.state import Post
from tests.member import Member
from tests.reliability.doors import Doors, open_doors
from tests.reliability.fleet import open_fleet
from tests.reliability.forum import CATEGORY, QUESTION, open_forum
from tests.reliability.forum_operations import ForumOperations
from tests.reliability.harness import ASKED, end
from tests.reliability.hostile import TEXTS, Attack
from tests.reliability.memory import ROOM, SAMPLE, WARM, resident, talk
from tests.reliability.nest import open_nest
from tests.reliability.operations import Operations
from tests.reliability.scene import Scene, set_up
from tests.waiting import beside

BURST = 200


@dataclass
class Soak:
    """What all parts need. `database`: which kind of store the bot has."""

    given: argparse.Namespace
    nest: Path
    postgres: str
    database: str = "sqlite"

    @property
    def new_database(self) -> str:
        return new_schema(self.postgres) if self.database == "postgresql" else ""

    @asynccontextmanager
    async def scene(self, *, limits: bool = False, **settings: Any) -> AsyncIterator[Scene]:
        async with AsyncExitStack() as stack:
            server = await stack.enter_async_context(Homeserver(limits=limits))
            yield await set_up(stack, server, _folder(stack), self.nest, database=self.new_database, **settings)

    @asynccontextmanager
    async def doors(self) -> AsyncIterator[Doors]:
        async with AsyncExitStack() as stack:
            server = await stack.enter_async_context(Homeserver())
            yield await open_doors(stack, server, _folder(stack), self.nest, database=self.new_database)


def _folder(stack: AsyncExitStack) -> Path:
    return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="concierge-soak-")))


async def bursts_and_kills(soak: Soak) -> bool:
    async with soak.scene() as here:
        process, random = await here.concierge.start(), Random(soak.given.seed)
        await here.ana.meets(here.room, here.bot)
        questions: list[str] = []
        for count in (BURST, *[5] * 5):
            questions += await asyncio.gather(*(here.ana.say(here.room, ASKED) for _ in range(count)))
            await asyncio.sleep(random.uniform(0.5, 2))
            await end(process)  # in the midst of answering
            questions.append(await here.bob.say(here.room, ASKED))
            process = await here.concierge.start()
            await asyncio.sleep(random.uniform(0, 1))  # it is at work already, or starts
        await here.until_answered(*questions, seconds=300)
        await here.one_reply_each(questions[-1])
        await end(process)
        return await _none_is_wrong(here, questions, f"burst of {BURST} and six kills")


async def _none_is_wrong(here: Scene, questions: list[str], what: str) -> bool:
    found = await here.tally()
    lost, doubled = len(found.lost(questions)), len(found.doubled(questions))
    print(f"{what}, {len(questions)} questions: {lost} lost, {doubled} doubled")
    return not lost and not doubled


async def under_limits(soak: Soak) -> bool:
    async with soak.scene(limits=True) as here, here.concierge.process():
        await here.introduced()
        begun = monotonic()
        asked = await asyncio.gather(*(_ask_in_turn(who, here.room, 10) for who in (here.ana, here.bob)))
        questions = [question for questions in asked for question in questions]
        await here.until_answered(*questions, seconds=300)
        refused = sum(status == 429 and "/send/" in path for _, path, status in here.proxy.requests)
        print(f"all answered after {monotonic() - begun:.0f} s, refused {refused} times")
        return await _none_is_wrong(here, questions, "Synapse's limits, two people")


async def _ask_in_turn(member: Member, room: str, count: int) -> list[str]:
    """As often as a member may: their limit is the bot's."""
    questions: list[str] = []
    while len(questions) < count:
        try:
            questions.append(await member.say(room, ASKED))
        except AssertionError as refused:
            await asyncio.sleep(refused.args[0]["retry_after_ms"] / 1000)
    return questions


async def at_random(soak: Soak) -> bool:
    async with soak.scene(rooms=3) as here:
        return await _walk(soak, Operations(here, Random(soak.given.seed)))


async def _enter(stack: AsyncExitStack, scene: Scene, client: Path) -> list[Person]:
    """Two people, each with one device of the other client, in all rooms of the scene."""
    node = await stack.enter_async_context(clients(client))
    accounts = [await scene.homeserver.register(f"{name}-{scene.ana.user[1:6]}{id(scene)}", "secret") for name in "cd"]
    people = [await Person.log_in(node, scene.homeserver.url, account) for account in accounts]
    for person in people:
        for room in scene.rooms:
            await person.do("join", room=room)
    return people


async def encrypted(soak: Soak) -> bool:
    client = install()
    async with soak.scene(rooms=2, encrypted=True) as here, AsyncExitStack() as stack:
        return await _walk(soak, Operations(here, Random(soak.given.seed), *await _enter(stack, here, client)))


async def restored(soak: Soak) -> bool:
    async with soak.scene(rooms=2) as here:
        return await _walk(soak, Walk(here, Random(soak.given.seed)))


async def _walk(soak: Soak, operations: Operations) -> bool:
    result = await operations.walked(soak.given.steps)
    print(f"seed {soak.given.seed}:", ", ".join(f"{name} {n}" for name, n in sorted(result.operations.items())))
    print(f"{result.questions} questions: {result.lost} lost, {result.doubled} doubled, {result.left} left to stand")
    return bool(result.right)


async def on_a_forum(soak: Soak) -> bool:
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # the forum's trouble with a bot that was killed
    async with AsyncExitStack() as stack:
        here = await open_forum(stack, _folder(stack), soak.nest, database=soak.new_database, hook=True)
        result = await ForumOperations(here, Random(soak.given.seed)).walked(soak.given.posts, seconds=400)
        pauses = len(here.forum.pauses)
    print(f"forum (seed {soak.given.seed}):", ", ".join(f"{name} {n}" for name, n in sorted(result.operations.items())))
    print(f"{result.posts} topics and posts, {result.calls} calls: {result.lost} lost, {result.doubled} doubled,")
    print(f"{result.left} left to stand, {result.stale} with a reply to earlier words; {result.overheard} overheard;")
    print(f"{pauses} pauses asked for, {result.hasty} requests during one")
    return bool(result.right and not result.hasty)


async def both_doors(soak: Soak) -> bool:
    random, questions, posts = Random(soak.given.seed), list[str](), list[Post]()
    async with soak.doors() as here:
        room, forum = here.room, here.forum
        async with room.concierge.process():
            await room.introduced()
            await forum.marked()
        for _ in range(6):
            process = await room.concierge.start()
            for number in range(8):  # on one side or on both at once
                if random.random() < 0.7:
                    questions.append(await room.ana.say(room.room, ASKED))
                if random.random() < 0.7:
                    title = f"Encore une question, la {len(posts)} du jour"
                    posts.append(forum.forum.say("ana" if number % 2 else "ben", CATEGORY, QUESTION, title=title))
                await asyncio.sleep(random.uniform(0, 0.8))
            await end(process)
        async with room.concierge.process():
            await forum.one_reply_each(*posts, seconds=300)
            await room.one_reply_each(*questions, seconds=300)
        there, ids = forum.tally(), [str(post.id) for post in posts]
        print(f"{len(posts)} topics on a forum: {len(there.lost(ids))} lost, {len(there.doubled(ids))} doubled")
        is_right = await _none_is_wrong(room, questions, "six kills of the same bot in a room")
    return is_right and not there.lost(ids) and not there.doubled(ids)


async def hostile_texts(soak: Soak) -> bool:
    async with soak.doors() as doors:
        attack, worst = Attack(doors), 0.0
        for texts in (TEXTS, dict(list(TEXTS.items())[:1])):  # before and after a kill
            process = await doors.room.concierge.start()
            await doors.room.introduced()
            await doors.forum.marked()
            async with beside(attack.watch()):
                for name, text in texts.items():
                    worst = max(worst, seconds := await attack.endure(text))
                    print(f"{name}: the next question was answered after {seconds:.1f} s")
            await end(process)
    print(f"/health: {len(attack.seconds)} times, {attack.missed} missed, {max(attack.seconds):.2f} s at most")
    return worst < 5 and not attack.missed


async def over_time(soak: Soak) -> bool:
    web = {"address": (port := free_port())}
    shipped: dict[str, Any] = {"knowledge": str(ROOT / "knowledge"), "matching": {"encoder": True}, "web": web}
    random, held = Random(soak.given.seed), list[float]()
    async with soak.scene(**shipped) as here, here.concierge.process() as process:
        await here.introduced()
        await until_meaning(port)
        for said in range(SAMPLE, soak.given.messages + 1, SAMPLE):
            await talk(here, SAMPLE, random)
            here.proxy.requests.clear()
            held.append(resident(process.pid))
            print(f"{said} messages: {held[-1]:.0f} MB", flush=True)
    warm = max(held[: WARM // SAMPLE])
    print(f"{max(held) / warm - 1:+.0%} after the first {WARM} messages")
    return max(held) < warm * ROOM


async def many_networks(soak: Soak) -> bool:
    random = Random(soak.given.seed)
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(Homeserver())
        node = await stack.enter_async_context(clients(install()))
        fleet = await stack.enter_async_context(
            open_fleet(server, _folder(stack), soak.postgres, workers=3, networks=60, sealed=6, node=node)
        )
        await stack.enter_async_context(beside(fleet.watch()))
        for worker in fleet.workers:
            await worker.start()
        await fleet.introduced()
        devices = await fleet.devices()
        happened = Counter[str]()
        async with beside(fleet.ask_on(random, pause=0.4)):
            await fleet.endure(random, soak.given.minutes * 60, happened)
        await fleet.settled(300)
        await asyncio.sleep(30)  # for whatever would still be doubled
        lost, doubled = await fleet.wrong()
        is_same = devices == await fleet.devices()
        gaps = fleet.gaps()
    print(f"seed {soak.given.seed}:", ", ".join(f"{name} {n}" for name, n in sorted(happened.items())))
    print(f"{len(gaps)} questions in 60 networks of three workers: {len(lost)} lost, {len(doubled)} doubled,", end=" ")
    print(f"answered after {gaps[len(gaps) // 2]:.1f} s in the middle, {gaps[-1]:.1f} s at the longest;", end=" ")
    print("devices the same and trusted" if is_same else "devices have changed")
    return not lost and not doubled and is_same


async def tests(soak: Soak) -> bool:
    command = [sys.executable, "-m", "pytest", "-q", "--numprocesses=auto", "--dist=loadfile"]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=os.environ | {"THOROUGH": "1"})
    return await process.wait() == 0


ROOT = Path(__file__).parents[2]
PARTS: dict[str, Callable[[Soak], Awaitable[bool]]] = {
    **{"tests": tests, "burst": bursts_and_kills, "limits": under_limits, "operations": at_random},
    **{"encrypted": encrypted, "restore": restored, "forum": on_a_forum, "doors": both_doors},
    **{"texts": hostile_texts, "networks": many_networks, "memory": over_time},
}
ONCE = ("tests", "limits", "networks")
"""They know both databases by themselves, or have nothing to do with one of them."""
DATABASES = ("sqlite", "postgresql")


async def main(soak: Soak) -> int:
    right = []
    for part in soak.given.parts or PARTS:
        for database in soak.given.database or DATABASES[: 1 if part in ONCE else 2]:
            soak.database = database
            print(f"\n{part}" + ("" if part in ONCE else f", {database}"), flush=True)
            right.append(await PARTS[part](soak))
    return 0 if all(right) else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], metavar="PART", help="all without one")
    parser.add_argument("--database", choices=DATABASES, action="append", help="both without one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=400, help="operations")
    parser.add_argument("--posts", type=int, default=500, help="topics and posts on the forum")
    parser.add_argument("--minutes", type=float, default=10, help="of the networks part")
    parser.add_argument("--messages", type=int, default=20_000, help="of the memory part")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with open_nest(folder) as nest, open_postgres(folder / "postgres") as postgres:
            sys.exit(asyncio.run(main(Soak(parser.parse_args(), nest, postgres))))
