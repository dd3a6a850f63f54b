"""What the bot no longer offers goes away, though it is killed on the way."""

from __future__ import annotations

import pytest

from tests.reliability.scene import Scene
from tests.reliability.started import NewScene
from tests.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

DIGITS = {"1️⃣", "2️⃣"}
POINTS = (
    "after the outbox",
    "before it is sent",
    "after it is sent, before that is marked",
    "after it is marked",
    "before a post is removed",
    "after a post is removed, before that is marked",
)


async def until(scene: Scene, *, digits: bool) -> None:
    """Among the bot's reactions that people see; of removed ones nothing is left."""

    async def there() -> bool:
        ours = [raw for raw in await scene.ana.history(scene.room) if raw["sender"] == scene.bot and raw["content"]]
        seen = {raw["content"]["m.relates_to"]["key"] for raw in ours if raw["type"] == "m.reaction"}
        return bool(DIGITS & seen) == digits

    await eventually(there)


@pytest.mark.thorough
async def test_a_choice_on_whose_path_the_bot_dies_at_every_step_leaves_no_digit(
    new_scene: NewScene, database: str
) -> None:
    scene = await new_scene(database=database, answers={"confident": 1})
    async with scene.concierge.process():
        await scene.introduced()
        question = await scene.ana.say(scene.room, "concierge : formation ou fiche de poste de facilitateur")
        await scene.until_answered(question)
        offer = next(raw for raw in await scene.ana.history(scene.room) if "1. " in raw["content"].get("body", ""))
        await until(scene, digits=True)
    await scene.ana.react(scene.room, offer["event_id"], "1️⃣")
    await scene.concierge.dies_at(*POINTS)
    async with scene.concierge.process():
        await until(scene, digits=False)
        await scene.one_reply_each(question)
