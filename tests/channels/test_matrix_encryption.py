"""Encrypted rooms: the person who asks uses the same channel, so that both ends hold keys; a plain client looks on."""

import json
import shutil
import time
from dataclasses import dataclass

import pytest
import pytest_asyncio

from bot.channels.matrix.settings import MatrixSettings
from bot.messages import Edit, Message, MissingKey, Reply
from tests.channels.at_work import Bot, Encrypted, NewBot, NewEncrypted, together, warnings
from tests.conftest import NewMember
from tests.member import Member, Raw

ALGORITHM = {"algorithm": "m.megolm.v1.aes-sha2"}
MEGOLM = ALGORITHM | dict.fromkeys(("ciphertext", "sender_key", "session_id", "device_id"), "x")
ODD = ({"session_id": 5}, {"session_id": ""}, {"sender_key": 1})
KEYLESS = [MEGOLM, {key: MEGOLM[key] for key in ("algorithm", "ciphertext", "session_id")}]
SAS = "m.sas.v1"


@pytest_asyncio.fixture
async def scene(encrypted: NewEncrypted) -> Encrypted:
    return await encrypted()


async def test_encrypted_words_are_read_and_answered_and_told_from_plain_ones(scene: Encrypted) -> None:
    owner, room, concierge, ana = scene.owner, scene.room, scene.concierge, scene.ana
    asked = await ana.channel.send(Reply(room, "Où se former ?", mentions=(concierge.channel.user,)), "q1")
    question = await concierge.reads(asked)
    assert isinstance(question, Message)
    assert (question.text, question.private, question.mentions_bot) == ("Où se former ?", True, True)
    answered = await concierge.channel.send(Reply(room, "Par là", to=asked, mentions=(ana.channel.user,)), "a1")
    answer = await ana.reads(answered)
    assert (answer.text, answer.reply_to, answer.mentions_bot) == ("Par là", asked, True)
    assert "Par là" not in str(await owner.history(room))
    edit = await ana.reads(await concierge.channel.send(Reply(room, "Par ici", replaces=answered), "a2"))
    assert isinstance(edit, Edit)
    assert (edit.message.text, edit.message.reply_to) == ("Par ici", asked)
    assert await concierge.channel.send(Reply(room, "Par là", to=asked), "a1") == answered
    assert concierge.keys.stat().st_mode & 0o777 == 0o700
    plain = await owner.say(room, "Où se former ?")
    assert (question.unencrypted, (await concierge.reads(plain)).unencrypted) == (False, True)
    assert (await concierge.reads(await owner.edit(room, plain, "Où ça ?"))).message.unencrypted
    assert await concierge.reads(await scene.thief.edit(room, asked, "Où boire ?")) is None
    read = await concierge.again(room, asked)
    assert (read.text, read.unencrypted) == ("Où se former ?", False)
    us = concierge.channel.user
    of_two = await owner.create_room(invite=(us,), is_direct=True, encrypted=True, preset="trusted_private_chat")
    said = await concierge.reads(await owner.say(of_two, "Où se former ?"))
    assert (said.direct, said.unencrypted) == (True, True)


async def test_a_room_that_becomes_encrypted_gets_no_more_plain_text(bot: NewBot, member: NewMember) -> None:
    concierge, ana, room = await together(bot, member)
    before = await concierge.channel.send(Reply(room, "avant"), "a1")
    await ana.set_state(room, "m.room.encryption", ALGORITHM)
    await concierge.hears(await ana.say(room, "fin"))
    after = await concierge.channel.send(Reply(room, "après"), "a2")
    assert [(await ana.event(room, id))["type"] for id in (before, after)] == ["m.room.message", "m.room.encrypted"]


async def unread(concierge: Bot, event: str) -> bool:
    try:
        return await concierge.reads(event) is None
    except MissingKey:
        return True


async def test_nobody_speaks_as_somebody_else(scene: Encrypted, bot: NewBot, caplog: pytest.LogCaptureFixture) -> None:
    room, concierge, ana, mallory = scene.room, scene.concierge, scene.ana, await bot(scene.room, name="mallory")
    for content in ({"algorithm": "m.unknown"}, *(MEGOLM | odd for odd in ODD)):
        assert await concierge.reads(await scene.owner.send(room, "m.room.encrypted", content)) is None
    for content in KEYLESS:
        with pytest.raises(MissingKey):
            await concierge.reads(await scene.owner.send(room, "m.room.encrypted", content))
    own = await mallory.channel.send(Reply(room, "moi"), "m1")
    assert (await concierge.reads(own)).sender == mallory.channel.user
    for device in (mallory, ana):
        words = await mallory.channel.send(Reply(room, "!retirer tout"), await device.channel.login())
        sealed = (await scene.owner.event(room, words))["content"]  # of which the bot has read nothing yet
        forged = sealed | {"device_id": await device.channel.login()}
        assert await unread(concierge, await scene.thief.send(room, "m.room.encrypted", forged))
    asked = await ana.channel.send(Reply(room, "Où se former ?"), "q1")
    assert (await concierge.reads(asked)).sender == ana.channel.user
    assert warnings(caplog, room) == [f"cannot read encrypted messages in {room}"]


