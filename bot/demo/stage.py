"""The demo: a real homeserver, a room, the bot in it as `concierge run` would, and a member who asks."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import secrets
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from bot import app
from bot.config import Settings, load
from bot.demo import script
from bot.demo.homeserver import Credentials, Homeserver
from bot.demo.keyboard import lines
from bot.demo.member import Member
from bot.demo.scene import PATIENCE, Scene
from bot.demo.transcript import Transcript


async def demo(knowledge: Path, *, once: bool = False, picture: Path | None = None) -> int:
    """Play the script, then let a person write as the member; 1 if a reply or a silence failed to come."""
    transcript = Transcript(script.MEMBER)
    _quiet()
    with _folder() as folder:
        transcript.step(script.STEPS[0])
        async with Homeserver(folder / "homeserver") as server:
            return await _play(server, folder, knowledge, transcript, once, picture)


async def _play(
    server: Homeserver, folder: Path, knowledge: Path, transcript: Transcript, once: bool, picture: Path | None
) -> int:
    people = {name: await server.register(name, _password()) for name in (script.MEMBER, script.BOT, script.MODERATOR)}
    member, bot = people[script.MEMBER], people[script.BOT]
    transcript.step(script.STEPS[1].format(member=script.MEMBER))
    async with Member(server.url, member) as camille, Member(server.url, people[script.MODERATOR]) as sacha:
        await sacha.create_room(room_alias_name=script.ROOM, name=script.ROOM, preset="public_chat")
        room = await camille.join(f"#{script.ROOM}:{server.name}")
        scene = Scene(camille, room, bot.user, transcript)
        transcript.step(script.STEPS[2])
        async with _following(scene, camille), _running(_settings(folder, server, bot, knowledge), scene, transcript):
            async with asyncio.timeout(PATIENCE):
                await scene.introduced.wait()
            code = await _scripted(scene, transcript)
            if picture:
                transcript.picture(picture, "Concierge")
            if not once:
                transcript.step(script.JOIN.format(url=server.url, member=member.user, password=member.password,
                                                   room=f"#{script.ROOM}:{server.name}"))  # fmt: skip
                await _free(scene, transcript)
    return code


async def _scripted(scene: Scene, transcript: Transcript) -> int:
    right = [await (scene.ask if line.addressed else scene.remark)(line.text) for line in script.LINES]
    addressed = sum(line.addressed for line in script.LINES)
    if not all(right):
        transcript.fault(script.NOT_WELL)
        return 1
    transcript.step(script.ALL_WELL.format(answered=addressed, silent=len(right) - addressed))
    return 0


async def _free(scene: Scene, transcript: Transcript) -> None:
    transcript.step(script.YOURS)
    async for line in lines(f"vous → {script.BOT} : "):
        if line.startswith("/salon"):
            await scene.remark(line.removeprefix("/salon").strip() or "…")
        else:
            await scene.ask(line)
    transcript.step(script.BYE)


@contextlib.asynccontextmanager
async def _following(scene: Scene, member: Member) -> AsyncIterator[None]:
    task = asyncio.create_task(scene.follow(await member.position()))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@contextlib.asynccontextmanager
async def _running(settings: Settings, scene: Scene, transcript: Transcript) -> AsyncIterator[None]:
    """The bot, as `concierge run` runs it, until the block ends."""
    stop = asyncio.Event()
    task = asyncio.create_task(app.run(settings, stop=stop, observe=scene.observe))
    try:
        yield
    finally:
        stop.set()
        await task


def _settings(folder: Path, server: Homeserver, bot: Credentials, knowledge: Path) -> Settings:
    """Read from a file, as for `concierge run`."""
    matrix = {"homeserver": server.url, "user": bot.user, "rooms": [f"#{script.ROOM}:{server.name}"]}
    settings = {"knowledge": str(knowledge.absolute()), "store": "sqlite:///var/concierge.db", "matrix": matrix}
    file = folder / "config.json"
    file.write_text(json.dumps(settings), encoding="utf-8")
    return load(file, {"CONCIERGE_MATRIX_PASSWORD": bot.password})


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="concierge-demo-") as name:
        yield Path(name)


def _password() -> str:
    return secrets.token_urlsafe(9)


def _quiet() -> None:
    """The transcript is what is to be read; the bot's own log would stand between its lines."""
    logging.getLogger("bot").setLevel(logging.ERROR)
