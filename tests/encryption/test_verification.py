"""« Vérifier » in a client that shares no code with the bot: the emojis there are those in the bot's log."""

from __future__ import annotations

import logging

import pytest

from tests.conftest import NewAccount
from tests.encryption.conftest import NewPerson
from tests.encryption.members import Person
from tests.encryption.scene import Scene


def shown(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The emojis in the log's last line that has some."""
    lines = [record.getMessage() for record in caplog.records if "compare" in record.getMessage()]
    return [named.split()[0] for named in lines[-1].partition(" sees: ")[2].split(" · ")]


async def opened(scene: Scene, ana: Person, encrypted: bool = True) -> str:
    """A room of two with the bot, as a client makes one when somebody is verified."""
    await scene.enter(ana)
    await scene.introduced(ana)
    return str(await ana.do("direct", user=scene.running.bot.user, encrypted=encrypted))


@pytest.mark.parametrize("encrypted", [True, pytest.param(False, marks=pytest.mark.soak)])
async def test_a_strict_client_talks_with_the_bot_and_verifies_it_and_its_device_by_the_emojis_in_its_log(
    scene: Scene, person: NewPerson, account: NewAccount, caplog: pytest.LogCaptureFixture, encrypted: bool
) -> None:
    caplog.set_level(logging.INFO, "bot")
    ana, user = await person(await account("ana"), strict=True), scene.running.bot.user
    async with scene.running.up():
        room = await opened(scene, ana, encrypted)
        ((device, is_signed),) = (await scene.trust(ana)).items()
        for verified in ({"room": room}, {"device": device}):
            seen = await ana.do("verify", user=user, **verified)
            await ana.do("verified", user=user, **({"device": device} if "device" in verified else {}))
            assert (seen["error"], len(seen["emojis"])) == (None, 7)
            assert shown(caplog) == seen["emojis"]
        await scene.answer(ana, await scene.ask(ana))
    assert is_signed


@pytest.mark.soak
async def test_other_emojis_end_the_verification(scene: Scene, person: NewPerson, account: NewAccount) -> None:
    ana = await person(await account("ana"), strict=True)
    async with scene.running.up():
        room = await opened(scene, ana)
        seen = await ana.do("verify", user=scene.running.bot.user, room=room, deny=True)
        assert seen["code"] == "m.mismatched_sas"
        again = await ana.do("verify", user=scene.running.bot.user, room=room)
        await ana.do("verified", user=scene.running.bot.user)
    assert (again["error"], again["code"]) == (None, None)
