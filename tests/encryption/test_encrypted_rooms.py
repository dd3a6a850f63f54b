"""The whole bot in encrypted rooms, with members whose client shares nothing with it but the specification."""

from __future__ import annotations

import asyncio
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import NewAccount, NewBot, NewMember
from tests.encryption.conftest import NewPerson
from tests.encryption.members import Person
from tests.member import Member, Raw
from tests.running import ASKED, Running, from_bot

QUESTION = f"concierge : {ASKED}"
FAST = {"matching": {"semantic": False}}
KEYLESS = {
    "algorithm": "m.megolm.v1.aes-sha2",
    "ciphertext": "AwgAEnACgAkLmt6qF84IK",
    "sender_key": "IlRMeOPX2e0MurIyfWEucYBRVOEEUMrOHqn/8mLqMjA",
    "session_id": "X3lUlvLELLYxeTx4yOVu6UDpasGEVO0Jbu+QFnm0cKQ",
    "device_id": "GONE",
}


async def encrypted_room(member: NewMember, **settings: Any) -> tuple[Member, str]:
    """A room that its owner only looks at from outside: what the owner sees is ciphertext."""
    owner = await member("owner")
    return owner, await owner.create_room(encrypted=True, **settings)


def answered(reply: Any) -> None:
    assert reply["encrypted"]
    assert "https://formation.example/" in reply["content"]["body"]


async def asked(person: Person, room: str, running: Running) -> Any:
    """The reply to a question that is put once the bot is there."""
    await person.first(room, running.bot.user)
    return await person.reply(room, await person.say(room, QUESTION))


async def said(owner: Member, room: str, running: Running) -> list[Raw]:
    """What the bot said in the room, as it looks from outside."""
    sealed = [raw for raw in await owner.history(room) if raw["sender"] == running.bot.user]
    return [raw for raw in sealed if raw["type"] in ("m.room.encrypted", "m.room.message")]


async def replies(owner: Member, room: str, running: Running, question: str) -> list[Raw]:
    return [raw for raw in await said(owner, room, running) if question in str(raw["content"].get("m.relates_to"))]


async def test_a_question_in_an_encrypted_room_is_answered_for_all_devices_of_its_asker(
    member: NewMember, person: NewPerson, account: NewAccount, new_bot: NewBot, knowledge: Path
) -> None:
    owner, room = await encrypted_room(member, room_version="12")
    running = await new_bot(room, knowledge=knowledge, **FAST)
    bea = await account("bea")
    laptop = await person(account_of=bea)
    await laptop.join(room)
    async with running.up():
        await laptop.first(room, running.bot.user)  # it introduces itself
        answered(await laptop.reply(room, await laptop.say(room, QUESTION)))
        phone = await person(account_of=bea)
        question = await laptop.say(room, QUESTION)
        for device in (laptop, phone):
            answered(await device.reply(room, question))
    async with running.up():
        question = await phone.say(room, QUESTION)
        for device in (laptop, phone):
            answered(await device.reply(room, question))
    assert "formation.example" not in str(await owner.history(room))


async def test_the_bots_device_is_signed_so_that_a_strict_client_talks_with_it(
    member: NewMember, person: NewPerson, new_bot: NewBot, knowledge: Path
) -> None:
    owner, room = await encrypted_room(member)
    running = await new_bot(room, knowledge=knowledge, **FAST)
    async with running.up():
        ana = await person("ana", strict=True)
        await ana.join(room)
        await running.settled(await owner.say(room, "."))
        answered(await ana.reply(room, await ana.say(room, QUESTION)))
        devices = await ana.trust(running.bot.user)
    assert list(devices.values()) == [True]


async def test_a_question_whose_key_comes_late_and_after_a_restart_gets_one_reply(
    member: NewMember, person: NewPerson, new_bot: NewBot, knowledge: Path
) -> None:
    owner, room = await encrypted_room(member)
    running = await new_bot(room, knowledge=knowledge, **FAST)
    ana = await person("ana")
    await ana.join(room)
    async with running.up():
        await ana.first(room, running.bot.user)
        await ana.do("hold")
        question = await ana.say(room, QUESTION)
        assert (await running.settled(question)).later
    async with running.up():
        again = await ana.say(room, QUESTION)
        assert (await running.settled(again)).later
        await ana.do("release")
        for asked in (question, again):
            answered(await ana.reply(room, asked))
        await running.settled(await owner.say(room, "."))
    assert len(await replies(owner, room, running, question)) == 1
    assert len(await replies(owner, room, running, again)) == 1


async def test_a_key_that_got_lost_on_its_way_is_asked_for(
    member: NewMember, person: NewPerson, new_bot: NewBot, knowledge: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, room = await encrypted_room(member)
    running = await new_bot(room, knowledge=knowledge, **FAST)
    ana = await person("ana")
    await ana.join(room)
    async with running.up():
        await ana.first(room, running.bot.user)
        await ana.do("hold", lose=True)
        question = await ana.say(room, QUESTION)
        await ana.do("release")
        assert (await running.settled(question)).later
        answered(await ana.reply(room, question))


async def test_that_it_cannot_read_is_said_once_in_a_room_after_a_minute(
    member: NewMember, person: NewPerson, new_bot: NewBot, knowledge: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.policy.KEY_PATIENCE", timedelta(seconds=1))
    monkeypatch.setattr("bot.policy.KEY_LOOKS", (timedelta(seconds=1),))
    owner, room = await encrypted_room(member)
    running = await new_bot(room, knowledge=knowledge, **FAST)
    ana = await person("ana")
    await ana.join(room)
    async with running.up():
        await ana.first(room, running.bot.user)
        sealed = [await owner.send(room, "m.room.encrypted", KEYLESS) for _ in range(3)]
        for event in sealed:
            assert (await running.settled(event)).posts == ()
        sorry = await ana.heard(room, running.bot.user, "Je n'arrive pas à lire")
        assert sorry["encrypted"]
        assert sorry["content"]["msgtype"] == "m.notice"
        await asyncio.sleep(2)
    assert len(await said(owner, room, running)) == 2  # the introduction and this


@pytest.mark.parametrize("lost", ["var/keys", "var"])
async def test_a_bot_that_lost_its_keys_goes_on_as_a_new_device_and_says_so(
    member: NewMember, person: NewPerson, new_bot: NewBot, knowledge: Path, lost: str
) -> None:
    owner, room = await encrypted_room(member)
    moderation = await owner.create_room()
    running = await new_bot(room, knowledge=knowledge, matrix={"moderators_room": moderation}, **FAST)
    ana = await person("ana")
    await ana.join(room)
    async with running.up():
        answered(await asked(ana, room, running))
        before = await ana.trust(running.bot.user)
    shutil.rmtree(running.settings.parent / lost)
    async with running.up():
        note = await owner.wait_for(moderation, from_bot(running), 20)
        answered(await asked(ana, room, running))
        after = await ana.trust(running.bot.user)
    assert "nouvelle session" in note["content"]["body"]
    assert ("identité" in note["content"]["body"]) == (lost == "var")
    assert list(before.values()) == list(after.values()) == [True]
    assert before != after
    async with running.up():
        answered(await asked(ana, room, running))
        assert await ana.trust(running.bot.user) == after
    assert len([raw for raw in await owner.history(moderation) if from_bot(running)(raw)]) == 1
