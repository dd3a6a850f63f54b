"""A bot that dies at every step of a moderator's yes: the file is written once, and who asked is told once."""

from __future__ import annotations

import pytest

from tests.reliability.dying import LEARNING
from tests.reliability.harness import KNOWLEDGE, answered, history
from tests.reliability.scene import until
from tests.reliability.started import NewScene

pytestmark = pytest.mark.asyncio(loop_scope="session")

UNKNOWN = "concierge : qui a les clés du portail bleu ?"


@pytest.mark.thorough
async def test_a_yes_at_every_step_of_which_the_bot_dies_writes_and_tells_once(
    new_scene: NewScene, database: str
) -> None:
    """To what ana answers among moderators when bob has asked, and wants kept."""
    scene = await new_scene(database=database)
    moderation = await scene.add_moderators()
    async with scene.concierge.process():
        await scene.introduced()
        await scene.until_answered(await scene.bob.say(scene.room, UNKNOWN))
        note = await until(scene.ana, moderation, scene.bot, "Nouvelle question")
        reply = await scene.ana.reply(moderation, note["event_id"], "Au bar.")
        await scene.ana.react(moderation, reply, "📝")
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
