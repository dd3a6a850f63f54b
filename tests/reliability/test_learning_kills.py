"""A bot that dies at every step of a moderator's yes (file written once, askers told once) and of a withdrawal."""

from __future__ import annotations

import json

import pytest

from tests.member import Raw
from tests.reliability.dying import LEARNING, WITHDRAWAL
from tests.reliability.harness import KNOWLEDGE, answered, history
from tests.reliability.scene import Scene, until
from tests.reliability.started import NewScene
from tests.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

UNKNOWN = "concierge : qui a les clés du portail bleu ?"


async def drafted(scene: Scene, moderation: str) -> str:
    """Bob asks, ana says among moderators what she wants kept; the draft's id."""
    async with scene.concierge.process():
        await scene.introduced()
        question = await scene.bob.say(scene.room, UNKNOWN)
        await scene.until_answered(question)
        note = await until(scene.ana, moderation, scene.bot, "Nouvelle question")
        reply = await scene.ana.reply(moderation, note["event_id"], "Au bar.")
        await scene.ana.react(moderation, reply, "📝")
        draft = await until(scene.ana, moderation, scene.bot, "Brouillon")
    return str(draft["event_id"])


@pytest.mark.thorough
async def test_a_yes_on_whose_path_the_bot_dies_at_every_step_writes_once_and_tells_once(
    new_scene: NewScene, database: str
) -> None:
    scene = await new_scene(database=database)
    moderation = await scene.add_moderators()
    draft = await drafted(scene, moderation)
    await scene.ana.react(moderation, draft, "✅")
    await scene.concierge.dies_at(*LEARNING)
    async with scene.concierge.process():
        news = await until(scene.ana, scene.room, scene.bot, "j’ai maintenant une réponse")
        last = await scene.bob.say(scene.room, UNKNOWN)
        await scene.until_answered(last)
    said = await history(scene.ana, scene.room)
    assert [raw["event_id"] for raw in said if "j’ai maintenant" in raw["content"].get("body", "")] == [
        news["event_id"]
    ]
    [answer] = [raw for raw in said if answered(raw) == last]
    assert "Au bar." in answer["content"]["body"]
    file = (scene.concierge.folder / "knowledge" / "formations.yaml").read_text(encoding="utf-8")
    assert file.startswith(KNOWLEDGE)
    assert file.count("qui-a-les-cles-du-portail-bleu") == 1


@pytest.mark.soak
async def test_a_withdrawal_on_whose_path_the_bot_dies_at_every_step_leaves_no_word_among_moderators(
    new_scene: NewScene, database: str
) -> None:
    scene = await new_scene(database=database)
    moderation = await scene.add_moderators()
    await drafted(scene, moderation)
    assert len(await quoting(scene, moderation)) == 2  # the note and the draft
    asked = await scene.bob.say(scene.room, "!concierge oublie-moi")
    await scene.concierge.dies_at(*WITHDRAWAL)
    async with scene.concierge.process():
        await until(scene.ana, moderation, scene.bot, "retiré")

        async def withdrawn() -> bool:
            return not await quoting(scene, moderation)

        await eventually(withdrawn)
        await scene.one_reply_each(asked)
    said = [raw["content"].get("body", "") for raw in await history(scene.ana, moderation)]
    assert sum("retiré" in body for body in said) == 1


async def quoting(scene: Scene, room: str) -> list[Raw]:
    """The events there in which somebody can read a word of the question."""
    return [raw for raw in await history(scene.ana, room) if "portail" in json.dumps(raw)]
