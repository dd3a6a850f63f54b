"""The play in rooms of a real homeserver: people with plain clients, one room encrypted, and the bot as it runs."""

import asyncio
import contextlib
import json
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from unicodedata import normalize

from benchmarks.running import until_meaning
from bot.demo.homeserver import Credentials, Homeserver, free_port
from tests.encryption.members import Person, clients, install
from tests.member import Member, Raw
from tests.play.script import BOT, DIRECT, MODERATION, MODERATORS, Scene, Turn, places, sealed_place
from tests.play.stage import Act, Words
from tests.running import Running
from tests.waiting import until

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"
"""The shipped one."""
_FENCE = "coulisses"
_WAITING = """
    SELECT (SELECT count(*) FROM journal WHERE done_at IS NULL AND (due_at IS NULL OR due_at <= :now))
         + (SELECT count(*) FROM outbox WHERE closed IS NULL)
"""


def waiting(store: Path) -> int:
    """How much the bot still has to handle, or to send, at once."""
    now = datetime.now(UTC).replace(tzinfo=None).isoformat(" ")
    with contextlib.closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
        return int(connection.execute(_WAITING, {"now": now}).fetchone()[0])


@dataclass
class Rooms:
    """See `stage.Stage`. `eyes`: by place, who sees it; `hands`: devices of those who write in the encrypted room."""

    running: Running
    people: Mapping[str, Member]
    rooms: Mapping[str, str]
    sealed: str  # the encrypted room's place
    hands: Mapping[str, Person]
    store: Path
    acts: list[Act] = field(default_factory=list)

    async def write(self, who: str, place: str, words: Words) -> str:
        room = self.rooms[place]
        if place == self.sealed:
            return await self.hands[who].say(room, words.text)
        if words.replaces:
            return await self.people[who].edit(room, words.replaces, words.text)
        return await self.people[who].say(room, words.text, **self._content(words))

    async def react(self, who: str, place: str, target: str, key: str) -> str:
        hand = self.hands[who] if place == self.sealed else self.people[who]
        return await hand.react(self.rooms[place], target, key)

    async def remove(self, who: str, place: str, target: str) -> None:
        hand = self.hands[who] if place == self.sealed else self.people[who]
        await hand.redact(self.rooms[place], target)

    async def give(self, name: str, text: str) -> None:
        raise NotImplementedError("in the first week only")

    async def settle(self) -> None:
        """What is said before the fence comes to the bot before it."""
        await self.running.settled(await self.people[MODERATORS[0]].say(self.rooms[_FENCE], "…"))
        await until(lambda: not waiting(self.store))
        for name in {_eye(place) for place in self.rooms}:
            member = self.people[name]
            await member.sync(0)
            new, member.seen = member.seen, []
            await self._see(name, new)

    async def wait(self, time: timedelta) -> None:
        await asyncio.sleep(time.total_seconds())

    async def absent(self, begins: bool) -> None:
        raise NotImplementedError("on paper only")

    def _content(self, words: Words) -> Raw:
        content: Raw = {"m.mentions": {}}
        if words.to:
            content["m.relates_to"] = {"m.in_reply_to": {"event_id": words.to}}
        if words.thread:
            content["m.relates_to"] |= {"rel_type": "m.thread", "event_id": words.thread, "is_falling_back": False}
        if words.names:
            user = self.running.bot.user if words.names == BOT else self.people[words.names].user
            pill = f'<a href="https://matrix.to/#/{user}">{words.names}</a>'
            html = escape(words.text, quote=False).replace(words.names, pill, 1)
            content |= {"format": "org.matrix.custom.html", "formatted_body": html, "m.mentions": {"user_ids": [user]}}
        return content

    async def _see(self, name: str, events: Iterable[tuple[str, Raw]]) -> None:
        for room, raw in events:
            place = next((place for place, id in self.rooms.items() if id == room), "")
            if name != _eye(place) or raw["sender"] != self.running.bot.user:
                continue
            act = self._act(place, await self._opened(raw, room) if raw["type"] == "m.room.encrypted" else raw)
            self.acts += [act] if act else []

    async def _opened(self, raw: Raw, room: str) -> Raw:
        event: Raw = await next(iter(self.hands.values())).do("event", room=room, event=raw["event_id"])
        return raw | event

    def _act(self, place: str, raw: Raw) -> Act | None:
        content, id = raw["content"], raw["event_id"]
        relates = content.get("m.relates_to", {})
        match raw["type"]:
            case "m.room.redaction":
                target = raw.get("redacts") or content["redacts"]
                key = next((act.key for act in self.acts if act.id == target), "")
                return Act("removal", place, id, target=target, key=key)
            case "m.reaction" if relates:
                return Act("reaction", place, id, target=relates["event_id"], key=relates["key"])
            case "m.room.message" if "body" in content:
                return self._message(place, id, content, relates)
        return None

    def _message(self, place: str, id: str, content: Raw, relates: Raw) -> Act:
        users = content.get("m.mentions", {}).get("user_ids", ())
        rings = frozenset(name for name, member in self.people.items() if member.user in users)
        if relates.get("rel_type") == "m.replace":
            return Act("edit", place, id, content["m.new_content"]["body"], target=relates["event_id"], rings=rings)
        to = relates.get("m.in_reply_to", {}).get("event_id")
        thread = relates["event_id"] if relates.get("rel_type") == "m.thread" else None
        quotes_root = thread is not None and thread == to and not relates.get("is_falling_back")
        return Act("message", place, id, content["body"], to, thread, rings=rings, quotes_root=quotes_root)


