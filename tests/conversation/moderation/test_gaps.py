"""What the answers lack: `!lacunes` in the moderators' room, and the table of the command line."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.matching.decision import Thresholds
from bot.messages import Redaction, Removal, Reply
from tests.moderation import LASER, PORTAL, PRIVATE, command, react
from tests.scene import ANA, BOB, MODERATION, ROOM, Scene

ROBOTS = "concierge : je voudrais la malle pour ma classe de robots, qui la prête ?"


def rows(reply: Reply) -> list[str]:
    return [line for line in reply.text.splitlines() if line.startswith("- ")]


async def test_open_questions_come_grouped_the_most_asked_first(desk: Scene) -> None:
    await desk.say(LASER)
    await desk.say(PORTAL)
    await desk.say("Concierge : bonjour, qui a la clé du portail bleu svp ?", BOB, room="!autre")
    [reply] = await command(desk, "!lacunes")
    assert rows(reply) == [
        "- «\u00a0qui a les clés du portail bleu ?\u00a0» · **2\u00a0fois** · nouveau",
        "- «\u00a0où est rangé le tournevis cruciforme ?\u00a0» · nouveau",
    ]
    assert "30 derniers jours" in reply.text


async def test_offers_that_nobody_chose_within_a_day_count(desk: Scene) -> None:
    desk.ruled(limits=Thresholds(confident=1.1, suggest=0.01))
    await desk.say(ROBOTS)
    assert "Rien ne manque" in (await command(desk, "!lacunes"))[0].text
    desk.time += timedelta(days=2)
    [reply] = await command(desk, "!gaps 7")
    [row] = rows(reply)
    assert row.endswith("à compléter\u00a0: «\u00a0Emprunter la malle robotique\u00a0»")
    assert "7 derniers jours" in reply.text


async def test_an_answer_that_was_not_sure_counts_and_a_sure_one_does_not(desk: Scene) -> None:
    await desk.say("concierge : Comment emprunter la malle robotique ?")
    desk.ruled(limits=Thresholds(confident=0.1))
    await desk.say(ROBOTS, BOB)
    [row] = rows((await command(desk, "!lacunes"))[0])
    assert "classe de robots" in row


@pytest.mark.parametrize("more", [PRIVATE, {"private": True}])
async def test_what_was_asked_in_private_is_not_shown(desk: Scene, more: dict[str, object]) -> None:
    desk.ruled(limits=Thresholds(confident=1.1, suggest=0.01))
    await desk.say(ROBOTS, **more)
    await desk.say("qui a les clés du portail bleu ?", **PRIVATE)
    await react(desk, desk.last_reply, "✅", ANA, "!deux")
    desk.time += timedelta(days=2)
    assert "Rien ne manque" in (await command(desk, "!lacunes"))[0].text


@pytest.mark.parametrize("said", [PORTAL, ROBOTS])
async def test_a_deleted_question_takes_the_list_along(desk: Scene, said: str) -> None:
    desk.ruled(limits=Thresholds(confident=1.1, suggest=0.3))
    await desk.say(said)
    question = desk.last
    desk.time += timedelta(days=2)
    await command(desk, "!lacunes")
    shown = next(id for id, out in desk.paper.sent.items() if isinstance(out, Reply) and "Ce qui manque" in out.text)
    await desk.bring(Redaction("paper", "$x", ROOM, ANA, question))
    assert Removal(MODERATION, shown) in desk.paper.sent.values()
