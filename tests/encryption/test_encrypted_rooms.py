"""The whole bot in encrypted rooms, with members whose client shares nothing with it but the specification."""

import logging
import shutil

import pytest

from tests.conftest import NewAccount
from tests.encryption.conftest import NewPerson, Scene
from tests.encryption.members import Person
from tests.test_learning import saying


@pytest.mark.parametrize("lost", ["var/keys", pytest.param("var", marks=pytest.mark.soak)])
async def test_each_device_reads_the_answer(scene: Scene, person: NewPerson, account: NewAccount, lost: str) -> None:
    """With other keys it is a new device, of which moderators read."""
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
        before = await scene.trust(laptop)
    shutil.rmtree(scene.running.settings.parent / lost)
    async with scene.running.up():
        note = await scene.owner.wait_for(scene.moderation, saying(scene.running, "nouvelle session"))
        await scene.answer(laptop, await scene.ask(laptop))
        after = await scene.trust(laptop)
    assert ("identité" in note["content"]["body"]) == (lost == "var")
    assert list(before.values()) == list(after.values()) == [True]
    assert before != after
    assert "formation.example" not in str(await scene.owner.history(scene.room))


async def test_a_late_key_costs_no_reply(scene: Scene, ana: Person, person: NewPerson, account: NewAccount) -> None:
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
        bea = await scene.enter(await person(await account("bea")))
        await bea.do("hold", lose=True)
        lost = await scene.ask(bea)
        await bea.do("release")
        assert (await scene.running.settled(lost)).retry_at
        await scene.answer(bea, lost)  # its key was asked for
        await scene.running.settled(await scene.owner.say(scene.room, "."))
    assert [await scene.replies(question) for question in (before, after, lost)] == [1, 1, 1]


def shown(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The emojis in the log's last line that has some."""
    lines = [record.getMessage() for record in caplog.records if "compare" in record.getMessage()]
    return [named.split()[0] for named in lines[-1].partition(" sees: ")[2].split(" · ")]


@pytest.mark.parametrize("encrypted", [True, pytest.param(False, marks=pytest.mark.soak)])
async def test_a_strict_client_talks_with_the_bot_and_verifies_it_and_its_device_by_the_emojis_in_its_log(
    scene: Scene, person: NewPerson, account: NewAccount, caplog: pytest.LogCaptureFixture, encrypted: bool
) -> None:
    caplog.set_level(logging.INFO, "bot")
    ana, user = await person(await account("ana"), strict=True), scene.running.bot.user
    async with scene.running.up():
        await scene.introduced(await scene.enter(ana))
        room = await ana.do("direct", user=user, encrypted=encrypted)  # as a client does that verifies somebody
        ((device, is_signed),) = (await scene.trust(ana)).items()
        assert (await ana.do("verify", user=user, room=room, deny=True))["code"] == "m.mismatched_sas"
        for verified in ({"room": room}, {"device": device}):
            seen = await ana.do("verify", user=user, **verified)
            await ana.do("verified", user=user, **({"device": device} if "device" in verified else {}))
            assert (seen["error"], len(seen["emojis"])) == (None, 7)
            assert shown(caplog) == seen["emojis"]
        await scene.answer(ana, await scene.ask(ana))
    assert is_signed
