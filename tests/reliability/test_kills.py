"""One reply a question, though the bot is killed on the way: SIGKILL, as a full memory or a pulled plug would do it.
What it no longer offers goes away all the same; a moderator’s yes writes once, and tells once."""

import asyncio
from random import Random

import pytest

from bot.store.lease import LIFE
from tests.reliability.dying import LEARNING, POINTS, REMOVAL
from tests.reliability.harness import ASKED, KNOWLEDGE, answered, end, history
from tests.reliability.operations import Operations
from tests.reliability.scene import Scene, until
from tests.reliability.started import NewScene
from tests.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

DIGITS = {"1️⃣", "2️⃣"}
MARK_POINTS = (*[*POINTS][[*POINTS].index("after the outbox") :], *REMOVAL)


async def test_a_question_at_each_step_of_which_it_dies_gets_one_reply(new_scene: NewScene, database: str) -> None:
    """Bob writes in answer to a reply of which the bot does not know yet that it was sent."""
    scene = await new_scene(database=database)
    async with scene.concierge.process():
        await scene.introduced()
    question = await scene.ana.say(scene.room, ASKED)
    *before, last = POINTS
    await scene.concierge.dies_at(*before)
    (reply,) = [raw for raw in await scene.ana.history(scene.room) if answered(raw) == question]
    more = await scene.bob.reply(scene.room, reply["event_id"], "et une fiche de poste ?")
    await scene.concierge.dies_at(last)
    async with scene.concierge.process():
        await scene.one_reply_each(question, more)


@pytest.mark.thorough
async def test_a_second_process_takes_over_at_once_when_the_first_is_killed(new_scene: NewScene, database: str) -> None:
    scene = await new_scene(database=database)
    clock = asyncio.get_running_loop().time
    begun = clock()
    async with scene.concierge.process() as first:
        await scene.introduced()
        started = clock() - begun
        async with scene.concierge.process():
            await scene.concierge.says("Waiting until it ends.")
            before = await scene.ana.say(scene.room, ASKED)
            await scene.until_answered(before)
            await end(first)
            after = await scene.ana.say(scene.room, ASKED)
            await scene.one_reply_each(before, after, seconds=10 + (LIFE if database else 0) + 3 * started)
    assert scene.concierge.log.count("Waiting until") == 1


async def until_digits(scene: Scene, *, there: bool) -> None:
    """Among the bot's reactions that people see; of removed ones nothing is left."""

    async def found() -> bool:
        ours = [raw for raw in await scene.ana.history(scene.room) if raw["sender"] == scene.bot and raw["content"]]
        seen = {raw["content"]["m.relates_to"]["key"] for raw in ours if raw["type"] == "m.reaction"}
        return bool(DIGITS & seen) == there

    await eventually(found)


@pytest.mark.thorough
async def test_a_choice_at_every_step_of_which_the_bot_dies_leaves_no_digit(new_scene: NewScene, database: str) -> None:
    scene = await new_scene(database=database, answers={"confident": 1})
    async with scene.concierge.process():
        await scene.introduced()
        question = await scene.ana.say(scene.room, "concierge : formation ou fiche de poste de facilitateur")
        await scene.until_answered(question)
        offer = next(raw for raw in await scene.ana.history(scene.room) if "1. " in raw["content"].get("body", ""))
        await until_digits(scene, there=True)
    await scene.ana.react(scene.room, offer["event_id"], "1️⃣")
    await scene.concierge.dies_at(*MARK_POINTS)
    async with scene.concierge.process():
        await until_digits(scene, there=False)
        await scene.one_reply_each(question)


UNKNOWN = "concierge : qui a les clés du portail bleu ?"


@pytest.mark.thorough
async def test_a_yes_at_each_step_of_which_it_dies_writes_and_tells_once(new_scene: NewScene, database: str) -> None:
    """To what ana answers among moderators when bob has asked, and wants kept."""
    scene = await new_scene(database=database)
    moderation = await scene.add_moderators()
    async with scene.concierge.process():
        await scene.introduced()
        await scene.until_answered(await scene.bob.say(scene.room, UNKNOWN))
        note = await until(scene.ana, moderation, scene.bot, "Nouvelle question")
        await scene.ana.react(moderation, await scene.ana.reply(moderation, note["event_id"], "Au bar."), "📝")
        draft = await until(scene.ana, moderation, scene.bot, "Brouillon")
    await scene.ana.react(moderation, draft["event_id"], "✅")
    await scene.concierge.dies_at(*LEARNING)
    async with scene.concierge.process():
        news = await until(scene.ana, scene.room, scene.bot, "j’ai maintenant une réponse")
        last = await scene.bob.say(scene.room, UNKNOWN)
        await scene.until_answered(last)
    said = await history(scene.ana, scene.room)
    told = [raw["event_id"] for raw in said if "j’ai maintenant" in raw["content"].get("body", "")]
    assert told == [news["event_id"]]
    [answer] = [raw for raw in said if answered(raw) == last]
    assert "Au bar." in answer["content"]["body"]
    file = (scene.concierge.folder / "knowledge" / "formations.yaml").read_text(encoding="utf-8")
    assert file.startswith(KNOWLEDGE)
    assert file.count("qui-a-les-cles-du-portail-bleu") == 1


@pytest.mark.thorough
async def test_whatever_happens_there_is_one_reply_a_question(new_scene: NewScene, database: str) -> None:
    operations = Operations(await new_scene(rooms=2, database=database), Random(12 if database else 11))
    result = await operations.walked(12, quiet=1)
    assert result.right, result
    assert result.whole, result
    assert result.questions > 4
