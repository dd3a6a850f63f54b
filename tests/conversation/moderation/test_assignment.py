"""A moderator says "I look after it", and the others see it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.messages import Redaction, Reply
from tests.databases import execute
from tests.moderation import CLEO, PORTAL, command, react
from tests.scene import ANA, MODERATION, MODERATOR, Scene

MINE = "👀 @mod:example.org s’en occupe depuis le 24\u00a0novembre, trois jours au plus"


@pytest.fixture
async def asked(scene: Scene) -> Scene:
    scene.paper.powers[MODERATION, CLEO] = 50
    await scene.say(PORTAL)
    return scene


def note(scene: Scene) -> tuple[str, str]:
    """The note about the question: its id, and what it says now."""
    posts = [(id, out) for id, out in scene.paper.sent.items() if isinstance(out, Reply) and out.room == MODERATION]
    [(first, _)] = [(id, out) for id, out in posts if "Nouvelle question" in out.text and not out.replaces]
    return first, [out.text for id, out in posts if first in (id, out.replaces)][-1]


async def listed(scene: Scene, **more: Any) -> str:
    [reply] = await command(scene, "!questions", **more)
    return reply.text


async def test_eyes_under_the_note_take_the_question_until_they_are_removed(asked: Scene) -> None:
    id, text = note(asked)
    await react(asked, id, "👀", ANA)  # no moderator
    assert "s’en occupe" not in await listed(asked)
    assert "👀 dit aux autres que vous vous en occupez" in text
    await react(asked, id, "👀")
    sign = asked.paper.written[-1][0].id
    assert MINE in note(asked)[1]
    assert "portail bleu" in note(asked)[1]
    assert MINE in await listed(asked, sender=CLEO)
    await asked.bring(Redaction("paper", "$gone", MODERATION, MODERATOR, sign))
    assert "s’en occupe" not in note(asked)[1]
    assert "s’en occupe" not in await listed(asked)


async def test_the_command_takes_it_and_gives_it_back(asked: Scene) -> None:
    [reply, _] = await command(asked, "!prendre 1")
    assert "vous vous occupez de la question n°\u00a01" in reply.text
    assert MINE in note(asked)[1]
    await command(asked, "!prendre 1", CLEO)  # in somebody's place
    assert "@cleo:example.org s’en occupe" in await listed(asked)
    [reply, _] = await command(asked, "!prendre 1", CLEO)
    assert "de nouveau libre" in reply.text
    assert "s’en occupe" not in await listed(asked)


@pytest.mark.parametrize(
    ("text", "said"),
    [("!prendre", "dit aux autres"), ("!prendre deux", "dit aux autres"), ("!prendre 7", "n’attend pas de réponse")],
)
async def test_a_command_that_names_no_open_question_says_so(asked: Scene, text: str, said: str) -> None:
    [reply] = await command(asked, text)
    assert said in reply.text


async def test_it_lapses_after_three_days_or_with_the_right(asked: Scene) -> None:
    await react(asked, note(asked)[0], "👀", CLEO)
    assert "s’en occupe" in await listed(asked)
    asked.paper.powers[MODERATION, CLEO] = 0
    assert "s’en occupe" not in await listed(asked)
    asked.paper.powers[MODERATION, CLEO] = 50
    asked.time += timedelta(days=3, minutes=1)
    await asked.store.retention.erase_old(asked.time, 90)
    assert "s’en occupe" not in await listed(asked)


async def test_no_user_id_stays_once_it_is_answered_or_its_owner_is_forgotten(asked: Scene, ready_url: str) -> None:
    id = note(asked)[0]
    await react(asked, id, "👀")
    assert MODERATOR in str(execute(ready_url, "SELECT * FROM questions"))
    await command(asked, "!oublie-moi")
    assert MODERATOR not in str(execute(ready_url, "SELECT * FROM questions"))
    await react(asked, id, "👀")
    await react(asked, id, "❌", CLEO)
    assert MODERATOR not in str(execute(ready_url, "SELECT * FROM questions"))
    assert "Aucune question" in await listed(asked)


async def test_the_note_of_a_question_deleted_meanwhile_comes_not_back(asked: Scene) -> None:
    id = note(asked)[0]
    await react(asked, id, "👀")
    await asked.bring(Redaction("paper", "$gone", "!salon", ANA, asked.last))
    await react(asked, id, "👀", CLEO)
    edits = [out for out in asked.paper.sent.values() if isinstance(out, Reply) and out.replaces == id]
    assert len(edits) == 1
