"""The demo: a real homeserver, rooms, the bot as `concierge run` runs it, and members."""

import asyncio
import json
import logging
import secrets
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp

from bot.app import main
from bot.app.digest_settings import DAYS
from bot.app.live_index import LiveIndex
from bot.app.shared import Shared
from bot.config.loading import load
from bot.config.settings import Settings
from bot.demo import scenes, script
from bot.demo.console import Transcript, quiet_terminal
from bot.demo.homeserver import Credentials, Homeserver, free_port
from bot.demo.member import DemoMember
from bot.knowledge.library import Library
from bot.locale import wording
from bot.store import Store
from bot.workers.link_check import INTERVAL

INTERRUPTED = 130  # exit code after Ctrl-C, as of shells


async def demo(knowledge: Path, *, once: bool = False) -> int:
    """Play the script, then let a person write as the member. The exit code: 1 if a reply or a silence is missing."""
    transcript = Transcript()
    logging.getLogger("bot").setLevel(logging.ERROR)  # the transcript is to be read, without log lines in between
    try:
        with quiet_terminal(), tempfile.TemporaryDirectory(prefix="concierge-demo-") as name:
            transcript.step(script.STEPS[0])
            encoded = asyncio.create_task(_encode(knowledge))
            async with Homeserver(Path(name, "homeserver")) as server:
                return await _play(server, Path(name), knowledge, encoded, transcript, once)
    finally:
        if not once:
            transcript.step(script.BYE)


async def _play(
    server: Homeserver, folder: Path, knowledge: Path, encoded: Awaitable[None], transcript: Transcript, once: bool
) -> int:
    people = {name: await server.register(name, secrets.token_urlsafe(9)) for name in script.PEOPLE}
    member, bot = people[script.MEMBER], people[script.BOT]
    transcript.step(script.STEPS[1].format(member=script.MEMBER))
    copy = Path(shutil.copytree(knowledge, folder / "knowledge"))
    async with aiohttp.ClientSession() as http:
        cast = await _cast(http, server, people)
        observer = scenes.Observer()
        since = await cast.moderator.position()
        transcript.step(script.STEPS[2])
        settings = _settings(folder, server, bot, copy)
        await encoded
        store = await Store.open(settings.store.get_secret_value())
        await store.links.schedule(datetime.now(UTC) + INTERVAL)  # they are real, and no business of a demo left open
        await store.close()
        rooms = scenes.DemoRooms(cast, transcript)
        scripted = {
            script.NOT_WELL: partial(scenes.ask_questions, rooms, observer),
            script.NOT_LEARNT: partial(scenes.learn, rooms, knowledge, copy),
            script.NOT_TOLD: partial(scenes.publish_week, rooms, settings),
        }

        async def play() -> int:
            async with scenes.running(rooms.listen(since)):
                code = await _play_all(scripted, transcript)
            if not once:
                transcript.step(script.JOIN.format(url=server.url, member=member.user, password=member.password,
                                                   room=f"#{script.ROOM}:{server.name}"))  # fmt: skip
                transcript.step(script.PAGES.format(pages=settings.web and settings.web.public_url))
                await scenes.FreeScene(cast, transcript, observer).play()
            return code

        stop = asyncio.Event()
        return await beside_bot(main.run(settings, stop=stop, observe=observer.observe), stop, play(), transcript)


async def beside_bot(
    bot: Coroutine[None, None, int], stop: asyncio.Event, play: Coroutine[None, None, int], transcript: Transcript
) -> int:
    """The play, as long as the bot runs; `stop` ends the bot, as Ctrl-C does. The exit code."""
    tasks = running, playing = asyncio.create_task(bot), asyncio.create_task(play)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if playing.done():
            return playing.result()
        if stop.is_set():
            return INTERRUPTED
        error = running.exception()
        transcript.fault(script.GONE.format(reason=f" ({error})" if error else ""))
        return 1
    finally:
        stop.set()
        playing.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _cast(http: aiohttp.ClientSession, server: Homeserver, people: Mapping[str, Credentials]) -> scenes.Cast:
    """Everybody in the members' room; the moderator in the moderators' room as well."""
    names = (script.MEMBER, script.OTHER, script.MODERATOR)
    asker, other, moderator = (DemoMember(http, server.url, people[name]) for name in names)
    room, moderation = [
        await moderator.create_room(room_alias_name=name, name=name, preset="public_chat")
        for name in (script.ROOM, script.MODERATION)
    ]
    for member in (asker, other):
        await member.join(room)
    return scenes.Cast(asker, other, moderator, room, moderation, people[script.BOT].user)


async def _play_all(scripted: Mapping[str, Callable[[], Awaitable[bool]]], transcript: Transcript) -> int:
    """Returns 0 if everything expected came. `scripted`: the scenes, each with the sentence that says it went wrong."""
    for fault, scene in scripted.items():
        try:
            is_right = await scene()
        except TimeoutError:
            transcript.fault(script.NOTHING_CAME.format(seconds=int(scenes.PATIENCE)))
            is_right = False
        if not is_right:
            transcript.fault(fault)
            return 1
    addressed = sum(is_addressed for _, is_addressed in script.LINES)
    transcript.step(script.ALL_WELL.format(answered=addressed, silent=len(script.LINES) - addressed))
    return 0


async def _encode(knowledge: Path) -> None:
    """Encode the answers while the homeserver starts: the bot's first start would do it beside answering, and the demo
    shows the bot with it."""
    load = Shared().loader(Settings(knowledge=knowledge))
    current = LiveIndex(Library(knowledge), wording("fr"), lambda: datetime.now(UTC).date(), load_embeddings=load)
    await current.reload()
    await current.join_meaning()


def _settings(folder: Path, server: Homeserver, bot: Credentials, knowledge: Path) -> Settings:
    """Loaded from a file, as for `concierge run`."""
    rooms = {"rooms": [f"#{script.ROOM}:{server.name}"], "moderators_room": f"#{script.MODERATION}:{server.name}"}
    matrix = {"homeserver": server.url, "user": bot.user} | rooms
    today = DAYS[datetime.now(ZoneInfo("Europe/Paris")).weekday()]  # at a past time: only the command posts it
    digest = {"when": f"{today} 00:00", "rooms": rooms["rooms"]}
    where = {"knowledge": str(knowledge.absolute()), "store": "sqlite:///var/concierge.db"}
    port = free_port()
    web = {"address": port, "pages": True, "public_url": f"http://127.0.0.1:{port}"}
    settings = where | {"matrix": matrix, "digest": digest, "flood": {"questions": 0}, "web": web}
    file = folder / "config.json"
    file.write_text(json.dumps(settings), encoding="utf-8")
    return load(file, {"CONCIERGE_MATRIX_PASSWORD": bot.password})
