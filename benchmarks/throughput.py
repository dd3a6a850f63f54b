"""Replies per second, next to a bare matrix-nio echo bot: on the same homeserver, in the same run, in turns.

Each bot is a process of its own. It is stopped (SIGSTOP) while a member asks, so that all questions wait for it, and
then goes on; the room's own times say how long it took from the first reply to the last. The echo bot does nothing but
send the text back, from nio's callback. Concierge runs as it is shipped: encryption, journal, encoder and all answers;
only the limit for one person's flood is off. It is asked once its meaning has joined the words.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import statistics
import sys
import tempfile
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

from benchmarks.running import until_meaning
from bot.demo.homeserver import Credentials, Homeserver, free_port
from tests.member import Member
from tests.reliability.harness import answered, history

ROOT = Path(__file__).parents[1]
QUESTIONS = (
    "concierge : Où trouver une formation de facilitateur ?",
    "concierge : quelle fiche de poste pour un fabmanager ?",
    "concierge : comment accueillir un service civique ?",
    "concierge : qui finance un poste de conseiller numérique ?",
)
PEOPLE = ("ana", "bea", "cleo", "dan")
TARGET = 0.8
PORT = free_port()  # where Concierge says whether it is ready

Command = Callable[[Path, str, Credentials, str], list[str]]


def concierge(folder: Path, homeserver: str, account: Credentials, room: str) -> list[str]:
    settings = {
        "knowledge": str(ROOT / "knowledge"),
        "store": f"sqlite:///{folder / 'concierge.db'}",
        "flood": {"questions": 0},
        "web": {"address": PORT},
        "matrix": {"homeserver": homeserver, "user": account.user, "rooms": [room]},
    }
    (folder / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    return ["-m", "bot", "run", "--config", str(folder / "config.json")]


def echo(folder: Path, homeserver: str, account: Credentials, room: str) -> list[str]:
    return ["-m", "benchmarks.echo", homeserver, account.user, room]


@contextlib.asynccontextmanager
async def running(command: list[str], account: Credentials) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *command),
        env=os.environ | {"CONCIERGE_MATRIX_PASSWORD": account.password},
        cwd=ROOT,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        await process.wait()


async def replies_per_second(server: Homeserver, bot: Command, name: str, questions: int) -> float:
    account = await server.register(name, "secret")
    people = [await server.register(f"{person}-{name}", "secret") for person in PEOPLE]
    with tempfile.TemporaryDirectory() as folder:
        async with AsyncExitStack() as stack:
            members = [await stack.enter_async_context(Member(server.url, who.access_token)) for who in people]
            ana, *others = members
            room = await ana.create_room()
            for other in others:
                await other.join(room)
            async with running(bot(Path(folder), server.url, account, room), account) as process:
                ready = (account.user, "m.room.message")
                await ana.wait_for(room, lambda raw: (raw["sender"], raw["type"]) == ready)
                if bot is concierge:
                    await until_meaning(PORT)
                await answers(ana, room, account.user, [await ana.say(room, QUESTIONS[0])])
                process.send_signal(signal.SIGSTOP)
                askers = [members[number % len(members)] for number in range(questions)]
                texts = [QUESTIONS[number % len(QUESTIONS)] for number in range(questions)]
                said = [who.say(room, text) for who, text in zip(askers, texts, strict=True)]
                asked = list(await asyncio.gather(*said))
                process.send_signal(signal.SIGCONT)
                moments = await answers(ana, room, account.user, asked)
    return (questions - 1) * 1000 / (max(moments) - min(moments))


async def answers(ana: Member, room: str, bot: str, asked: list[str]) -> list[int]:
    """When the homeserver took each reply, in milliseconds; waits until all are there, and asks for them seldom."""
    async with asyncio.timeout(120):
        while True:
            ours = [raw for raw in await history(ana, room) if raw["sender"] == bot]
            replies = {answered(raw): raw["origin_server_ts"] for raw in ours}
            if set(asked) <= replies.keys():
                return [replies[question] for question in asked]
            await asyncio.sleep(1)


async def main(questions: int, rounds: int) -> int:
    bots: dict[str, Command] = {"echo": echo, "concierge": concierge}
    rates: dict[str, list[float]] = {name: [] for name in bots}
    async with Homeserver() as server:
        for number in range(rounds):
            for name, bot in bots.items():
                rates[name].append(await replies_per_second(server, bot, f"{name}{number}", questions))
                print(f"{name:10} {rates[name][-1]:6.1f} replies/s", flush=True)
    middle = {name: statistics.median(found) for name, found in rates.items()}
    ratio = middle["concierge"] / middle["echo"]
    print(" · ".join(f"{name} {rate:.1f}" for name, rate in middle.items()), f"replies/s (median): {ratio:.2f} of it")
    return 0 if ratio >= TARGET else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Replies per second next to a bare nio echo bot.")
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    sys.exit(asyncio.run(main(given.questions, given.rounds)))
