"""Encrypted rooms: the person who asks uses the same channel, so that both ends hold keys; a plain client looks on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import pytest
import pytest_asyncio

from bot.demo.homeserver import Credentials, Homeserver
from bot.messages import Edit, Message, MissingKey, NetworkRefusal, OutgoingReaction, Reply
from tests.channels.at_work import Bot, prepare
from tests.conftest import NewAccount, NewMember
from tests.member import Member


class NewBot(Protocol):
    async def __call__(self, room: str, name: str, **settings: Any) -> Bot: ...


@pytest_asyncio.fixture
async def start(homeserver: Homeserver, account: NewAccount, tmp_path: Path) -> AsyncIterator[NewBot]:
    """A started channel in the room, and synced; `device` tells several of one `user` apart."""
    async with AsyncExitStack() as stack:

        async def new(
            room: str, name: str, *, user: Credentials | None = None, device: str = "1", **settings: Any
        ) -> Bot:
            settings = {"encryption": True} | settings
            made = prepare(homeserver.url, user or await account(name), tmp_path / name / device, room, **settings)
            made.called = f"{name} {device}"  # a device of the same name would be taken for an old one of ours
            await made.start()
            stack.push_async_callback(made.stop)
            await made.synced()
            return made

        yield new


async def owned(member: NewMember, **settings: Any) -> tuple[Member, str]:
    owner = await member("owner")
    return owner, await owner.create_room(**{"encrypted": True} | settings)


async def test_question_and_answer_in_an_encrypted_room(start: NewBot, member: NewMember) -> None:
    owner, room = await owned(member, room_version="12")  # whose ids name no server
    concierge, ana = await start(room, "concierge"), await start(room, "ana")
    asked = await ana.channel.send(Reply(room, "Où se former ?", mentions=(concierge.channel.user,)), "q1")
    question = await concierge.reads(asked)
    assert isinstance(question, Message)
    assert (question.text, question.private, question.mentions_bot) == ("Où se former ?", True, True)
    answered = await concierge.channel.send(Reply(room, "Par là", to=asked, mentions=(ana.channel.user,)), "a1")
    answer = await ana.reads(answered)
    assert (answer.text, answer.reply_to, answer.mentions_bot) == ("Par là", asked, True)
    for event in (asked, answered):
        assert (await owner.event(room, event))["type"] == "m.room.encrypted"
    assert "Par là" not in str(await owner.history(room))
    edit = await ana.reads(await concierge.channel.send(Reply(room, "Par ici", replaces=answered), "a2"))
    assert isinstance(edit, Edit)
    assert (edit.message.text, edit.message.reply_to) == ("Par ici", asked)
    newest = await ana.again(room, answered)
    assert (newest.id, newest.text, newest.reply_to) == (answered, "Par ici", asked)
    assert await concierge.channel.send(Reply(room, "Par là", to=asked), "a1") == answered
    assert concierge.account.key_store.stat().st_mode & 0o777 == 0o700


async def test_a_room_that_becomes_encrypted_gets_no_more_plain_text(start: NewBot, member: NewMember) -> None:
    owner, room = await owned(member, encrypted=False)
    concierge = await start(room, "concierge")
    before = await concierge.channel.send(Reply(room, "avant"), "a1")
    await owner.set_state(room, "m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"})
    await concierge.hears(await owner.say(room, "fin"))
    after = await concierge.channel.send(Reply(room, "après"), "a2")
    assert [(await owner.event(room, id))["type"] for id in (before, after)] == ["m.room.message", "m.room.encrypted"]


async def test_without_encryption_nothing_is_said_in_an_encrypted_room(start: NewBot, member: NewMember) -> None:
    owner, room = await owned(member)
    concierge = await start(room, "concierge", encryption=False)
    asked = await owner.say(room, "Où se former ?")
    assert (await concierge.reads(asked)).private
    with pytest.raises(NetworkRefusal, match="encryption is switched off"):
        await concierge.channel.send(Reply(room, "Par là"), "a1")
    await concierge.channel.send(OutgoingReaction(room, asked, "👀"), "m1")  # reactions are plain in every client
    assert "Par là" not in str(await owner.history(room))


MEGOLM = dict.fromkeys(("ciphertext", "sender_key", "session_id", "device_id"), "x") | {
    "algorithm": "m.megolm.v1.aes-sha2"
}
STRANGE = [
    {"algorithm": "m.unknown"},
    *[MEGOLM | odd for odd in ({"session_id": 5}, {"session_id": ""}, {"sender_key": 1})],
]
KEYLESS = [MEGOLM, {key: MEGOLM[key] for key in ("algorithm", "ciphertext", "session_id")}]


async def test_what_it_has_no_key_for_is_said_once_in_the_log(
    start: NewBot, member: NewMember, caplog: pytest.LogCaptureFixture
) -> None:
    owner, room = await owned(member)
    concierge = await start(room, "concierge")
    for content in STRANGE:
        assert await concierge.reads(await owner.send(room, "m.room.encrypted", content)) is None
    for content in KEYLESS:
        with pytest.raises(MissingKey):
            await concierge.reads(await owner.send(room, "m.room.encrypted", content))
    assert [
        record.getMessage()
        for record in caplog.records
        if room in record.getMessage() and record.name.startswith("bot")
    ] == [f"cannot read encrypted messages in {room}"]


async def test_what_came_in_plain_text_is_told_from_what_was_encrypted(start: NewBot, member: NewMember) -> None:
    owner, room = await owned(member)
    concierge, ana = await start(room, "concierge"), await start(room, "ana")
    sealed = await ana.channel.send(Reply(room, "Où se former ?"), "q1")
    plain = await owner.say(room, "Où se former ?")
    assert [(await concierge.reads(id)).unencrypted for id in (sealed, plain)] == [False, True]
    new = await concierge.reads(await owner.edit(room, plain, "Où ça ?"))
    assert new.message.unencrypted
    us = concierge.channel.user
    of_two = await owner.create_room(invite=(us,), is_direct=True, encrypted=True, preset="trusted_private_chat")
    await owner.wait_for(of_two, lambda raw: raw.get("state_key") == us)
    said = await concierge.reads(await owner.say(of_two, "Où se former ?"))
    assert (said.direct, said.unencrypted) == (True, True)


async def test_no_edit_in_plain_text_takes_the_place_of_encrypted_words(
    start: NewBot, member: NewMember, account: NewAccount, homeserver: Homeserver
) -> None:
    _, room = await owned(member)
    user = await account("ana")
    concierge, ana = await start(room, "concierge"), await start(room, "ana", user=user)
    asked = await ana.channel.send(Reply(room, "Où se former ?"), "q1")
    async with Member(homeserver.url, user.access_token) as thief:  # has the account and none of its keys
        edit = await thief.edit(room, asked, "Où boire ?")
    assert await concierge.reads(edit) is None
    read = await concierge.again(room, asked)
    assert (read.text, read.unencrypted) == ("Où se former ?", False)


async def unread(concierge: Bot, event: str) -> bool:
    try:
        return await concierge.reads(event) is None
    except MissingKey:
        return True


async def test_nobody_passes_their_own_encrypted_words_as_somebody_elses(
    start: NewBot, member: NewMember, account: NewAccount, homeserver: Homeserver
) -> None:
    owner, room = await owned(member)
    user = await account("ana")
    concierge, ana = await start(room, "concierge"), await start(room, "ana", user=user)
    mallory = await start(room, "mallory")
    own = await mallory.channel.send(Reply(room, "moi"), "m1")
    assert (await concierge.reads(own)).sender == mallory.channel.user
    async with Member(homeserver.url, user.access_token) as thief:
        for device in (mallory, ana):
            words = await mallory.channel.send(Reply(room, "!retirer tout"), await device.channel.login())
            sealed = (await owner.event(room, words))["content"]  # of which the bot has read nothing yet
            forged = await thief.send(room, "m.room.encrypted", sealed | {"device_id": await device.channel.login()})
            assert await unread(concierge, forged)
    asked = await ana.channel.send(Reply(room, "Où se former ?"), "q1")
    assert (await concierge.reads(asked)).sender == ana.channel.user


async def test_what_was_encrypted_once_is_not_obeyed_again_nor_in_another_room(
    start: NewBot, member: NewMember, account: NewAccount, homeserver: Homeserver
) -> None:
    owner, room = await owned(member)
    user = await account("ana")
    concierge, ana = await start(room, "concierge"), await start(room, "ana", user=user)
    said = await ana.channel.send(Reply(room, "oui"), "q1")
    sealed = (await owner.event(room, said))["content"]
    async with Member(homeserver.url, user.access_token) as thief:
        assert (await concierge.reads(said)).text == "oui"
        assert await unread(concierge, await thief.send(room, "m.room.encrypted", sealed))
        await concierge.stop()
        await concierge.start()
        assert await unread(concierge, await thief.send(room, "m.room.encrypted", sealed))
        assert (await concierge.reads(said)).text == "oui"
        other = await thief.create_room(encrypted=True)
        await concierge.stop()
        concierge.account = replace(concierge.account, rooms=((room, "questions"), (other, "questions")))
        await concierge.start()
        await thief.wait_for(other, lambda raw: raw.get("state_key") == concierge.channel.user)
        assert await unread(concierge, await thief.send(other, "m.room.encrypted", sealed))
