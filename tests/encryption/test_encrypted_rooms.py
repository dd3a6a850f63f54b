"""The whole bot in encrypted rooms, with members whose client shares nothing with it but the specification."""

from __future__ import annotations

import asyncio
import shutil
from datetime import timedelta

import pytest

from tests.conftest import NewAccount
from tests.encryption.conftest import NewPerson
from tests.encryption.members import Person
from tests.encryption.scene import Scene
from tests.running import from_bot

KEYLESS = {
    "algorithm": "m.megolm.v1.aes-sha2",
    "ciphertext": "AwgAEnACgAkLmt6qF84IK",
    "sender_key": "IlRMeOPX2e0MurIyfWEucYBRVOEEUMrOHqn/8mLqMjA",
    "session_id": "X3lUlvLELLYxeTx4yOVu6UDpasGEVO0Jbu+QFnm0cKQ",
    "device_id": "GONE",
}


async def test_a_question_is_answered_for_all_devices_of_its_asker_also_after_a_restart(
    scene: Scene, person: NewPerson, account: NewAccount
) -> None:
    ana = await account("ana")
    laptop = await scene.enter(await person(ana))
    async with scene.running.up():
        await scene.introduced(laptop)
        await scene.answer(laptop, await scene.ask(laptop))
        phone = await person(ana)
        question = await scene.ask(laptop)
        for device in (laptop, phone):
            await scene.answer(device, question)
    async with scene.running.up():
        question = await scene.ask(phone)
        for device in (laptop, phone):
            await scene.answer(device, question)
    assert "formation.example" not in str(await scene.owner.history(scene.room))


async def test_a_question_whose_key_comes_late_and_after_a_restart_gets_one_reply(scene: Scene, ana: Person) -> None:
    async with scene.running.up():
        await scene.introduced(ana)
        await ana.do("hold")
        before = await scene.ask(ana)
        assert (await scene.running.settled(before)).retry_at
    async with scene.running.up():
        after = await scene.ask(ana)
        assert (await scene.running.settled(after)).retry_at
        await ana.do("release")
        for question in (before, after):
            await scene.answer(ana, question)
        await scene.running.settled(await scene.owner.say(scene.room, "."))
    assert [await scene.replies(question) for question in (before, after)] == [1, 1]


async def test_a_key_that_got_lost_on_its_way_is_asked_for(scene: Scene, ana: Person) -> None:
    async with scene.running.up():
        await scene.introduced(ana)
        await ana.do("hold", lose=True)
        question = await scene.ask(ana)
        await ana.do("release")
        assert (await scene.running.settled(question)).retry_at
        await scene.answer(ana, question)


async def test_that_it_cannot_read_is_said_once_in_a_room_after_a_minute(
    scene: Scene, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.conversation.policy.KEY_PATIENCE", timedelta(seconds=1))
    monkeypatch.setattr("bot.conversation.policy.KEY_LOOKS", (timedelta(seconds=1),))
    async with scene.running.up():
        await scene.introduced(ana)
        for event in [await scene.owner.send(scene.room, "m.room.encrypted", KEYLESS) for _ in range(3)]:
            assert (await scene.running.settled(event)).posts == ()
        sorry = await scene.heard(ana, "Je n’arrive pas à lire")
        assert (sorry["encrypted"], sorry["content"]["msgtype"]) == (True, "m.notice")
        await asyncio.sleep(2)
    assert len(await scene.said()) == 2  # the introduction and this


@pytest.mark.parametrize("lost", ["var/keys", pytest.param("var", marks=pytest.mark.soak)])
async def test_a_bot_that_lost_its_keys_goes_on_as_a_new_device_and_says_so(
    scene: Scene, ana: Person, lost: str
) -> None:
    async with scene.running.up():
        await scene.introduced(ana)
        await scene.answer(ana, await scene.ask(ana))
        before = await scene.trust(ana)
    shutil.rmtree(scene.running.settings.parent / lost)
    async with scene.running.up():
        is_note = from_bot(scene.running)
        note = await scene.owner.wait_for(
            scene.moderation, lambda raw: is_note(raw) and "nouvelle session" in raw["content"]["body"]
        )
        await scene.answer(ana, await scene.ask(ana))
        after = await scene.trust(ana)
    assert ("identité" in note["content"]["body"]) == (lost == "var")
    assert list(before.values()) == list(after.values()) == [True]
    assert before != after