async def test_what_was_encrypted_once_is_not_obeyed_again_nor_in_another_room(scene: Encrypted) -> None:
    room, concierge, thief = scene.room, scene.concierge, scene.thief
    said = await scene.ana.channel.send(Reply(room, "oui"), "q1")
    sealed = (await scene.owner.event(room, said))["content"]
    assert (await concierge.reads(said)).text == "oui"
    assert await unread(concierge, await thief.send(room, "m.room.encrypted", sealed))
    other = await thief.create_room(encrypted=True)
    await concierge.stop()
    concierge.settings = MatrixSettings(**dict(concierge.settings) | {"rooms": [room, other]})
    await concierge.start()
    assert await unread(concierge, await thief.send(room, "m.room.encrypted", sealed))
    assert (await concierge.reads(said)).text == "oui"
    await concierge.joins(other)
    assert await unread(concierge, await thief.send(other, "m.room.encrypted", sealed))


@dataclass(frozen=True)
class Verifying:
    """A room with the bot in it, and ana who wants to verify it: to no end here; tests/encryption have the others."""

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
async def verifying(bot: NewBot, member: NewMember) -> Verifying:
    ana = await member("ana")  # whose device has keys, which need not be real ones here
    device = (await ana.call("GET", "account", "whoami"))["device_id"]
    keys = {f"ed25519:{device}": "IlRMeOPX2e0MurIyfWEucYBRVOEEUMrOHqn/8mLqMjA"}
    body = {"user_id": ana.user, "device_id": device, "algorithms": [], "keys": keys, "signatures": {}}
    await ana.call("POST", "keys", "upload", body={"device_keys": body})
    room = await ana.create_room()
    return Verifying(ana, await bot(room), room)


async def test_what_the_bot_cannot_do_and_what_comes_out_of_turn_is_refused_at_once(verifying: Verifying) -> None:
    (answer,) = await verifying.answers(await verifying.ask(methods=("m.qr_code.scan.v1",)))
    assert (answer["type"], answer["content"]["code"]) == ("m.key.verification.cancel", "m.unknown_method")
    assert "emojis" in answer["content"]["reason"]
    asked = await verifying.ask()
    await verifying.step("mac", asked, mac={}, keys="")
    ready, cancel = await verifying.answers(asked)
    assert (ready["type"], ready["content"]["methods"]) == ("m.key.verification.ready", [SAS])
    assert (cancel["type"], cancel["content"]["code"]) == ("m.key.verification.cancel", "m.unexpected_message")
    others = await verifying.ask(to="@bob:example.org")  # members verify each other, without a word of the bot
    await verifying.step("start", others)
    assert await verifying.answers(others) == []
    ana, sent = verifying.ana, {"transaction_id": "t1", "timestamp": int(time.time() * 1000)}
    batch = await ana.call("GET", "sync", timeout="0")
    for step, content, code in (  # from device to device
        ("key", {"key": "AAAA"}, "m.unknown_transaction"),
        ("request", {"methods": ["m.qr_code.show.v1"]}, "m.unknown_method"),
    ):
        message = {"messages": {verifying.bot.channel.user: {"*": sent | content}}}
        await ana.call("PUT", "sendToDevice", f"m.key.verification.{step}", f"to {step}", body=message)
        found: list[Raw] = []
        while not found:
            batch = await ana.call("GET", "sync", timeout="10000", since=batch["next_batch"])
            found = batch.get("to_device", {}).get("events", [])
        assert [(raw["type"], raw["content"]["code"]) for raw in found] == [("m.key.verification.cancel", code)]


async def test_who_asks_again_and_again_gets_ten_answers_and_a_bot_without_keys_says_so(verifying: Verifying) -> None:
    asked = [await verifying.ask() for _ in range(11)]
    assert [len(await verifying.answers(each)) for each in asked] == [1] * 10 + [0]
    await verifying.bot.stop()
    shutil.rmtree(verifying.bot.keys)
    session = json.loads(verifying.bot.memory.kept["matrix.session"])
    verifying.bot.secrets = {"access_token": session["token"]}
    await verifying.bot.start()
    (answer,) = await verifying.answers(await verifying.ask())
    assert answer["content"]["reason"].startswith("its keys are lost")
