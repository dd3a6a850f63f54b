"""The bot's device and its keys through losses and disturbances, on a real homeserver."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.demo.homeserver import Credentials, Homeserver
from bot.messages import KeyStoreUnusable, NetworkRefusal, Renewed, Reply
from tests.channels.at_work import Bot, prepare
from tests.conftest import NewAccount, NewMember
from tests.member import Member, Raw

NewBot = Callable[..., Bot]
CURVE = "signed_curve25519"


@pytest_asyncio.fixture
async def bot(homeserver: Homeserver, account: NewAccount, tmp_path: Path) -> AsyncIterator[NewBot]:
    """A channel with encryption, not yet started."""
    async with AsyncExitStack() as stack:

        def new(user: Credentials, *rooms: str, name: str = "Concierge", **settings: Any) -> Bot:
            made = prepare(homeserver.url, user, tmp_path / name, *rooms, **{"encryption": True} | settings)
            made.called = name
            stack.push_async_callback(made.stop)
            return made

        yield new


async def up(made: Bot) -> Bot:
    await made.start()
    await made.synced()
    return made


async def devices(made: Bot, user: Credentials) -> dict[str, str | None]:
    """Id and name of all devices of the account, as a person sees them who is logged in with it."""
    async with Member(made.account.homeserver, user.access_token) as person:
        listed = (await person.call("GET", "devices"))["devices"]
    return {one["device_id"]: one.get("display_name") for one in listed if one["device_id"] != user.device}


async def keys_of(member: Member, user: str) -> Raw:
    return await member.call("POST", "keys", "query", body={"device_keys": {user: []}})


def signed(known: Raw, user: str, device: str) -> bool:
    """Whether the account's identity signed the device; tests/encryption have the signature itself verified."""
    (identity,) = known["self_signing_keys"][user]["keys"]
    return identity in known["device_keys"][user][device]["signatures"][user]


async def losses(made: Bot) -> list[tuple[str, ...]]:
    return [value.losses for value in await made.everything() if isinstance(value, Renewed)]


def wipe(made: Bot) -> None:
    shutil.rmtree(made.account.key_store)


async def claim(member: Member, made: Bot, times: int) -> list[Raw]:
    """One-time keys of the bot's device, as somebody takes them who wants to write to it."""
    user, device = made.channel.user, await made.channel.login()
    body = {"one_time_keys": {user: {device: CURVE}}}
    answers = [await member.call("POST", "keys", "claim", body=body) for _ in range(times)]
    return [key for answer in answers for key in answer["one_time_keys"][user][device].values()]


async def left(made: Bot) -> int:
    """How many one-time keys the server holds for it."""
    async with made.itself() as itself:
        return int((await itself.call("POST", "keys", "upload", body={}))["one_time_key_counts"][CURVE])


# ------------------------------------------------------------------------------------------------- lost keys


def damage(made: Bot) -> None:
    (file,) = made.account.key_store.iterdir()
    file.write_bytes(b"no database" * 1000)


@pytest.mark.parametrize("lose", [wipe, damage])
async def test_a_device_whose_keys_are_lost_is_replaced_and_nobody_elses_is_logged_out(
    bot: NewBot, account: NewAccount, lose: Callable[[Bot], None]
) -> None:
    user = await account("concierge")
    concierge = await up(bot(user))
    (first,) = await devices(concierge, user)
    await concierge.stop()
    lose(concierge)
    await up(concierge)
    (second,) = await devices(concierge, user)  # seen through a login that is not the bot's, and still holds
    assert first != second
    assert await losses(concierge) == [("device",)]
    await concierge.stop()
    await up(concierge)
    assert list(await devices(concierge, user)) == [second]
    assert await losses(concierge) == [("device",)]


