"""The bot's device and its keys through losses and disturbances, on a real homeserver."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.demo.homeserver import Credentials
from bot.messages import KeyStoreUnusable, NetworkRefusal, OutgoingReaction, Reply
from tests.channels.at_work import CURVE, Bot, NewBot, NewEncrypted, claim, keys_of, losses, signed
from tests.conftest import NewAccount, NewMember
from tests.member import Member
from tests.waiting import PATIENCE


async def devices(made: Bot, login: Credentials) -> list[str]:
    """All other devices of the account, as a person sees them who is logged in with it."""
    async with Member(made.settings.homeserver, login.access_token) as person:
        listed = (await person.call("GET", "devices"))["devices"]
    return [one["device_id"] for one in listed if one["device_id"] != login.device]


async def test_a_device_whose_keys_are_damaged_is_replaced_and_no_other(bot: NewBot, account: NewAccount) -> None:
    login = await account("concierge")
    concierge = await bot(login=login)
    (first,) = await devices(concierge, login)
    await concierge.stop()
    (file,) = concierge.keys.iterdir()
    file.write_bytes(b"no database" * 1000)
    await concierge.start()
    (second,) = await devices(concierge, login)  # seen through a login that is not the bot's, and still holds
    assert first != second
    assert await losses(concierge) == [("device",)]
    await concierge.restart()
    assert await devices(concierge, login) == [second]
    assert await losses(concierge) == [("device",)]


@pytest.mark.parametrize("running", [True, False])
async def test_keys_of_an_old_state_are_replaced(bot: NewBot, member: NewMember, tmp_path: Path, running: bool) -> None:
    owner = await member("owner")
    room = await owner.create_room(encrypted=True)
    concierge = await bot(room)
    await concierge.stop()
    shutil.copytree(concierge.keys, tmp_path / "backup")
    await claim(owner, concierge, 3)
    await concierge.start()  # it makes three new keys, of which the backup knows nothing
    first = await concierge.channel.login()
    await concierge.stop()
    shutil.rmtree(concierge.keys)
    shutil.copytree(tmp_path / "backup", concierge.keys)
    if running:
        await concierge.start()
    await claim(owner, concierge, 1)
    if not running:
        await concierge.start()
    await owner.say(room, ".")
    await concierge.until(lambda: concierge.memory.kept["matrix.session"].find(first) < 0)
    await concierge.hears(await owner.say(room, "."))
    await concierge.channel.send(Reply(room, "Je suis là"), "a1")
    assert await losses(concierge) == [("device",)]
    assert await concierge.channel.login() != first


async def test_lost_keys_beside_a_token_close_sealed_rooms(bot: NewBot, member: NewMember, account: NewAccount) -> None:
    owner, login = await member("owner"), await account("concierge")
    sealed, plain = await owner.create_room(encrypted=True), await owner.create_room()
    concierge = await bot(sealed, plain, login=login, password=None, access_token=login.access_token)
    await concierge.channel.send(Reply(sealed, "Secret"), "a1")
    await concierge.stop()
    shutil.rmtree(concierge.keys)
    await concierge.start()
    assert await losses(concierge) == [("encryption",)]
    with pytest.raises(NetworkRefusal, match="keys are lost"):
        await concierge.channel.send(Reply(sealed, "Secret"), "a2")
    said = await owner.say(sealed, "Bonjour")
    assert (await concierge.reads(said)).private
    await concierge.channel.send(OutgoingReaction(sealed, said, "👀"), "m1")  # reactions are plain in every client
    assert (await concierge.reads(await owner.say(plain, "Bonjour"))).text == "Bonjour"
    await concierge.channel.send(Reply(plain, "Bonjour"), "a3")
    assert "Secret" not in str(await owner.history(sealed))


@pytest.mark.parametrize("seed", [None, "a secret text of some length"])
async def test_its_device_is_signed_anew_once_a_seed_is_lost(bot: NewBot, member: NewMember, seed: str | None) -> None:
    """A seed from the settings outlives the store."""
    owner, concierge = await member("owner"), await bot(signing_seed=seed)
    us = concierge.channel.user
    assert "secret" not in str(concierge.memory.kept)
    before = await keys_of(owner, us)
    assert signed(before, us, await concierge.channel.login())
    assert await losses(concierge) == []
    await concierge.restart()
    assert (await keys_of(owner, us))["master_keys"] == before["master_keys"]
    await concierge.stop()
    concierge.memory.kept.clear()
    await concierge.start()
    assert await losses(concierge) == [("device",) if seed else ("device", "identity")]
    after = await keys_of(owner, us)
    assert (after["master_keys"] == before["master_keys"]) is bool(seed)
    assert signed(after, us, await concierge.channel.login())


async def test_the_seed_that_an_earlier_version_stored_gives_the_same_identity(bot: NewBot, member: NewMember) -> None:
    owner, concierge = await member("owner"), await bot(signing_seed="a secret text of some length")
    us = concierge.channel.user
    before = (await keys_of(owner, us))["master_keys"]
    concierge.memory.kept[f"matrix.signing {us}"] = concierge.secrets.pop("signing_seed")
    for _ in range(2):
        await concierge.restart()
        assert (await keys_of(owner, us))["master_keys"] == before
    assert await losses(concierge) == []


async def test_identity_and_token_of_another_application_are_left_to_it(
    bot: NewBot, member: NewMember, account: NewAccount, caplog: pytest.LogCaptureFixture
) -> None:
    owner, login = await member("owner"), await account("concierge")
    element = await (await bot(login=login, name="Element")).channel.login()
    before = await keys_of(owner, login.user)
    other = await bot(login=login, password=None, access_token=login.access_token)
    after = await keys_of(owner, login.user)
    assert after["master_keys"] == before["master_keys"]
    assert not signed(after, login.user, await other.channel.login())
    assert "the bot's device is not signed" in caplog.text
    assert await losses(other) == []
    concierge = await bot(login=login, access_token=login.access_token)  # the keys of whose device `other` has
    for _ in range(2):
        assert set(await devices(concierge, login)) == {element, await concierge.channel.login()}
        await concierge.restart()
    assert await losses(concierge) == [("device", "identity")]


async def test_others_write_to_it_whatever_came_while_it_was_down(member: NewMember, encrypted: NewEncrypted) -> None:
    scene, mallory = await encrypted(), await member("mallory")
    owner, room, concierge, ana = scene.owner, scene.room, scene.concierge, scene.ana
    me, device = concierge.channel.user, await concierge.channel.login()
    keys = (await keys_of(owner, me))["device_keys"][me][device]["keys"]
    await concierge.stop()
    assert sum(key.get("fallback", False) for _, key in await claim(owner, concierge, 52)) == 2
    sealed = {"algorithm": "m.olm.v1.curve25519-aes-sha2", "sender_key": "x"}
    sealed["ciphertext"] = {keys[f"curve25519:{device}"]: {"type": 0, "body": "!!"}}
    await mallory.call("PUT", "sendToDevice", "m.room.encrypted", "1", body={"messages": {me: {device: sealed}}})
    made_up = (await mallory.call("GET", "account", "whoami"))["device_id"]  # whose keys are none
    none = {"user_id": mallory.user, "device_id": made_up, "algorithms": ["m.megolm.v1.aes-sha2"]}
    none["keys"] = {f"{kind}:{made_up}": "none" for kind in ("ed25519", "curve25519")}
    none["signatures"] = {mallory.user: {f"ed25519:{made_up}": "none"}}
    await mallory.call("POST", "keys", "upload", body={"device_keys": none})
    await mallory.join(room)
    asked = await ana.channel.send(Reply(room, "Où se former ?"), "q1")
    await concierge.start()
    assert (await concierge.reads(asked)).text == "Où se former ?"
    answered = await concierge.channel.send(Reply(room, "Par là"), "a1")
    assert (await ana.reads(answered)).text == "Par là"
    async with concierge.itself() as itself:
        left = await itself.call("POST", "keys", "upload", body={})
    assert left["one_time_key_counts"] == {CURVE: 50}


async def test_a_key_that_the_disk_does_not_take_is_not_acknowledged(encrypted: NewEncrypted) -> None:
    scene = await encrypted()
    concierge, ana = scene.concierge, scene.ana
    (file,) = concierge.keys.iterdir()
    with closing(sqlite3.connect(file, isolation_level=None)) as keys:
        keys.execute("ALTER TABLE olmsessions RENAME TO away")  # no key can be written, as on a full disk
        asked = await ana.channel.send(Reply(scene.room, "Où se former ?"), "q1")
        assert concierge.listening is not None
        with pytest.raises(KeyStoreUnusable, match="the encryption keys cannot be kept"):
            await asyncio.wait_for(concierge.listening, PATIENCE)
        keys.execute("ALTER TABLE away RENAME TO olmsessions")
    await concierge.restart()
    assert (await concierge.reads(asked)).text == "Où se former ?"
