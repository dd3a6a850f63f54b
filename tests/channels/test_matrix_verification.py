"""Verifications that do not come to an end, told to the other side at once. Those that do: tests/encryption."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.demo.homeserver import Homeserver
from tests.channels.at_work import Bot, prepare
from tests.conftest import NewAccount, NewMember
from tests.member import Member, Raw

SAS = "m.sas.v1"


@pytest_asyncio.fixture
async def ana(member: NewMember) -> Member:
    """With a device that has keys, which need not be real ones here."""
    ana = await member("ana")
    device = (await ana.call("GET", "account", "whoami"))["device_id"]
    keys = {f"ed25519:{device}": "IlRMeOPX2e0MurIyfWEucYBRVOEEUMrOHqn/8mLqMjA"}
    body = {"user_id": ana.user, "device_id": device, "algorithms": [], "keys": keys, "signatures": {}}
    await ana.call("POST", "keys", "upload", body={"device_keys": body})
    return ana


@pytest_asyncio.fixture(params=[True])
async def bot(
    homeserver: Homeserver, account: NewAccount, tmp_path: Path, ana: Member, request: pytest.FixtureRequest
) -> AsyncIterator[Bot]:
    room = await ana.create_room()
    made = prepare(homeserver.url, await account("concierge"), tmp_path, room, encryption=request.param)
    await made.start()
    await made.synced()
    yield made
    await made.stop()


async def ask(bot: Bot, ana: Member, to: str | None = None, methods: tuple[str, ...] = (SAS,)) -> str:
    device = (await ana.call("GET", "account", "whoami"))["device_id"]
    content = {"msgtype": "m.key.verification.request", "body": "Vérifions-nous", "from_device": device}
    more = {"methods": list(methods), "to": to or bot.channel.user}
    event = await ana.send(listed(bot), "m.room.message", content | more)
    assert await bot.reads(event) is None
    return event


def listed(bot: Bot) -> str:
    return bot.account.rooms[0][0]


async def answers(bot: Bot, ana: Member, to: str) -> list[Raw]:
    """What the bot said of that verification."""
    ours = [raw for raw in await ana.history(listed(bot)) if raw["sender"] == bot.channel.user]
    return [raw for raw in ours if raw["content"].get("m.relates_to", {}).get("event_id") == to]


async def step(bot: Bot, ana: Member, name: str, asked: str, **content: object) -> None:
    relates = {"rel_type": "m.reference", "event_id": asked}
    await bot.reads(await ana.send(listed(bot), f"m.key.verification.{name}", content | {"m.relates_to": relates}))


async def test_what_the_bot_cannot_do_and_what_comes_out_of_turn_is_refused_at_once_with_a_reason(
    bot: Bot, ana: Member
) -> None:
    (answer,) = await answers(bot, ana, await ask(bot, ana, methods=("m.qr_code.scan.v1",)))
    assert (answer["type"], answer["content"]["code"]) == ("m.key.verification.cancel", "m.unknown_method")
    assert "emojis" in answer["content"]["reason"]
    asked = await ask(bot, ana)
    await step(bot, ana, "mac", asked, mac={}, keys="")
    ready, cancel = await answers(bot, ana, asked)
    assert (ready["type"], ready["content"]["methods"]) == ("m.key.verification.ready", [SAS])
    assert (cancel["type"], cancel["content"]["code"]) == ("m.key.verification.cancel", "m.unexpected_message")
    others = await ask(bot, ana, to="@bob:example.org")  # members verify each other, without a word of the bot
    await step(bot, ana, "start", others)
    assert await answers(bot, ana, others) == []


@pytest.mark.parametrize("bot", [False], indirect=True)
async def test_a_bot_without_keys_says_so_at_once(bot: Bot, ana: Member) -> None:
    (answer,) = await answers(bot, ana, await ask(bot, ana))
    assert answer["content"]["reason"] == "encryption is switched off"


async def test_who_asks_again_and_again_gets_ten_answers_in_ten_minutes(bot: Bot, ana: Member) -> None:
    asked = [await ask(bot, ana) for _ in range(11)]
    said = [raw["content"] for raw in await ana.history(listed(bot)) if raw["sender"] == bot.channel.user]
    counts = Counter(content.get("m.relates_to", {}).get("event_id") for content in said)
    assert [counts[each] for each in asked] == [1] * 10 + [0]


@pytest.mark.parametrize(
    ("step", "content", "code"),
    [
        ("key", {"key": "AAAA"}, "m.unknown_transaction"),
        ("request", {"methods": ["m.qr_code.show.v1"]}, "m.unknown_method"),
    ],
)
async def test_a_device_is_told_at_once_that_the_bot_does_not_go_on(
    bot: Bot, ana: Member, step: str, content: Raw, code: str
) -> None:
    """As after a restart of the bot."""
    sent = {"transaction_id": "t1", "timestamp": int(time.time() * 1000)}
    message = {"messages": {bot.channel.user: {"*": sent | content}}}
    await ana.call("PUT", "sendToDevice", f"m.key.verification.{step}", "n1", body=message)
    batch = await ana.call("GET", "sync", timeout="0")
    while not (found := batch["to_device"]["events"] if "to_device" in batch else []):
        batch = await ana.call("GET", "sync", timeout="10000", since=batch["next_batch"])
    assert [(raw["type"], raw["content"]["code"]) for raw in found] == [("m.key.verification.cancel", code)]
