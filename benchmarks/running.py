"""The memory of `concierge run` with encryption: a real homeserver, a plain and an encrypted room, some questions."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import aiohttp

from benchmarks import child, growth
from bot.demo.homeserver import Credentials, Homeserver, free_port
from tests.member import Member, Raw

ASKED = 8  # questions
_PAUSE = 0.5  # seconds between two looks whether it is ready
_PATIENCE = 1400  # seconds; the embeddings of 10,000 entries take more than ten minutes


@dataclass(frozen=True, slots=True)
class Bot:
    """`place`: its folder. `cache`: of this start and the next."""

    account: Credentials
    place: Path
    cache: Path
    port: int


def measure(entries: int, cache: str = "") -> child.Result:
    """MB: on the first start, when all embeddings are made, and on the second.

    `cache`: where the embeddings are already; then there is no first start.
    """
    with tempfile.TemporaryDirectory() as place:
        growth.write(growth.grown(entries), Path(place) / "knowledge")
        questions = growth.questions(growth.grown(entries), 2 * ASKED)
        return asyncio.run(_measure(Path(place), Path(cache or place), questions, first=not cache))


async def _measure(place: Path, cache: Path, questions: list[str], first: bool) -> child.Result:
    async with Homeserver() as server:
        account, ana = [await server.register(name, "secret") for name in ("concierge", "ana")]
        bot = Bot(account, place, cache, free_port())
        async with Member(server.url, ana.access_token) as member:
            rooms = [await member.create_room(), await member.create_room(encrypted=True)]
            _configure(bot, server.url, rooms)
            found = {"first": await _run(bot, member, rooms, questions[:ASKED])} if first else {}
            return found | {"second": await _run(bot, member, rooms[:1] if first else rooms, questions[ASKED:])}


def _configure(bot: Bot, url: str, rooms: list[str]) -> None:
    matrix = {"homeserver": url, "user": bot.account.user, "rooms": rooms}
    settings = {"knowledge": "knowledge", "matrix": matrix, "web": {"address": bot.port}}
    (bot.place / "config.json").write_text(json.dumps(settings), encoding="utf-8")


async def _run(bot: Bot, member: Member, rooms: list[str], questions: list[str]) -> float:
    command = [sys.executable, "-m", "bot", "run", "--config", str(bot.place / "config.json")]
    environment = os.environ | {"CONCIERGE_MATRIX_PASSWORD": bot.account.password, "XDG_CACHE_HOME": str(bot.cache)}
    process = subprocess.Popen(command, cwd=child.ROOT, env=environment, stderr=subprocess.DEVNULL)  # noqa: ASYNC220
    try:
        await _converse(bot.account, member, rooms, questions, bot.port)
    finally:
        process.send_signal(signal.SIGTERM)
        usage = await asyncio.to_thread(child.ended, process)
    return child.megabytes(usage)


async def _converse(bot: Credentials, member: Member, rooms: list[str], questions: list[str], port: int) -> None:
    for room in rooms:  # it introduces itself when it joins
        await member.wait_for(room, lambda raw: said(raw, bot))
    await until_meaning(port)
    for question in questions:
        asked = await member.say(rooms[0], f"concierge : {question}")
        await member.wait_for(rooms[0], partial(said, bot=bot, about=asked))


async def until_meaning(port: int) -> None:
    """Wait until meaning has joined the words, by what the bot says at `/ready`."""
    async with asyncio.timeout(_PATIENCE), aiohttp.ClientSession() as http:
        while True:
            if await _readiness(http, port) == "ready":
                return
            await asyncio.sleep(_PAUSE)


async def _readiness(http: aiohttp.ClientSession, port: int) -> str:
    with contextlib.suppress(aiohttp.ClientConnectionError):  # it does not listen yet
        async with http.get(f"http://127.0.0.1:{port}/ready") as answer:
            return await answer.text()
    return ""


def said(raw: Raw, bot: Credentials, about: str = "") -> bool:
    kinds = ("m.room.message", "m.room.encrypted")
    return raw["sender"] == bot.user and raw["type"] in kinds and about in json.dumps(raw)