@pytest.mark.parametrize("running", [True, False])
async def test_keys_set_back_to_an_older_state_are_replaced(
    bot: NewBot, member: NewMember, account: NewAccount, tmp_path: Path, running: bool
) -> None:
    owner, user = await member("owner"), await account("concierge")
    room = await owner.create_room(encrypted=True)
    concierge = await up(bot(user, room))
    await concierge.stop()
    shutil.copytree(concierge.account.key_store, tmp_path / "backup")
    await claim(owner, concierge, 3)
    await up(concierge)  # it makes three new keys, of which the backup knows nothing
    first = await concierge.channel.login()
    await concierge.stop()
    wipe(concierge)
    shutil.copytree(tmp_path / "backup", concierge.account.key_store)
    if running:
        await up(concierge)
    await claim(owner, concierge, 1)
    if not running:
        await concierge.start()
    await owner.say(room, ".")
    await concierge.until(lambda: concierge.memory.kept["matrix.session"].find(first) < 0)
    await concierge.hears(await owner.say(room, "."))
    await concierge.channel.send(Reply(room, "Je suis là"), "a1")
    assert await losses(concierge) == [("device",)]
    assert await concierge.channel.login() != first


async def test_with_a_token_alone_lost_keys_close_encrypted_rooms_and_no_others(
    bot: NewBot, member: NewMember, account: NewAccount
) -> None:
    owner, user = await member("owner"), await account("concierge")
    sealed, plain = await owner.create_room(encrypted=True), await owner.create_room()
    concierge = await up(bot(user, sealed, plain, password=None, access_token=user.access_token))
    await concierge.channel.send(Reply(sealed, "Secret"), "a1")
    await concierge.stop()
    wipe(concierge)
    await up(concierge)
    assert await losses(concierge) == [("encryption",)]
    with pytest.raises(NetworkRefusal, match="keys are lost"):
        await concierge.channel.send(Reply(sealed, "Secret"), "a2")
    assert (await concierge.reads(await owner.say(plain, "Bonjour"))).text == "Bonjour"
    await concierge.channel.send(Reply(plain, "Bonjour"), "a3")
    assert "Secret" not in str(await owner.history(sealed))


async def test_a_token_copied_from_another_application_is_left_to_it(bot: NewBot, account: NewAccount) -> None:
    user = await account("concierge")
    element = await up(bot(user, name="Element", password=None, access_token=user.access_token))
    concierge = await up(bot(user, access_token=user.access_token))
    (ours,) = await devices(concierge, user)
    assert ours == await concierge.channel.login() != user.device
    assert element.channel.user == user.user
    await concierge.stop()
    await up(concierge)
    assert list(await devices(concierge, user)) == [ours]
    assert await losses(concierge) == [("device", "identity")]


