"""Keys in the rows of a real PostgreSQL: a bot that goes on elsewhere, on a real homeserver."""

from __future__ import annotations

import asyncio
import base64
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from nio.crypto import OutboundGroupSession  # type: ignore[import-untyped]

from bot.channels.matrix.crypto.key_store import open_key_file
from bot.channels.matrix.login import MatrixSession
from bot.demo.homeserver import Homeserver
from bot.messages import KeyStoreUnusable, Reply
from bot.store import Store, StoreError
from tests.channels.at_work import Bot, NewBot, keys_of, losses, signed
from tests.conftest import NewAccount, NewMember
from tests.databases import execute
from tests.member import Member, Raw
from tests.waiting import PATIENCE, eventually, until

CURVE, SECRET = "signed_curve25519", "a secret of the operator"
PARTS = {"accounts": "account", "olmsessions": "session", "megolminboundsessions": "session"}


@pytest_asyncio.fixture
async def store(postgres_url: str) -> AsyncIterator[Store]:
    opened = await Store.open(postgres_url)
    yield opened
    await opened.close()


async def move(made: Bot, folder: Path) -> None:
    """Go on on another machine, which has nothing but the database and the secret. Nothing is stored at the end."""
    await made.stop()
    made.keys = folder
    await made.start()


async def claimed(member: Member, made: Bot, device: str) -> list[tuple[str, str]]:
    """Name and key of one-time keys that a new device of somebody would begin with."""
    body = {"one_time_keys": {made.channel.user: {device: CURVE}}}
    answers = [await member.call("POST", "keys", "claim", body=body) for _ in range(4)]
    keys: list[tuple[str, Raw]] = [
        key for answer in answers for key in answer["one_time_keys"][made.channel.user][device].items()
    ]
    assert not any("fallback" in key for _, key in keys)
    return [(name, key["key"]) for name, key in keys]


async def talk(room: str, concierge: Bot, ana: Bot, number: int) -> str:
    """Each reads the other; the question's event."""
    asked = await ana.channel.send(Reply(room, f"Question {number} ?"), f"q{number}")
    assert (await concierge.reads(asked)).text == f"Question {number} ?"
    answered = await concierge.channel.send(Reply(room, f"Réponse {number}"), f"a{number}")
    assert (await ana.reads(answered)).text == f"Réponse {number}"
    return asked


def pickles(folder: Path) -> list[str]:
    """All keys of a file, as nio writes them."""
    (file,) = folder.glob("*.db")
    with closing(sqlite3.connect(file)) as keys:
        rows = [row for part, column in PARTS.items() for row in keys.execute(f"SELECT {column} FROM {part}")]  # noqa: S608
    return [bytes(pickle).decode() for (pickle,) in rows]


def seed_of(made: Bot) -> str:
    """Of the identity, as it is stored."""
    return next(text for name, text in made.memory.kept.items() if name.startswith("matrix.signing"))


def dump(url: str) -> list[tuple[str, str]]:
    return execute(url, "SELECT name, sealed FROM device_keys ORDER BY name")


async def test_it_goes_on_elsewhere_and_back_as_the_same_device(
    bot: NewBot, member: NewMember, store: Store, tmp_path: Path
) -> None:
    owner = await member("owner")
    room = await owner.create_room(encrypted=True)
    concierge, ana = await bot(room, start=False, keys_secret=SECRET), await bot(room, name="ana")
    concierge.rows = store.device_keys
    await concierge.start()
    device = await concierge.channel.login()
    asked, keys = [await talk(room, concierge, ana, 0)], await claimed(owner, concierge, device)
    for number in range(1, 5):
        await concierge.stop()
        while_down = await ana.channel.send(Reply(room, "Personne ?"), f"d{number}")
        await move(concierge, tmp_path / ("here", "there")[number % 2])
        assert (await concierge.reads(while_down)).text == "Personne ?"
        asked.append(await talk(room, concierge, ana, number))
        keys += await claimed(owner, concierge, device)
        assert await concierge.channel.login() == device
        for number, event in enumerate(asked):
            assert (await concierge.again(room, event)).text == f"Question {number} ?"
    assert len(dict(keys)) == len({key for _, key in keys}) == len(keys)
    assert await losses(concierge) == []
    assert [file for folder in ("here", "there") for file in (tmp_path / folder).rglob("*")] == []


