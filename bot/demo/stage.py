"""The demo: a real homeserver, a room, the bot in it as `concierge run` would, and a member who asks."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.app import main
from bot.app.digest_settings import DAYS
from bot.config import Settings, load
from bot.demo import script
from bot.demo.digest_scene import DigestScene
from bot.demo.ears import Cast
from bot.demo.homeserver import Credentials, Homeserver
from bot.demo.keyboard import lines
from bot.demo.learning_scene import LearningScene
from bot.demo.member import DemoMember
from bot.demo.question_scene import PATIENCE, QuestionScene
from bot.demo.transcript import Transcript
from bot.store import Store
from bot.workers.link_check import INTERVAL


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
    people = {name: await server.register(name, _password()) for name in script.PEOPLE}
    member, bot = people[script.MEMBER], people[script.BOT]
    transcript.step(script.STEPS[1].format(member=script.MEMBER))
    copy = Path(shutil.copytree(knowledge, folder / "knowledge"))
    async with _cast(server, people) as cast:
        scene = QuestionScene(cast.asker, cast.room, bot.user, transcript)
        transcript.step(script.STEPS[2])
        settings = _settings(folder, server, bot, copy)
        others = LearningScene(cast, knowledge, copy, transcript), DigestScene(cast, settings, transcript)
        async with _running(settings, scene, transcript):
            code = await _scripted(scene, cast, *others, transcript, picture)
            if not once:
                transcript.step(script.JOIN.format(url=server.url, member=member.user, password=member.password,
                                                   room=f"#{script.ROOM}:{server.name}"))  # fmt: skip
                await _free(scene, cast, transcript)
    return code


@contextlib.asynccontextmanager
async def _cast(server: Homeserver, people: Mapping[str, Credentials]) -> AsyncIterator[Cast]:
    """Everybody in the room; the moderator in one more, which the bot enters too."""
    async with contextlib.AsyncExitStack() as stack:
        names = (script.MEMBER, script.OTHER, script.MODERATOR)
        camille, noa, sacha = [await stack.enter_async_context(DemoMember(server.url, people[name])) for name in names]
        for name in (script.ROOM, script.MODERATION):
            await sacha.create_room(room_alias_name=name, name=name, preset="public_chat")
        rooms = [await member.join(f"#{script.ROOM}:{server.name}") for member in (camille, noa)]
        moderation = await sacha.join(f"#{script.MODERATION}:{server.name}")
        for name, member in zip(names, (camille, noa, sacha), strict=True):
            await member.call_me(name)
        yield Cast(camille, noa, sacha, rooms[0], moderation, people[script.BOT].user)


async def _scripted(
    scene: QuestionScene,
    cast: Cast,
    learning: LearningScene,
    telling: DigestScene,
    transcript: Transcript,
    picture: Path | None,
) -> int:
    """All scenes, the first one drawn; 0 when all came that should."""
    async with _following(scene, cast.asker):
        async with asyncio.timeout(PATIENCE):
            await scene.introduced.wait()
        right = [await (scene.ask if line.addressed else scene.remark)(line.text) for line in script.LINES]
    if picture:
        transcript.picture(picture, "Concierge")
    addressed = sum(line.addressed for line in script.LINES)
    if not all(right):
        transcript.fault(script.NOT_WELL)
        return 1
    if not await learning.play():
        transcript.fault(script.NOT_LEARNT)
        return 1
    if not await telling.play():
        transcript.fault(script.NOT_TOLD)
        return 1
    transcript.step(script.ALL_WELL.format(answered=addressed, silent=len(right) - addressed))
    return 0


async def _free(scene: QuestionScene, cast: Cast, transcript: Transcript) -> None:
    transcript.step(script.YOURS)
    async with _following(scene, cast.asker):
        async for line in lines(f"vous → {script.BOT} : "):
            if line.startswith("/salon"):
                await scene.remark(line.removeprefix("/salon").strip() or "…")
            else:
                await scene.ask(line)
    transcript.step(script.BYE)


@contextlib.asynccontextmanager
async def _following(scene: QuestionScene, member: DemoMember) -> AsyncIterator[None]:
    task = asyncio.create_task(scene.follow(await member.position()))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@contextlib.asynccontextmanager
async def _running(settings: Settings, scene: QuestionScene, transcript: Transcript) -> AsyncIterator[None]:
    """The bot, as `concierge run` runs it, until the block ends."""
    await _put_off_links(settings)
    stop = asyncio.Event()
    task = asyncio.create_task(main.run(settings, stop=stop, observe=scene.observe))
    try:
        yield
    finally:
        stop.set()
        await task


async def _put_off_links(settings: Settings) -> None:
    """The addresses in the answers are real ones: a demo that is left open has no business with them."""
    store = await Store.open(settings.store.get_secret_value())
    await store.look_at(datetime.now(UTC) + INTERVAL)
    await store.close()


def _settings(folder: Path, server: Homeserver, bot: Credentials, knowledge: Path) -> Settings:
    """Read from a file, as for `concierge run`."""
    rooms = {"rooms": [f"#{script.ROOM}:{server.name}"], "moderators_room": f"#{script.MODERATION}:{server.name}"}
    matrix = {"homeserver": server.url, "user": bot.user} | rooms
    today = DAYS[datetime.now(ZoneInfo("Europe/Paris")).weekday()]  # its moment is past: only a command posts it
    digest = {"day": today, "at": "00:00", "rooms": rooms["rooms"]}
    settings = {"knowledge": str(knowledge.absolute()), "store": "sqlite:///var/concierge.db", "matrix": matrix}
    settings["digest"] = digest
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
