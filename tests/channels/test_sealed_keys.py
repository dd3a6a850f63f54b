"""Keys in the rows of a real PostgreSQL: a bot that goes on elsewhere, on a real homeserver."""

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
from bot.messages import KeyStoreUnusable, Reply
from bot.store import Store, StoreError
from tests.channels.at_work import CURVE, Bot, Encrypted, NewBot, NewEncrypted, claim, direct, keys_of, losses, signed
from tests.databases import execute
from tests.waiting import PATIENCE, eventually, until

SECRET = "a secret of the operator"
PARTS = {"accounts": "account", "olmsessions": "session", "megolminboundsessions": "session"}


@pytest_asyncio.fixture
async def store(postgres_url: str) -> AsyncIterator[Store]:
    opened = await Store.open(postgres_url)
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def stored(encrypted: NewEncrypted, store: Store) -> Encrypted:
    return await encrypted(rows=store.device_keys, keys_secret=SECRET)


async def move(made: Bot, folder: Path) -> None:
    """Go on on another machine, which has nothing but the database and the secret. Nothing is stored at the end."""
    await made.stop()
    made.keys = folder
    await made.start()


async def talk(scene: Encrypted, number: int) -> str:
    """Each reads the other; the question's event."""
    asked = await scene.ana.channel.send(Reply(scene.room, f"Question {number} ?"), f"q{number}")
    assert (await scene.concierge.reads(asked)).text == f"Question {number} ?"
    answered = await scene.concierge.channel.send(Reply(scene.room, f"Réponse {number}"), f"a{number}")
    assert (await scene.ana.reads(answered)).text == f"Réponse {number}"
    return asked


def dump(url: str) -> list[tuple[str, str]]:
    return execute(url, "SELECT name, sealed FROM device_keys ORDER BY name")


async def test_keys_move_to_the_store(encrypted: NewEncrypted, store: Store, postgres_url: str, tmp_path: Path) -> None:
    """Where nothing shows one; then from machine to machine, where nothing is obeyed a second time."""
    scene = await encrypted()
    owner, room, concierge, ana = scene.owner, scene.room, scene.concierge, scene.ana
    asked, device = await talk(scene, 1), await concierge.channel.login()
    await concierge.stop()
    (file,) = concierge.keys.glob("*.db")
    with closing(sqlite3.connect(file)) as stored:
        rows = [row for part, column in PARTS.items() for row in stored.execute(f"SELECT {column} FROM {part}")]  # noqa: S608
    keys, people = [bytes(key).decode() for (key,) in rows], (ana.channel.user, room, concierge.channel.user)
    assert len(keys) > 2
    identity = (await keys_of(owner, concierge.channel.user))["master_keys"]
    plain = [concierge.memory.kept[f"matrix.{name} {concierge.channel.user}"] for name in ("signing", "identity")]
    concierge.rows, concierge.secrets["keys_secret"] = store.device_keys, SECRET
    await concierge.start()
    assert [*concierge.keys.iterdir()] == []
    claimed = await claim(owner, concierge, 4)
    for number, folder in enumerate(("there", "here"), 2):
        await move(concierge, tmp_path / folder)
        assert (await concierge.again(room, asked)).text == "Question 1 ?"
        await talk(scene, number)
        claimed += await claim(owner, concierge, 4)
    again = await scene.thief.send(room, "m.room.encrypted", (await owner.event(room, asked))["content"])
    assert await concierge.reads(again) is None
    assert len(dict(claimed)) == len({key["key"] for _, key in claimed}) == len(claimed)
    assert await concierge.channel.login() == device
    assert (await keys_of(owner, concierge.channel.user))["master_keys"] == identity
    assert [secret for secret in plain if secret in str(concierge.memory.kept)] == []
    held = "".join(f"{name} {sealed} {base64.b64decode(sealed)!r}" for name, sealed in dump(postgres_url))
    assert [text for text in (*keys, *people) if text in held] == []


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


async def test_a_wrong_secret_is_told_from_a_lost_one(stored: Encrypted, postgres_url: str, tmp_path: Path) -> None:
    owner, room, concierge, ana = stored.owner, stored.room, stored.concierge, stored.ana
    first, counts = await concierge.channel.login(), set()
    for number in range(3):
        asked = await talk(stored, number)
        await ana.restart()  # from now on its words have another key
        counts.add(sum(" olmsessions " in name for name, _ in dump(postgres_url)))
    assert len(counts) == 1  # a key that changes stays one row: an earlier state of it might be found in another
    await concierge.stop()
    before, password = dump(postgres_url), concierge.secrets["password"]
    wrong = {"another secret": {"keys_secret": "another"}, "set their secret again": {}}
    for says, secret in wrong.items():
        concierge.secrets = {"password": password} | secret
        with pytest.raises(KeyStoreUnusable, match=says):
            await move(concierge, tmp_path / "elsewhere")
        assert dump(postgres_url) == before
    concierge.secrets["keys_secret"] = SECRET
    await concierge.restart()
    assert (await concierge.channel.login(), (await concierge.again(room, asked)).text) == (first, "Question 2 ?")
    async with concierge.itself() as itself:
        await concierge.stop()
        await itself.call("POST", "logout", body={})
    concierge.events.clear()  # whose keys nobody has any more
    concierge.secrets["keys_secret"] = "a new one"
    await concierge.start()
    await ana.hears(await owner.say(room, "."))  # and with it of the new device
    await talk(stored, 3)
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


async def test_without_the_database_no_key_is_used_published_or_received(stored: Encrypted, postgres_url: str) -> None:
    owner, room, concierge, ana = stored.owner, stored.room, stored.concierge, stored.ana
    in_clear = await direct(concierge, owner)
    with stalled(postgres_url):
        sending = asyncio.create_task(concierge.channel.send(Reply(room, "Bonjour"), "a1"))
        await until(lambda: waits(postgres_url))
        await concierge.channel.send(Reply(in_clear, "Bonjour"), "a2")  # which no key is needed for
        assert not sending.done()
        assert "m.room.encrypted" not in [raw["type"] for raw in await owner.history(room)]
    assert (await ana.reads(await sending)).text == "Bonjour"
    async with concierge.itself() as itself:

        async def are_published(number: int) -> bool:
            answer = await itself.call("POST", "keys", "upload", body={})
            return bool(answer["one_time_key_counts"] == {CURVE: number})

        with stalled(postgres_url):
            await claim(owner, concierge, 4)
            await owner.say(room, ".")  # with which the bot is told that it lacks some
            await until(lambda: waits(postgres_url))
            assert await are_published(46)
        assert await eventually(lambda: are_published(50))
    execute(postgres_url, "ALTER TABLE device_keys RENAME TO away")
    asked = await ana.channel.send(Reply(room, "Où se former ?"), "q1")
    assert concierge.listening is not None
    with pytest.raises(StoreError):
        await asyncio.wait_for(concierge.listening, PATIENCE)
    execute(postgres_url, "ALTER TABLE away RENAME TO device_keys")
    await concierge.restart()
    assert (await concierge.reads(asked)).text == "Où se former ?"