async def test_a_file_moves_into_the_store_once_and_nothing_there_shows_a_key(
    bot: NewBot, member: NewMember, store: Store, postgres_url: str, tmp_path: Path
) -> None:
    owner = await member("owner")
    room = await owner.create_room(encrypted=True)
    concierge, ana = await bot(room), await bot(room, name="ana")
    asked, device = await talk(room, concierge, ana, 1), await concierge.channel.login()
    await concierge.stop()
    keys, people = pickles(concierge.keys), (ana.channel.user, room, concierge.channel.user)
    assert len(keys) > 2
    identity, seed = (await keys_of(owner, concierge.channel.user))["master_keys"], seed_of(concierge)
    concierge.rows, concierge.secrets["keys_secret"] = store.device_keys, SECRET
    await concierge.start()
    assert [*concierge.keys.iterdir()] == []
    for folder in ("there", "here"):
        await move(concierge, tmp_path / folder)
        assert (await concierge.again(room, asked)).text == "Question 1 ?"
        await talk(room, concierge, ana, len(folder))
    assert await concierge.channel.login() == device
    assert (await keys_of(owner, concierge.channel.user))["master_keys"] == identity
    assert seed not in str(concierge.memory.kept)
    held = "".join(f"{name} {sealed} {base64.b64decode(sealed)!r}" for name, sealed in dump(postgres_url))
    assert [text for text in (*keys, *people) if text in held] == []


async def test_what_was_encrypted_once_is_not_obeyed_again_elsewhere(
    bot: NewBot, member: NewMember, account: NewAccount, homeserver: Homeserver, store: Store, tmp_path: Path
) -> None:
    owner, login = await member("owner"), await account("ana")
    room = await owner.create_room(encrypted=True)
    concierge, ana = await bot(room, start=False, keys_secret=SECRET), await bot(room, login=login, name="ana")
    concierge.rows = store.device_keys
    await concierge.start()
    asked = await talk(room, concierge, ana, 1)
    await move(concierge, tmp_path / "there")
    async with Member(homeserver.url, login.access_token) as thief:
        again = await thief.send(room, "m.room.encrypted", (await owner.event(room, asked))["content"])
    assert await concierge.reads(again) is None
    assert (await concierge.again(room, asked)).text == "Question 1 ?"


def test_a_key_that_is_given_again_from_a_later_message_on_takes_away_no_earlier_one(tmp_path: Path) -> None:
    given, login = OutboundGroupSession(), MatrixSession("@concierge:example.org", "DEVICE", "token")
    whole = given.session_key
    given.mark_as_shared()
    given.encrypt("Bonjour")
    rest = given.session_key
    keys = open_key_file(login, tmp_path)
    for key, begins in ((rest, 1), (whole, 0), (rest, 0)):
        keys.client.olm.create_group_session("sender", "fingerprint", "!room", given.id, key)
        keys.close()
        keys = open_key_file(login, tmp_path)
        (held,) = keys.client.olm.inbound_group_store
        assert held.first_known_index == begins
    keys.close()


async def test_a_file_that_cannot_be_read_is_not_taken_for_lost(bot: NewBot, store: Store) -> None:
    concierge = await bot()
    device = await concierge.channel.login()
    await concierge.stop()
    (file,) = concierge.keys.glob("*.db")
    kept = file.rename(file.with_name("kept"))
    file.mkdir()
    concierge.rows, concierge.secrets["keys_secret"] = store.device_keys, SECRET
    with pytest.raises(KeyStoreUnusable, match=f"cannot be kept in {concierge.keys}"):
        await concierge.start()
    file.rmdir()
    kept.rename(file)
    await concierge.restart()
    assert await concierge.channel.login() == device


@pytest.mark.parametrize(("secret", "says"), [("another", "another secret"), (None, "set their secret again")])
async def test_with_a_wrong_secret_or_none_it_says_so_and_changes_nothing(
    bot: NewBot, member: NewMember, store: Store, postgres_url: str, tmp_path: Path, secret: str | None, says: str
) -> None:
    room = await (await member("owner")).create_room(encrypted=True)
    concierge, ana = await bot(room, start=False, keys_secret=SECRET), await bot(room, name="ana")
    concierge.rows = store.device_keys
    await concierge.start()
    asked, device = await talk(room, concierge, ana, 1), await concierge.channel.login()
    await concierge.stop()
    before = dump(postgres_url)
    concierge.secrets = {name: text for name, text in concierge.secrets.items() if name != "keys_secret"}
    concierge.secrets |= {"keys_secret": secret} if secret else {}
    with pytest.raises(KeyStoreUnusable, match=says):
        await move(concierge, tmp_path / "elsewhere")
    assert dump(postgres_url) == before
    concierge.secrets["keys_secret"] = SECRET
    await concierge.restart()
    assert (await concierge.channel.login(), (await concierge.again(room, asked)).text) == (device, "Question 1 ?")


