"""Verifications that do not come to an end, told to the other side at once. Those that do: tests/encryption."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass

import pytest
import pytest_asyncio

from tests.channels.at_work import Bot, NewBot
from tests.conftest import NewMember
from tests.member import Member, Raw

SAS = "m.sas.v1"


@dataclass(frozen=True)
class Scene:
    """A room with the bot in it, and ana who wants to verify it."""

    ana: Member
    bot: Bot
    room: str

    async def ask(self, to: str | None = None, methods: tuple[str, ...] = (SAS,)) -> str:
        device = (await self.ana.call("GET", "account", "whoami"))["device_id"]
        content = {"msgtype": "m.key.verification.request", "body": "Vérifions-nous", "from_device": device}
        more = {"methods": list(methods), "to": to or self.bot.channel.user}
        event = await self.ana.send(self.room, "m.room.message", content | more)
        assert await self.bot.reads(event) is None
        return event

    async def step(self, name: str, asked: str, **content: object) -> None:
        relates = {"m.relates_to": {"rel_type": "m.reference", "event_id": asked}}
        await self.bot.reads(await self.ana.send(self.room, f"m.key.verification.{name}", content | relates))

    async def answers(self, to: str) -> list[Raw]:
        """What the bot said of that verification."""
        ours = [raw for raw in await self.ana.history(self.room) if raw["sender"] == self.bot.channel.user]
        return [raw for raw in ours if raw["content"].get("m.relates_to", {}).get("event_id") == to]


@pytest_asyncio.fixture
async def scene(bot: NewBot, member: NewMember) -> Scene:
    ana = await member("ana")  # whose device has keys, which need not be real ones here
    device = (await ana.call("GET", "account", "whoami"))["device_id"]
    keys = {f"ed25519:{device}": "IlRMeOPX2e0MurIyfWEucYBRVOEEUMrOHqn/8mLqMjA"}
    body = {"user_id": ana.user, "device_id": device, "algorithms": [], "keys": keys, "signatures": {}}
    await ana.call("POST", "keys", "upload", body={"device_keys": body})
    room = await ana.create_room()
    return Scene(ana, await bot(room), room)


async def test_what_the_bot_cannot_do_and_what_comes_out_of_turn_is_refused_at_once_with_a_reason(scene: Scene) -> None:
    (answer,) = await scene.answers(await scene.ask(methods=("m.qr_code.scan.v1",)))
    assert (answer["type"], answer["content"]["code"]) == ("m.key.verification.cancel", "m.unknown_method")
    assert "emojis" in answer["content"]["reason"]
    asked = await scene.ask()
    await scene.step("mac", asked, mac={}, keys="")
    ready, cancel = await scene.answers(asked)
    assert (ready["type"], ready["content"]["methods"]) == ("m.key.verification.ready", [SAS])
    assert (cancel["type"], cancel["content"]["code"]) == ("m.key.verification.cancel", "m.unexpected_message")
    others = await scene.ask(to="@bob:example.org")  # members verify each other, without a word of the bot
    await scene.step("start", others)
    assert await scene.answers(others) == []


async def test_a_bot_without_keys_says_so_at_once(scene: Scene) -> None:
    await scene.bot.stop()
    shutil.rmtree(scene.bot.keys)
    session = json.loads(scene.bot.memory.kept["matrix.session"])
    scene.bot.secrets = {"access_token": session["token"]}
    await scene.bot.start()
    (answer,) = await scene.answers(await scene.ask())
    assert answer["content"]["reason"].startswith("its keys are lost")


async def test_who_asks_again_and_again_gets_ten_answers_in_ten_minutes(scene: Scene) -> None:
    asked = [await scene.ask() for _ in range(11)]
    assert [len(await scene.answers(each)) for each in asked] == [1] * 10 + [0]


@pytest.mark.parametrize(
    ("step", "content", "code"),
    [
        ("key", {"key": "AAAA"}, "m.unknown_transaction"),
        ("request", {"methods": ["m.qr_code.show.v1"]}, "m.unknown_method"),
    ],
)
async def test_a_device_is_told_at_once_that_the_bot_does_not_go_on(
    scene: Scene, step: str, content: Raw, code: str
) -> None:
    """As after a restart of the bot."""
    ana, sent = scene.ana, {"transaction_id": "t1", "timestamp": int(time.time() * 1000)}
    message = {"messages": {scene.bot.channel.user: {"*": sent | content}}}
    await ana.call("PUT", "sendToDevice", f"m.key.verification.{step}", "n1", body=message)
    batch = await ana.call("GET", "sync", timeout="0")
    while not (found := batch["to_device"]["events"] if "to_device" in batch else []):
        batch = await ana.call("GET", "sync", timeout="10000", since=batch["next_batch"])
    assert [(raw["type"], raw["content"]["code"]) for raw in found] == [("m.key.verification.cancel", code)]
