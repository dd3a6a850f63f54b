"""One reply a question, whatever happens between the bot and its homeserver."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from bot.demo.homeserver import Homeserver
from tests.databases import lose, new_schema
from tests.reliability.harness import ASKED, answered, one_reply_each, until_answered
from tests.reliability.proxy import FAULTS, MESSAGES, SEND, SYNC, Answer, again, held, lost, saying, with_a_gap
from tests.reliability.scene import Scene, set_up
from tests.reliability.started import NewScene
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)]  # what the network does hardly touches the store


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=KINDS)
async def scene(
    request: pytest.FixtureRequest, homeserver: Homeserver, nest: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Scene]:
    """One running bot for all faults: what one of them leaves behind shows in the next."""
    folder: Path = tmp_path_factory.mktemp("faults")
    database = new_schema(request.getfixturevalue("postgres")) if request.param == "postgresql" else ""
    async with AsyncExitStack() as stack:
        scene = await set_up(stack, homeserver, folder, nest, database=database)
        async with scene.concierge.up():
            await scene.introduced()
            yield scene


async def test_one_reply_though_a_batch_comes_twice(scene: Scene) -> None:
    first = await scene.ana.say(scene.room, ASKED)
    await scene.until_answered(first)
    scene.proxy.fail(SYNC, again, times=2)
    await scene.one_reply_each(first, await scene.ana.say(scene.room, ASKED))
    assert scene.proxy.waiting == 0


async def test_one_reply_though_the_sync_leaves_a_gap_and_reading_back_fails_at_first(scene: Scene) -> None:
    scene.proxy.fail(SYNC, with_a_gap, times=1000)
    scene.proxy.fail(MESSAGES, saying(502, "<html>Bad Gateway</html>"))
    questions = await asyncio.gather(*(who.say(scene.room, ASKED) for who in (scene.ana, scene.bob) * 10))
    await scene.one_reply_each(*questions)
    assert any(path.endswith(MESSAGES) for _, path, _ in scene.proxy.requests)
    scene.proxy.heal()


SHORT = ("done, and the answer lost", "a body cut short", "429 with a header and a body")
ALL = [pytest.param(FAULTS[name], id=name, marks=() if name in SHORT else pytest.mark.soak) for name in FAULTS]


@pytest.mark.parametrize("fault", ALL)
async def test_one_reply_though_the_homeserver_answers_with(scene: Scene, fault: Answer) -> None:
    scene.proxy.fail(SEND, fault)
    scene.proxy.fail(SYNC, fault)
    await scene.one_reply_each(*[await who.say(scene.room, ASKED) for who in (scene.ana, scene.bob)])
    assert scene.proxy.waiting == 0


@pytest.mark.thorough
async def test_a_room_that_hangs_holds_up_no_other_and_no_gap_is_forgotten(new_scene: NewScene, database: str) -> None:
    """What is said in it hangs, then what is read back of it."""
    scene = await new_scene(rooms=2, database=database)
    hanging, other = scene.rooms
    released = asyncio.Event()
    async with scene.concierge.up():
        await scene.introduced()
        scene.proxy.fail(f"{hanging}/send/", held(released))
        unsent = await scene.ana.say(hanging, ASKED)
        await until(lambda: not scene.proxy.waiting)
        await until_answered(scene.ana, other, scene.bot, await scene.ana.say(other, ASKED))
        assert (await scene.tally()).replies[unsent] == 0
        released.set()
        await scene.until_answered(unsent)
        scene.proxy.fail(SYNC, with_a_gap, times=1000)
        scene.proxy.fail(f"{hanging}/messages", held(asyncio.Event()), times=1000)
        unread, free = [await asyncio.gather(*(scene.ana.say(room, ASKED) for _ in range(5))) for room in scene.rooms]
        await one_reply_each(scene.ana, other, scene.bot, *free)
        assert (await scene.tally()).lost(unread)
    scene.proxy.heal()
    async with scene.concierge.up():
        await scene.one_reply_each(unsent, *unread)


@pytest.mark.thorough
async def test_a_login_ended_from_outside_ends_it_and_nothing_is_sent_twice(new_scene: NewScene, database: str) -> None:
    """Neither what arrived unknown to the bot, nor what somebody deleted of that."""
    scene = await new_scene(database=database)
    first = await asked_when_the_login_ends(scene)
    async with scene.concierge.up():
        await scene.one_reply_each(first)
    second = await asked_when_the_login_ends(scene)
    (reply,) = [raw for raw in await scene.ana.history(scene.room) if answered(raw) == second]
    await scene.ana.redact(scene.room, reply["event_id"])
    async with scene.concierge.up():
        last = await scene.ana.say(scene.room, ASKED)
        await scene.until_answered(last)
        assert (await scene.tally()).replies[second] == 0
        await scene.ana.edit(scene.room, second, "concierge : Où trouver une fiche de poste ?")
        await scene.one_reply_each(first, last)
        assert (await scene.tally()).replies[second] == 0


async def asked_when_the_login_ends(scene: Scene) -> str:
    """A question whose answer stands in the room while the bot only hears that nobody knows it."""
    async with scene.concierge.up() as running:
        await scene.introduced()
        scene.proxy.fail(SEND, lost(saying(401, {"errcode": "M_UNKNOWN_TOKEN", "error": "Unknown token"})))
        question = await scene.ana.say(scene.room, ASKED)
        assert await running == 2
    await scene.log_out_everywhere()
    return question


async def test_after_the_loss_of_its_store_it_answers_only_what_is_open(new_scene: NewScene, database: str) -> None:
    scene = await new_scene(database=database)
    async with scene.concierge.up():
        await scene.introduced()
        questions = [await scene.ana.say(scene.room, ASKED) for _ in range(3)]
        await scene.until_answered(*questions)
        await scene.ana.edit(scene.room, questions[0], f"{ASKED} merci")
        await scene.one_reply_each(*questions)
    shutil.rmtree(scene.concierge.folder / "var")
    if database:
        lose(database)
    missed = await scene.ana.say(scene.room, ASKED)
    async with scene.concierge.up():
        await scene.one_reply_each(*questions, missed)
    said = [raw for raw in await scene.ana.history(scene.room) if raw["sender"] == scene.bot]
    assert [raw["content"]["msgtype"] for raw in said if raw["type"] == "m.room.message"].count("m.notice") == 1
