"""A room with people and a bot that reaches it through a network with faults."""

import itertools
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.demo.homeserver import Homeserver
from tests.member import Member, Raw
from tests.reliability.harness import Concierge, Tally, history, is_said_by, one_reply_each, tally, until_answered
from tests.reliability.proxy import Proxy
from tests.waiting import PATIENCE, eventually

_numbers = itertools.count(1)


@dataclass
class Scene:
    """A bot, not yet started, that reaches its homeserver through the proxy; ana owns the rooms, bob is there too."""

    homeserver: Homeserver
    proxy: Proxy
    concierge: Concierge
    ana: Member
    bob: Member
    rooms: list[str] = field(default_factory=list)

    @property
    def room(self) -> str:
        return self.rooms[0]

    @property
    def bot(self) -> str:
        return self.concierge.account.user

    async def add_moderators(self) -> str:
        """A room for them, in which ana is; the bot finds it at its next start."""
        room = await self.ana.create_room()
        self.concierge.add("matrix", moderators_room=room)
        return room

    async def introduced(self) -> None:
        await self.ana.wait_for(self.room, lambda raw: is_said_by(raw, self.bot))

    async def until_answered(self, *questions: str, seconds: float = PATIENCE) -> None:
        await until_answered(self.ana, self.room, self.bot, *questions, seconds=seconds)

    async def one_reply_each(self, *questions: str, seconds: float = PATIENCE) -> None:
        await one_reply_each(self.ana, self.room, self.bot, *questions, seconds=seconds)

    async def tally(self) -> Tally:
        return await tally(self.ana, self.room, self.bot)

    async def log_out_everywhere(self) -> None:
        """All devices of the bot's account, as an administrator would."""
        bot = self.concierge.account
        login = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": bot.user}}
        token = (await self.ana.call("POST", "login", body=login | {"password": bot.password}))["access_token"]
        async with Member(self.homeserver.url, token) as account:
            await account.call("POST", "logout", "all", body={})


async def set_up(
    stack: AsyncExitStack,
    server: Homeserver,
    folder: Path,
    nest: Path,
    *,
    rooms: int = 1,
    database: str = "",
    encrypted: bool = False,
    **settings: Any,
) -> Scene:
    number = next(_numbers)
    names = [f"{name}-r{number}" for name in ("ana", "bob", "concierge")]
    ana, bob, bot = [await server.register(name, "secret") for name in names]
    proxy = await stack.enter_async_context(Proxy(server.url))
    members = [await stack.enter_async_context(Member(server.url, who.access_token)) for who in (ana, bob)]
    scene = Scene(server, proxy, Concierge(folder, bot, nest, database), members[0], members[1])
    stack.push_async_callback(scene.concierge.end_all)
    for _ in range(rooms):
        scene.rooms.append(await scene.ana.create_room(encrypted=encrypted))
        await scene.bob.join(scene.rooms[-1])
    scene.concierge.configure(proxy.url, *scene.rooms, **settings)
    return scene


async def until(member: Member, room: str, bot: str, words: str) -> Raw:
    """The newest message of the bot there with these words: a member's sync leaves gaps."""

    async def find() -> list[Raw]:
        said = [raw for raw in await history(member, room) if is_said_by(raw, bot)]
        return [raw for raw in said if words in raw["content"].get("body", "")]

    return (await eventually(find))[0]
