"""A bot whose store and keys came back from a backup, in an encrypted room."""

import shutil
from pathlib import Path

import pytest

from bot.backup import back_up, restore
from tests.conftest import NewAccount
from tests.encryption.conftest import NewPerson, Scene
from tests.encryption.members import Person


@pytest.fixture(autouse=True, params=["in files", "in the store"])
def kept(request: pytest.FixtureRequest, scene: Scene) -> None:
    """Where the keys are."""
    if request.param == "in the store":
        scene.running.secrets["CONCIERGE_MATRIX_KEYS_SECRET"] = "a secret of the operator"


def places(scene: Scene) -> tuple[str, Path, Path]:
    """The bot's store, its keys, and a backup of both."""
    var = scene.running.settings.parent / "var"
    return f"sqlite:///{var}/concierge.db", var / "keys", var.parent / "backup.zip"


def lose_and_restore(scene: Scene) -> None:
    shutil.rmtree(scene.running.settings.parent / "var")
    restore(*places(scene))


async def test_a_restore_costs_no_reply(scene: Scene, ana: Person, person: NewPerson, account: NewAccount) -> None:
    async with scene.running.up():
        await scene.introduced(ana)
        before = await scene.ask(ana)
        await scene.answer(ana, before)
        dora = await scene.enter(await person(await account("dora")))
        await dora.do("hold")  # the key of her question comes after the restore
        unread = await scene.ask(dora)
        assert (await scene.running.settled(unread)).retry_at
        back_up(*places(scene))
        device = await scene.trust(ana)
        bea = await scene.enter(await person(await account("bea")))  # all of her is of the time that is lost
        since = [(who, await scene.ask(who)) for who in (ana, bea)]
        for who, question in since:
            await scene.answer(who, question)
    down = [(who, await scene.ask(who)) for who in (ana, bea)]
    lose_and_restore(scene)
    async with scene.running.up():
        await dora.do("release")
        for who, question in [*down, (dora, unread)]:
            await scene.answer(who, question)
        after = [(who, await scene.ask(who)) for who in (bea, ana)]
        for who, question in after:
            await scene.answer(who, question)
        assert await scene.trust(ana) == device
    questions = [before, unread, *(question for _, question in (*since, *down, *after))]
    assert [await scene.replies(question) for question in questions] == [1] * len(questions)


@pytest.mark.soak
async def test_given_keys_cost_no_new_device(scene: Scene, ana: Person, person: NewPerson, account: NewAccount) -> None:

    async def given_away(device: str) -> None:
        """As to so many new devices; the next sync tells the bot to make more."""
        wanted = {"one_time_keys": {scene.running.bot.user: {device: "signed_curve25519"}}}
        for _ in range(20):
            await scene.owner.call("POST", "keys", "claim", body=wanted)
        await scene.answer(ana, await scene.ask(ana))

    async with scene.running.up():
        await scene.introduced(ana)
        await scene.answer(ana, await scene.ask(ana))
        back_up(*places(scene))
        (device,) = await scene.trust(ana)
        for _ in range(3):
            await given_away(device)
    dora = await scene.enter(await person(await account("dora")))  # writes with a key whose other half will be lost
    down = await scene.ask(dora)
    lose_and_restore(scene)
    async with scene.running.up():
        await scene.answer(dora, down)
        await given_away(device)
        assert list(await scene.trust(ana)) == [device]
        carl = await scene.enter(await person(await account("carl")))
        await scene.answer(carl, await scene.ask(carl))
