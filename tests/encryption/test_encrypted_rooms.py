"""The whole bot in encrypted rooms, with members whose client shares nothing with it but the specification."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.conftest import NewAccount, NewBot, NewMember
from tests.encryption.conftest import NewPerson
from tests.member import Member
from tests.running import ASKED

QUESTION = f"concierge : {ASKED}"
FAST = {"matching": {"semantic": False}}


async def encrypted_room(member: NewMember, **settings: Any) -> tuple[Member, str]:
    """A room that its owner only looks at from outside: what the owner sees is ciphertext."""
    owner = await member("owner")
    return owner, await owner.create_room(encrypted=True, **settings)


def answered(reply: Any) -> None:
    assert reply["encrypted"]
    assert "https://formation.example/" in reply["content"]["body"]


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
