"""A recorded bot of an old version, brought to a new homeserver and forum: the same messages, today."""

import itertools
import json
import re
import shutil
import sqlite3
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg

from bot.backup import restore
from bot.backup.archive import ArchiveWriter, open_archive
from bot.demo.homeserver import Credentials, Homeserver
from bot.digest.schedule import Schedule, Week
from bot.store.outbox import transaction_id
from tests.forum import Forum
from tests.member import Member
from tests.reliability.forum import BOT, QUICK, Forgetful, ForumScene
from tests.reliability.harness import Concierge

OLD = Path(__file__).parent / "8e1fcf5"
PASSWORD = "secret"
OWNERS = {"room": "ana-r1", "moderation": "sacha-r1", "direct": "ana-r1"}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?")
_UNIX = re.compile(r"\b1796\d{6}(\d{3})?\b")  # of the day of the recordings, in seconds or milliseconds


@dataclass(frozen=True)
class Recording:
    """What a bot of that version left, recorded into a folder."""

    kind: str  # sqlite, postgresql

    @property
    def folder(self) -> Path:
        return OLD / self.kind

    @cached_property
    def transcript(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "transcript.json").read_text(encoding="utf-8")))

    @property
    def taken(self) -> datetime:
        return datetime.fromisoformat(self.transcript["taken"])

    @property
    def device(self) -> str:
        (device,) = self.transcript["device"]
        return str(device)

    @property
    def user(self) -> str:
        return str(self.transcript["device"][self.device]["user_id"])

    def store(self) -> str:
        return (self.folder / "store.sql").read_text(encoding="utf-8")

    def write_keys(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        write_sqlite((self.folder / "keys.sql").read_text(encoding="utf-8"), folder / f"{self.user}_{self.device}.db")


def write_sqlite(statements: str, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(statements)


def write_postgresql(statements: str, url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statements.encode())


@dataclass
class Replay:
    """Rooms and forum as the old bot left them; its store, keys and settings beside them, and no bot running."""

    recording: Recording
    homeserver: Homeserver
    forum: Forum
    concierge: Concierge
    people: dict[str, Member] = field(default_factory=dict)  # by the name in their user id
    renamed: dict[str, str] = field(default_factory=dict)  # what the recording says -> what it is here

    @property
    def forum_scene(self) -> ForumScene:
        return ForumScene(self.forum, self.concierge)

    def room(self, name: str) -> str:
        return self.renamed[self.recording.transcript["rooms"][name]]

    def event(self, name: str) -> str:
        return self.renamed[self.recording.transcript["names"][name]]

    def adapt(self, text: str) -> str:
        """With the names and times of here."""
        ids = re.compile("|".join(map(re.escape, sorted(self.renamed, key=len, reverse=True))))
        shift = datetime.now(UTC) - self.recording.taken
        text = ids.sub(lambda match: self.renamed[match[0]], text)

        def shifted(match: re.Match[str]) -> str:
            return (datetime.fromisoformat(match[0]) + shift).isoformat(match[0][10], "microseconds")

        def later(match: re.Match[str]) -> str:
            return str(int(match[0]) + int(shift.total_seconds() * (1000 if match[1] else 1)))

        return _UNIX.sub(later, _MOMENT.sub(shifted, text))


async def replay(stack: AsyncExitStack, recording: Recording, folder: Path, nest: Path) -> Replay:
    server = await stack.enter_async_context(Homeserver())
    forum = await stack.enter_async_context(Forum())
    account = await server.register(recording.user[1:].partition(":")[0], PASSWORD)
    here = Replay(recording, server, forum, Concierge(folder, account, nest))
    stack.push_async_callback(here.concierge.end_all)
    here.renamed |= {recording.transcript["forum"]: forum.url}
    await _log_in(stack, here, account)
    for name, owner in OWNERS.items():
        await _make_room(here, name, owner)
    here.renamed |= _digests(here)
    (position,) = set(re.findall(r"'matrix', ?'(s\d+_[^']+)'", recording.store()))
    here.renamed[position] = (await here.people["concierge-r1"].call("GET", "sync", timeout="0"))["next_batch"]
    await _repeat_events(here)
    _repeat_posts(here)
    _configure(here)
    return here


def put_store(here: Replay, database: str) -> None:
    """The old store as its file or database was left. `database`: of PostgreSQL; empty: a file."""
    here.concierge.database = database
    statements = here.adapt(here.recording.store())
    if database:
        write_postgresql(statements, database)
    else:
        write_sqlite(statements, here.concierge.folder / "var" / "concierge.db")
    here.recording.write_keys(here.concierge.folder / "var" / "keys")


def put_backup(here: Replay, database: str) -> None:
    """The old backup, restored."""
    here.concierge.database = database
    file = here.concierge.folder / "backup.zip"
    with open_archive(here.recording.folder / "backup.zip") as old, file.open("wb") as out, ArchiveWriter(out) as new:
        for name in old.manifest.members:
            content = b"".join(old.content(name))
            new.add(name, [here.adapt(content.decode()).encode() if name.startswith("store/") else content])
        new.finish(old.manifest.program, old.manifest.revision, old.manifest.database, datetime.now(UTC))
    restore(here.concierge.url, here.concierge.folder / "var" / "keys", file)


def _digests(here: Replay) -> dict[str, str]:
    """The recorded digest is the last one that was due, in today's room: its week, and the transactions made of it."""
    zone = ZoneInfo("Europe/Paris")
    weeks = [Schedule(0, time(9), zone).last(moment) for moment in (here.recording.taken, datetime.now(UTC))]
    rooms = [here.recording.transcript["rooms"]["room"], here.room("room")]

    def names(week: Week, room: str) -> list[str]:
        places = [("matrix", room), ("matrix", "work"), ("discourse", "annonces")]
        return [str(week), *(transaction_id(one, f"digest {week} {one} {at}", "digest", 0) for one, at in places)]

    old, new = map(names, weeks, rooms)
    return dict(zip(old, new, strict=True))


async def _log_in(stack: AsyncExitStack, here: Replay, account: Credentials) -> None:
    """The people, and the bot with the device that it had."""
    names = {raw["sender"][1:].partition(":")[0] for raw in here.recording.transcript["events"]} - {"concierge-r1"}
    for name in sorted(names):
        person = await here.homeserver.register(name, PASSWORD)
        here.people[name] = await stack.enter_async_context(Member(here.homeserver.url, person.access_token))
    async with Member(here.homeserver.url, account.access_token) as first:
        proof: Any = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": account.user}}
        proof |= {"password": PASSWORD, "device_id": here.recording.device}
        fresh = (await first.call("POST", "login", body=proof))["access_token"]
    bot = here.people["concierge-r1"] = await stack.enter_async_context(Member(here.homeserver.url, fresh))
    keys = dict(here.recording.transcript["device"][here.recording.device])
    keys.pop("unsigned")
    await bot.call("POST", "keys", "upload", body={"device_keys": keys})
    (token,) = set(re.findall(r'"token": "(syt_\w+)"', here.recording.store()))
    here.renamed[token] = fresh


async def _make_room(here: Replay, name: str, owner: str) -> None:
    bot = here.people["concierge-r1"]
    private: dict[str, Any] = {"is_direct": True, "preset": "trusted_private_chat", "invite": (bot.user,)}
    room = await here.people[owner].create_room(**(private if name == "direct" else {}))
    here.renamed[here.recording.transcript["rooms"][name]] = room
    await bot.join(room)
    if name == "room":
        for person in here.people.values():
            await person.join(room)


async def _repeat_events(here: Replay) -> None:
    numbers = itertools.count(1)
    for raw in here.recording.transcript["events"]:
        sender = here.people[raw["sender"][1:].partition(":")[0]]
        content = json.loads(here.adapt(json.dumps(raw["content"])))
        path = ["rooms", here.room(raw["room"]), "send", raw["type"], raw["transaction"] or f"r{next(numbers)}"]
        here.renamed[raw["id"]] = (await sender.call("PUT", *path, body=content))["event_id"]


def _repeat_posts(here: Replay) -> None:
    here.forum.memo = Forgetful()
    for category in ("formations", "annonces"):
        here.forum.category(category)
    topics: dict[int, Any] = {}
    for post in here.recording.transcript["posts"]:
        where = topics.get(post["topic"], "annonces" if post["user"] == BOT else "formations")
        to = topics[post["topic"]].numbered(post["reply_to"]) if post["reply_to"] else None
        posted = here.forum.say(post["user"], where, here.adapt(post["raw"]), title=post["title"], reply_to=to)
        assert (posted.id, posted.topic.id) == (post["id"], post["topic"])  # the forum of the tests counts as it did
        topics[posted.topic.id] = posted.topic


def _configure(here: Replay) -> None:
    room, moderation = here.room("room"), here.room("moderation")
    here.concierge.configure(
        here.homeserver.url,
        room,
        matrix={"moderators_room": moderation},
        answers={"confident": 0.9, "suggest": 0.5},
        digest={"day": "lundi", "at": "09:00", "rooms": [room], "category": "annonces"},
        discourse={"url": here.forum.url, "username": BOT, "categories": ["formations"], **QUICK},
    )
    shutil.copytree(OLD / "knowledge", here.concierge.folder / "knowledge", dirs_exist_ok=True)
    here.concierge.secrets["CONCIERGE_DISCOURSE_API_KEY"] = here.forum.key
