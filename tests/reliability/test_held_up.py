"""One message that holds the interpreter: the bot ends itself, comes back, and in the end leaves that message alone."""

import signal

import pytest

from bot.conversation.policy import TRIES
from tests import waiting
from tests.reliability.dying import HELD_UP, HELD_UP_FOR_LONG, POISON
from tests.reliability.harness import ASKED, end, history
from tests.reliability.scene import until
from tests.reliability.started import NewScene

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.thorough
async def test_a_message_that_holds_it_up_is_given_up_and_costs_no_other(new_scene: NewScene, database: str) -> None:
    """One at which it is killed again and again for another reason is answered all the same."""
    scene = await new_scene(database=database, rooms=2)
    moderation = await scene.add_moderators()
    async with scene.concierge.process():
        await scene.introduced()
    poison = await scene.ana.say(scene.room, POISON)
    await scene.bob.say(scene.rooms[1], ASKED)
    behind = await scene.bob.say(scene.room, ASKED)
    await scene.concierge.dies_at(*[HELD_UP] * TRIES, by=signal.SIGPROF)
    async with scene.concierge.process():
        await scene.one_reply_each(behind)
        note = await until(scene.ana, moderation, scene.bot, "bloqué")
        await until(scene.ana, scene.rooms[1], scene.bot, "formation.example")
    assert poison in note["content"]["body"]
    assert f"{poison}: given up" in scene.concierge.log
    assert "of CPU time in find (context.py:" in scene.concierge.log
    assert POISON not in scene.concierge.log
    for room in (moderation, *scene.rooms):
        texts = [raw["content"].get("body", "") for raw in await history(scene.ana, room) if raw["event_id"] != poison]
        assert not [text for text in texts if POISON in text]
    question = await scene.ana.say(scene.room, f"{ASKED} {POISON}")
    at_work = scene.concierge.folder / "var" / "watchdog.txt"
    for _ in range(TRIES + 1):
        process = await scene.concierge.start(HELD_UP_FOR_LONG)
        await waiting.until(lambda: at_work.exists() and question in at_work.read_text(encoding="utf-8"))
        await end(process)
    async with scene.concierge.process():
        await scene.one_reply_each(question)
    told = [raw["content"].get("body", "") for raw in await history(scene.ana, moderation)]
    assert sum("bloqué" in text for text in told) == 1
