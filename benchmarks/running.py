"""The memory of `concierge run` with encryption: a real homeserver, a plain and an encrypted room, some questions."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks import child, growth
from bot.demo.homeserver import Credentials, Homeserver
from tests.member import Member, Raw

ASKED = 8  # questions


def measure(entries: int) -> child.Result:
    """MB: on the first start, when all embeddings are made, and on the second."""
    with tempfile.TemporaryDirectory() as place:
        growth.write(growth.grown(entries), Path(place) / "knowledge")
        return asyncio.run(_measure(Path(place), growth.questions(growth.grown(entries), 2 * ASKED)))


async def _measure(place: Path, questions: list[str]) -> child.Result:
    async with Homeserver() as server:
        bot, ana = [await server.register(name, "secret") for name in ("concierge", "ana")]
        async with Member(server.url, ana.access_token) as member:
            rooms = [await member.create_room(), await member.create_room(encrypted=True)]
            _configure(place, server.url, bot, rooms)
            first = await _run(place, bot, member, rooms, questions[:ASKED])
            second = await _run(place, bot, member, rooms[:1], questions[ASKED:])
    return {"first": first, "second": second}


def _configure(place: Path, url: str, bot: Credentials, rooms: list[str]) -> None:
    matrix = {"homeserver": url, "user": bot.user, "rooms": rooms}
    (place / "config.json").write_text(json.dumps({"knowledge": "knowledge", "matrix": matrix}), encoding="utf-8")


async def _run(place: Path, bot: Credentials, member: Member, rooms: list[str], questions: list[str]) -> float:
    command = [sys.executable, "-m", "bot", "run", "--config", str(place / "config.json")]
    environment = os.environ | {"CONCIERGE_MATRIX_PASSWORD": bot.password, "XDG_CACHE_HOME": str(place / "cache")}
    process = subprocess.Popen(command, cwd=child.ROOT, env=environment, stderr=subprocess.DEVNULL)  # noqa: ASYNC220
    try:
        await _converse(bot, member, rooms, questions)
    finally:
        process.send_signal(signal.SIGTERM)
        usage = await asyncio.to_thread(child.ended, process)
    return child.megabytes(usage)


async def _converse(bot: Credentials, member: Member, rooms: list[str], questions: list[str]) -> None:
    for room in rooms:  # it introduces itself when it joins
        await member.wait_for(room, lambda raw: _said(raw, bot))
    for question in questions:
        asked = await member.say(rooms[0], f"concierge : {question}")
        await member.wait_for(rooms[0], partial(_said, bot=bot, about=asked))


def _said(raw: Raw, bot: Credentials, about: str = "") -> bool:
    kinds = ("m.room.message", "m.room.encrypted")
    return raw["sender"] == bot.user and raw["type"] in kinds and about in json.dumps(raw)
