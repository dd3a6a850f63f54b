"""Encrypted rooms: the person who asks uses the same channel, so that both ends hold keys; a plain client looks on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from bot.channels.matrix.settings import MatrixSettings
from bot.demo.homeserver import Homeserver
from bot.messages import Edit, Message, MissingKey, Reply
from tests.channels.at_work import Bot, NewBot, together, warnings
from tests.conftest import NewAccount, NewMember
from tests.member import Member


@dataclass(frozen=True)
class Scene:
    """An encrypted room, and two in it; `thief` has the account of ana and none of her keys."""

    owner: Member
    room: str
    concierge: Bot
    ana: Bot
    thief: Member


@pytest_asyncio.fixture
async def scene(bot: NewBot, member: NewMember, account: NewAccount, homeserver: Homeserver) -> AsyncIterator[Scene]:
    owner, login = await member("owner"), await account("ana")
    room = await owner.create_room(encrypted=True, room_version="12")  # whose ids name no server
    async with Member(homeserver.url, login.access_token) as thief:
        yield Scene(owner, room, await bot(room), await bot(room, login=login, name="ana"), thief)


async def test_question_and_answer_in_an_encrypted_room(scene: Scene) -> None:
    owner, room, concierge, ana = scene.owner, scene.room, scene.concierge, scene.ana
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
    assert concierge.keys.stat().st_mode & 0o777 == 0o700


async def test_a_room_that_becomes_encrypted_gets_no_more_plain_text(bot: NewBot, member: NewMember) -> None:
    concierge, ana, room = await together(bot, member)
    before = await concierge.channel.send(Reply(room, "avant"), "a1")
    await ana.set_state(room, "m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"})
    await concierge.hears(await ana.say(room, "fin"))
    after = await concierge.channel.send(Reply(room, "après"), "a2")
    assert [(await ana.event(room, id))["type"] for id in (before, after)] == ["m.room.message", "m.room.encrypted"]


MEGOLM = dict.fromkeys(("ciphertext", "sender_key", "session_id", "device_id"), "x") | {
    "algorithm": "m.megolm.v1.aes-sha2"
}
STRANGE = [
    {"algorithm": "m.unknown"},
    *[MEGOLM | odd for odd in ({"session_id": 5}, {"session_id": ""}, {"sender_key": 1})],
]
KEYLESS = [MEGOLM, {key: MEGOLM[key] for key in ("algorithm", "ciphertext", "session_id")}]


async def test_what_it_has_no_key_for_is_said_once_in_the_log(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    owner, room, concierge = scene.owner, scene.room, scene.concierge
    for content in STRANGE:
        assert await concierge.reads(await owner.send(room, "m.room.encrypted", content)) is None
    for content in KEYLESS:
        with pytest.raises(MissingKey):
            await concierge.reads(await owner.send(room, "m.room.encrypted", content))
    assert warnings(caplog, room) == [f"cannot read encrypted messages in {room}"]


async def test_what_came_in_plain_text_is_told_from_what_was_encrypted(scene: Scene) -> None:
    owner, room, concierge = scene.owner, scene.room, scene.concierge
    sealed = await scene.ana.channel.send(Reply(room, "Où se former ?"), "q1")
    plain = await owner.say(room, "Où se former ?")
    assert [(await concierge.reads(id)).unencrypted for id in (sealed, plain)] == [False, True]
    new = await concierge.reads(await owner.edit(room, plain, "Où ça ?"))
    assert new.message.unencrypted
    us = concierge.channel.user
    of_two = await owner.create_room(invite=(us,), is_direct=True, encrypted=True, preset="trusted_private_chat")
    await owner.wait_for(of_two, lambda raw: raw.get("state_key") == us)
    said = await concierge.reads(await owner.say(of_two, "Où se former ?"))
    assert (said.direct, said.unencrypted) == (True, True)


async def test_no_edit_in_plain_text_takes_the_place_of_encrypted_words(scene: Scene) -> None:
    asked = await scene.ana.channel.send(Reply(scene.room, "Où se former ?"), "q1")
    assert await scene.concierge.reads(await scene.thief.edit(scene.room, asked, "Où boire ?")) is None
    read = await scene.concierge.again(scene.room, asked)
    assert (read.text, read.unencrypted) == ("Où se former ?", False)


async def unread(concierge: Bot, event: str) -> bool:
    try:
        return await concierge.reads(event) is None
    except MissingKey:
        return True


async def test_nobody_passes_their_own_encrypted_words_as_somebody_elses(scene: Scene, bot: NewBot) -> None:
    room, concierge, ana, mallory = scene.room, scene.concierge, scene.ana, await bot(scene.room, name="mallory")
    own = await mallory.channel.send(Reply(room, "moi"), "m1")
    assert (await concierge.reads(own)).sender == mallory.channel.user
    for device in (mallory, ana):
        words = await mallory.channel.send(Reply(room, "!retirer tout"), await device.channel.login())
        sealed = (await scene.owner.event(room, words))["content"]  # of which the bot has read nothing yet
        forged = sealed | {"device_id": await device.channel.login()}
        assert await unread(concierge, await scene.thief.send(room, "m.room.encrypted", forged))
    asked = await ana.channel.send(Reply(room, "Où se former ?"), "q1")
    assert (await concierge.reads(asked)).sender == ana.channel.user


async def test_what_was_encrypted_once_is_not_obeyed_again_nor_in_another_room(scene: Scene) -> None:
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