def _eye(place: str) -> str:
    """Who looks at what the bot does there."""
    return place.removeprefix(f"{DIRECT} de ") if place.startswith(DIRECT) else MODERATORS[0]


@dataclass(frozen=True)
class House:
    """A homeserver, its people, and those of their devices that can write in an encrypted room."""

    server: Homeserver
    bot: Credentials
    people: Mapping[str, Member]
    hands: Mapping[str, Person]

    @asynccontextmanager
    async def open(self, folder: Path, scene: Scene) -> AsyncIterator[Rooms]:
        """For each scene a bot with a store of its own, and new rooms."""
        sealed, host, port = sealed_place(), self.people[MODERATORS[0]], free_port()
        direct = {place for place in places([scene]) if place.startswith(DIRECT)}
        guests = {place: _guests(scene, place) for place in places([scene]) - direct | {_FENCE, MODERATION}}
        rooms = await _rooms(self.people, guests, sealed)
        for person in self.hands.values() if sealed in rooms else ():
            await person.do("join", room=rooms[sealed])
        running = Running(_settings(folder, self.server, rooms, port), self.bot)
        async with running.up():
            await until_meaning(port)
            await _bot_is_in(host, self.bot, rooms.values())
            for place in sorted(direct):
                owner = self.people[_eye(place)]
                rooms[place] = await owner.create_room(invite=(self.bot.user,), is_direct=True, preset="private_chat")
                await _bot_is_in(owner, self.bot, [rooms[place]])
            yield Rooms(running, self.people, rooms, sealed, self.hands, folder / "var" / "concierge.db")


@asynccontextmanager
async def open_house(scenes: Sequence[Scene]) -> AsyncIterator[House]:
    """A homeserver of their own, so that all are called what the play calls them. Raises members.Missing."""
    client = install()
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(Homeserver())
        turns = [step for scene in scenes for step in scene.steps if isinstance(step, Turn)]
        names = sorted({turn.who for turn in turns} | {*MODERATORS})
        accounts = {name: await _register(server, name) for name in names}
        people: dict[str, Member] = {}
        for name, account in accounts.items():
            people[name] = await stack.enter_async_context(Member(server.url, account.access_token))
            await people[name].call("PUT", "profile", account.user, "displayname", body={"displayname": name})
        node = await stack.enter_async_context(clients(client))
        writers = {turn.who for turn in turns if turn.place == sealed_place()}
        hands = {name: await Person.log_in(node, server.url, accounts[name]) for name in sorted(writers)}
        yield House(server, await _register(server, BOT), people, hands)


async def _register(server: Homeserver, name: str) -> Credentials:
    local = "".join(char for char in normalize("NFD", name.lower()) if char.isascii())  # as homeservers want it
    return await server.register(local, "secret")


def _guests(scene: Scene, place: str) -> set[str]:
    """Whoever does something in the scene, for the bot talks in private with those who share a room with it."""
    turns = [step for step in scene.steps if isinstance(step, Turn)]
    return {*MODERATORS} if place in (_FENCE, MODERATION) else {turn.who for turn in turns} | {*MODERATORS}


async def _rooms(people: Mapping[str, Member], guests: Mapping[str, set[str]], sealed: str) -> dict[str, str]:
    host, other = (people[name] for name in MODERATORS)
    rooms = {place: await host.create_room(name=place, encrypted=place == sealed) for place in sorted(guests)}
    for place, room in rooms.items():
        for name in sorted(guests[place] - {MODERATORS[0]}):
            await people[name].join(room)
    await host.set_state(rooms[MODERATION], "m.room.power_levels", {"users": {other.user: 50}})
    return rooms


async def _bot_is_in(member: Member, bot: Credentials, rooms: Iterable[str]) -> None:
    """It says who it is where it is new; in a room of two it waits to be spoken to."""
    for room in rooms:
        await member.wait_for(
            room, lambda raw: raw.get("state_key") == bot.user and raw["content"].get("membership") == "join"
        )


def _settings(folder: Path, server: Homeserver, rooms: Mapping[str, str], port: int) -> Path:
    shutil.copytree(KNOWLEDGE, folder / "knowledge")
    listen = [{"room": room, "listen": "mentions" if place == _FENCE else "questions"}
              for place, room in rooms.items() if place != MODERATION]  # fmt: skip
    matrix = {"homeserver": server.url, "user": "@concierge:localhost", "rooms": listen,
              "moderators_room": rooms[MODERATION]}  # fmt: skip
    settings = {"knowledge": "knowledge", "store": "sqlite:///var/concierge.db", "matrix": matrix,
                "flood": {"questions": 0}, "web": {"address": port}}  # fmt: skip
    file = folder / "config.json"
    file.write_text(json.dumps(settings), encoding="utf-8")
    return file