async def test_a_secret_that_is_lost_costs_a_new_device_once_its_login_is_ended(
    bot: NewBot, member: NewMember, store: Store, postgres_url: str
) -> None:
    owner = await member("owner")
    room = await owner.create_room(encrypted=True)
    concierge, ana = await bot(room, start=False, keys_secret=SECRET), await bot(room, name="ana")
    concierge.rows = store.device_keys
    await concierge.start()
    first = await concierge.channel.login()
    async with concierge.itself() as itself:
        await concierge.stop()
        await itself.call("POST", "logout", body={})
    concierge.secrets["keys_secret"] = "a new one"
    await concierge.start()
    await ana.hears(await owner.say(room, "."))  # and with it of the new device
    await talk(room, concierge, ana, 1)
    assert await losses(concierge) == [("device", "identity")]
    assert signed(await keys_of(owner, concierge.channel.user), concierge.channel.user, await concierge.channel.login())
    names = [name for name, _ in dump(postgres_url)]
    assert names
    assert [name for name in names if name.startswith(first)] == []


@contextmanager
def stalled(url: str) -> Iterator[None]:
    """The database takes no key."""
    with psycopg.connect(url) as connection:
        connection.execute("LOCK TABLE device_keys IN ACCESS EXCLUSIVE MODE")
        yield


def waits(url: str) -> bool:
    """Whether somebody wants to store a key meanwhile."""
    waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%device_keys%'"
    return execute(url, waiting) != []


async def test_while_the_database_takes_no_key_nothing_is_sent_and_nothing_else_waits(
    bot: NewBot, member: NewMember, store: Store, postgres_url: str
) -> None:
    owner = await member("owner")
    room, clear = await owner.create_room(encrypted=True), await owner.create_room()
    concierge, ana = await bot(room, clear, start=False, keys_secret=SECRET), await bot(room, name="ana")
    concierge.rows = store.device_keys
    await concierge.start()
    with stalled(postgres_url):
        sending = asyncio.create_task(concierge.channel.send(Reply(room, "Bonjour"), "a1"))
        await until(lambda: waits(postgres_url))
        await concierge.channel.send(Reply(clear, "Bonjour"), "a2")  # which no key is needed for
        assert not sending.done()
        assert "m.room.encrypted" not in [raw["type"] for raw in await owner.history(room)]
    assert (await ana.reads(await sending)).text == "Bonjour"


async def test_no_key_is_published_before_the_database_has_it(
    bot: NewBot, member: NewMember, store: Store, postgres_url: str
) -> None:
    owner = await member("owner")
    room = await owner.create_room(encrypted=True)
    concierge = await bot(room, start=False, keys_secret=SECRET)
    concierge.rows = store.device_keys
    await concierge.start()
    await claimed(owner, concierge, await concierge.channel.login())
    async with concierge.itself() as itself:

        async def are_published(number: int) -> bool:
            answer = await itself.call("POST", "keys", "upload", body={})
            return bool(answer["one_time_key_counts"] == {CURVE: number})

        with stalled(postgres_url):
            await owner.say(room, ".")  # with which the bot is told that it lacks some
            await until(lambda: waits(postgres_url))
            assert await are_published(46)
        assert await eventually(lambda: are_published(50))


async def test_keys_that_the_database_does_not_take_are_not_acknowledged(
    bot: NewBot, member: NewMember, store: Store, postgres_url: str
) -> None:
    room = await (await member("owner")).create_room(encrypted=True)
    concierge, ana = await bot(room, start=False, keys_secret=SECRET), await bot(room, name="ana")
    concierge.rows = store.device_keys
    await concierge.start()
    await talk(room, concierge, ana, 1)
    await ana.restart()  # from now on its words have another key, which comes the same way
    execute(postgres_url, "ALTER TABLE device_keys RENAME TO away")
    asked = await ana.channel.send(Reply(room, "Où se former ?"), "q2")
    assert concierge.listening is not None
    with pytest.raises(StoreError):
        await asyncio.wait_for(concierge.listening, PATIENCE)
    execute(postgres_url, "ALTER TABLE away RENAME TO device_keys")
    await concierge.restart()
    assert (await concierge.reads(asked)).text == "Où se former ?"


async def test_a_key_that_changes_stays_one_row(
    bot: NewBot, member: NewMember, store: Store, postgres_url: str
) -> None:
    """Else an older state of it might be found there."""
    room = await (await member("owner")).create_room(encrypted=True)
    concierge, ana = await bot(room, start=False, keys_secret=SECRET), await bot(room, name="ana")
    concierge.rows = store.device_keys
    await concierge.start()
    counts = set()
    for number in range(3):
        await talk(room, concierge, ana, number)
        await ana.restart()
        counts.add(sum(" olmsessions " in name for name, _ in dump(postgres_url)))
    assert len(counts) == 1