async def test_a_folder_that_cannot_hold_keys_ends_the_start_with_a_sentence(
    bot: NewBot, account: NewAccount, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    concierge = bot(await account("concierge"), key_store=tmp_path / "file" / "keys")
    with pytest.raises(KeyStoreUnusable, match=r"the encryption keys cannot be kept in .*file/keys"):
        await concierge.start()


# ------------------------------------------------------------------------------------------------- identity


@pytest.mark.parametrize("seed", [None, "a secret text of some length"])
async def test_its_device_is_signed_from_the_first_start_on_and_anew_when_the_seed_is_lost(
    bot: NewBot, member: NewMember, account: NewAccount, seed: str | None
) -> None:
    """A seed from the settings outlives the store."""
    owner, user = await member("owner"), await account("concierge")
    concierge = await up(bot(user, signing_seed=seed))
    assert "secret" not in str(concierge.memory.kept)
    before = await keys_of(owner, user.user)
    assert signed(before, user.user, await concierge.channel.login())
    assert await losses(concierge) == []
    await concierge.stop()
    await up(concierge)
    assert (await keys_of(owner, user.user))["master_keys"] == before["master_keys"]
    await concierge.stop()
    concierge.memory.kept.clear()
    await up(concierge)
    assert await losses(concierge) == [("device",) if seed else ("device", "identity")]
    after = await keys_of(owner, user.user)
    assert (after["master_keys"] == before["master_keys"]) is bool(seed)
    assert signed(after, user.user, await concierge.channel.login())


async def test_with_a_token_alone_a_foreign_identity_is_left_and_the_device_stays_unsigned(
    bot: NewBot, member: NewMember, account: NewAccount, caplog: pytest.LogCaptureFixture
) -> None:
    owner, user = await member("owner"), await account("concierge")
    await up(bot(user, name="Element"))
    before = await keys_of(owner, user.user)
    concierge = await up(bot(user, password=None, access_token=user.access_token))
    after = await keys_of(owner, user.user)
    assert after["master_keys"] == before["master_keys"]
    assert not signed(after, user.user, await concierge.channel.login())
    assert "the bot's device is not signed" in caplog.text
    assert await losses(concierge) == []


# ------------------------------------------------------------------------------------------------- disturbances


async def test_others_can_write_to_it_however_many_keys_they_took_while_it_was_down(
    bot: NewBot, member: NewMember, account: NewAccount
) -> None:
    owner, user = await member("owner"), await account("concierge")
    concierge = await up(bot(user))
    await concierge.stop()
    assert sum(key.get("fallback", False) for key in await claim(owner, concierge, 52)) == 2
    await up(concierge)
    assert await left(concierge) == 50


async def test_what_one_device_makes_up_does_not_hide_what_another_sends(
    bot: NewBot, member: NewMember, account: NewAccount
) -> None:
    owner, mallory = await member("owner"), await member("mallory")
    room = await owner.create_room(encrypted=True)
    concierge, ana = (
        await up(bot(await account("concierge"), room)),
        await up(bot(await account("ana"), room, name="ana")),
    )
    me, device = concierge.channel.user, await concierge.channel.login()
    keys = (await keys_of(owner, me))["device_keys"][me][device]["keys"]
    await concierge.stop()
    garbage = {"type": 0, "body": "!!"}
    sealed = {
        "algorithm": "m.olm.v1.curve25519-aes-sha2",
        "sender_key": "x",
        "ciphertext": {keys[f"curve25519:{device}"]: garbage},
    }
    await mallory.call("PUT", "sendToDevice", "m.room.encrypted", "1", body={"messages": {me: {device: sealed}}})
    await made_up_device(mallory)
    await mallory.join(room)
    asked = await ana.channel.send(Reply(room, "Où se former ?"), "q1")
    await up(concierge)
    assert (await concierge.reads(asked)).text == "Où se former ?"
    answered = await concierge.channel.send(Reply(room, "Par là"), "a1")
    assert (await ana.reads(answered)).text == "Par là"


async def made_up_device(member: Member) -> None:
    """Keys that are none."""
    device = (await member.call("GET", "account", "whoami"))["device_id"]
    keys = {"user_id": member.user, "device_id": device, "algorithms": ["m.megolm.v1.aes-sha2"]}
    keys["keys"] = {f"{kind}:{device}": "none" for kind in ("ed25519", "curve25519")}
    keys["signatures"] = {member.user: {f"ed25519:{device}": "none"}}
    await member.call("POST", "keys", "upload", body={"device_keys": keys})


@contextmanager
def without_its_table(file: Path) -> Iterator[None]:
    """No key can be written meanwhile, as on a full disk."""
    with closing(sqlite3.connect(file, isolation_level=None)) as keys:
        keys.execute("ALTER TABLE olmsessions RENAME TO away")
        yield
        keys.execute("ALTER TABLE away RENAME TO olmsessions")


async def test_a_key_that_the_disk_does_not_take_is_not_acknowledged(
    bot: NewBot, member: NewMember, account: NewAccount
) -> None:
    room = await (await member("owner")).create_room(encrypted=True)
    concierge, ana = (
        await up(bot(await account("concierge"), room)),
        await up(bot(await account("ana"), room, name="a")),
    )
    (file,) = concierge.account.key_store.iterdir()
    with without_its_table(file):
        asked = await ana.channel.send(Reply(room, "Où se former ?"), "q1")
        await concierge.ends(KeyStoreUnusable, "the encryption keys cannot be kept")
    await concierge.stop()
    await up(concierge)
    assert (await concierge.reads(asked)).text == "Où se former ?"
