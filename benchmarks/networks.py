"""Many networks in one `concierge run`: a real homeserver, a bot and a room for each, the shipped answers."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

import aiohttp

from benchmarks import child, growth
from benchmarks.running import said
from bot.demo.homeserver import Credentials, Homeserver, free_port
from tests.member import Member

BUSY = 10  # networks in which questions are asked, all at once
ROUNDS = 20
IDLE = 30.0  # seconds in which nobody says anything
_PATIENCE = 900.0
_PAUSE = 0.5
_TICKS = os.sysconf("SC_CLK_TCK")


def measure(networks: int, cache: str) -> child.Result:
    """Seconds until all are ready, at the `first` start and the next; until `meaning` has joined in all of them.

    `one`, `mb`, `each`: MB resident of one network, of all, of each further one. `idle`: share of a core. `median`,
    `p99`: seconds from a question to its reply while ten are busy. `cache`: where the embeddings are already.
    """
    with tempfile.TemporaryDirectory() as place:
        return asyncio.run(_measure(Path(place), networks, cache))


async def _measure(place: Path, networks: int, cache: str) -> child.Result:
    async with Homeserver() as server:
        ana = await server.register("ana", "secret")
        async with Member(server.url, ana.access_token) as member:
            accounts = [await server.register(f"concierge{number}", "secret") for number in range(networks)]
            rooms = [await member.create_room() for _ in accounts]
            port = free_port()
            for number in range(networks):
                _configure(place / "networks" / f"n{number}", server.url, accounts[number], rooms[number], port)
            alone = await _run(place / "networks" / "n0", place, cache, port, 1, member, rooms[:1], accounts)
            first, found = [
                await _run(place / "networks", place, cache, port, networks, member, rooms, accounts) for _ in range(2)
            ]
            each = (found["mb"] - alone["mb"]) / max(1, networks - 1)
            return {**found, "first": first["start"], "one": alone["mb"], "each": each}


def _configure(folder: Path, url: str, account: Credentials, room: str, port: int) -> None:
    (folder / "secrets").mkdir(parents=True)
    (folder / "secrets" / "matrix_password").write_text(account.password, encoding="utf-8")
    settings = {
        "knowledge": str(growth.ROOT / "knowledge"),
        "matrix": {"homeserver": url, "user": account.user, "rooms": [room]},
        "web": {"address": port},
        "flood": {"questions": 0},
    }
    (folder / "config.yaml").write_text(json.dumps(settings), encoding="utf-8")


async def _run(
    config: Path,
    place: Path,
    cache: str,
    port: int,
    networks: int,
    member: Member,
    rooms: Sequence[str],
    accounts: Sequence[Credentials],
) -> child.Result:
    command = [sys.executable, "-m", "bot", "run", "--config", str(config)]
    begun, log = perf_counter(), (place / "log").open("ab")
    process = subprocess.Popen(command, cwd=child.ROOT, env=os.environ | {"XDG_CACHE_HOME": cache}, stderr=log)  # noqa: ASYNC220
    try:
        start = await _until_ready(port, networks, meaning=False) - begun
        meaning = await _until_ready(port, networks, meaning=True) - begun
        await _ask(member, rooms[:BUSY], accounts, 2)
        before = _processor(process.pid)
        await asyncio.sleep(IDLE)
        idle = (_processor(process.pid) - before) / IDLE
        waited = sorted(await _ask(member, rooms[:BUSY], accounts, ROUNDS))
        p99 = quantiles(waited, n=100)[98]
        return {
            "start": start,
            "meaning": meaning,
            "mb": _resident(process.pid),
            "idle": idle,
            "median": median(waited),
            "p99": p99,
        }
    finally:
        process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(process.wait)
        log.close()


async def _ask(member: Member, rooms: Sequence[str], accounts: Sequence[Credentials], rounds: int) -> list[float]:
    questions = [entry.questions[0] for entry in growth.shipped().entries.values()][:rounds]

    async def in_room(room: str, bot: Credentials) -> list[float]:
        waited = []
        for question in questions:
            begun = perf_counter()
            asked = await member.say(room, f"concierge : {question}")
            await member.wait_for(room, lambda raw, about=asked: said(raw, bot, about))  # type: ignore[misc]
            waited.append(perf_counter() - begun)
        return waited

    found = await asyncio.gather(*(in_room(room, bot) for room, bot in zip(rooms, accounts, strict=False)))
    return [seconds for waits in found for seconds in waits]


async def _until_ready(port: int, networks: int, *, meaning: bool) -> float:
    """The moment when all are ready; with `meaning`, when it has joined the words in all of them."""
    async with asyncio.timeout(_PATIENCE), aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
        while True:
            with contextlib.suppress(aiohttp.ClientConnectionError):  # it does not listen yet
                async with http.get("/metrics") as answer:
                    ready = len(re.findall(r"^concierge_ready(?:{.*})? 1", await answer.text(), re.MULTILINE))
                async with http.get("/ready") as answer:
                    if ready >= networks and (not meaning or await answer.text() == "ready"):
                        return perf_counter()
            await asyncio.sleep(_PAUSE)


def _processor(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _resident(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
