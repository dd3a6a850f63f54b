"""What people say to the bot that is no question: taken back, doubted, reported, and what they want of their data."""

from __future__ import annotations

from typing import Any

import pytest

from bot.conversation.policy import NOTES
from bot.messages import Removal
from tests.moderation import PRIVATE
from tests.scene import ANA, ASKED, BOB, MODERATION, Scene

PORTAL = "concierge : qui a les clés du portail bleu ?"


@pytest.mark.parametrize("said", ["finalement non", "annule ma question"])
async def test_what_was_passed_on_is_taken_back(scene: Scene, said: str) -> None:
    _, note = await scene.say(PORTAL)
    id = next(id for id, out in scene.paper.sent.items() if out == note)
    [edit] = await scene.say(said)
    assert "C’est retiré" in edit.text
    assert Removal(MODERATION, id) in scene.paper.sent.values()
    assert await scene.store.queue.questions() == []


async def test_nobody_takes_back_what_another_person_asked(scene: Scene) -> None:
    await scene.say(PORTAL, ANA)
    await scene.say("annule ma question", BOB, reply_to=scene.last_reply)
    assert len(await scene.store.queue.questions()) == 1


@pytest.mark.parametrize("said", ["source ?", "where does that come from?"])
async def test_who_doubts_an_answer_gets_its_links(scene: Scene, said: str) -> None:
    await scene.say(ASKED, **PRIVATE)
    [reply] = await scene.say(said, **PRIVATE)
    assert "https://formation.example/" in reply.text
    assert "personnes du réseau" in reply.text


async def test_a_dead_link_is_told_to_moderators_a_few_times_without_the_words_of_who_reports_it(scene: Scene) -> None:
    await scene.say(ASKED, **PRIVATE)
    reply, note = await scene.say("ton lien renvoie une erreur 404", **PRIVATE)
    assert "équipe de modération" in reply.text
    assert note.room == MODERATION
    assert "https://formation.example/" in note.text
    assert "404" not in note.text
    for _ in range(12):
        await scene.say("lien mort", **PRIVATE)
    assert len([out for out in scene.paper.replies if out.room == MODERATION]) == NOTES


@pytest.mark.parametrize("said", ["c’est quoi ta source ?", "le lien marche pas", "merci beaucoup !"])
async def test_what_is_surely_about_its_words_needs_no_call_right_behind_them(scene: Scene, said: str) -> None:
    await scene.say(f"concierge : {ASKED}")
    before = len(scene.paper.sent)
    await scene.say(said)
    assert len(scene.paper.sent) > before
    await scene.say("moi aussi", BOB)
    before = len(scene.paper.sent)
    await scene.say(said)
    assert len(scene.paper.sent) == before


@pytest.mark.parametrize("how", [{}, {"direct": True, "private": True, "room": "!deux"}])
@pytest.mark.parametrize("said", ["efface tout ce que tu sais de moi", "who reads this?", "stop, ne réponds plus"])
async def test_who_asks_what_is_kept_or_wants_quiet_is_told_the_command(
    scene: Scene, how: dict[str, Any], said: str
) -> None:
    [reply] = await scene.say(f"concierge : {said}" if not how else said, **how)
    assert "oublie-moi" in reply.text
    assert await scene.store.queue.questions() == []


ACTS = [
    *("oui", "non", "la 2", "encore", "merci", "bonjour", "qui es-tu ?", "c’est faux", "lien mort", "source ?"),
    *("laisse tomber", "annule", "efface mes données", "tais-toi"),
]


@pytest.mark.parametrize("said", ACTS)
@pytest.mark.parametrize("after", [None, ASKED, "qui a les clés du portail bleu ?"])
async def test_in_a_direct_room_silence_meets_nobody(scene: Scene, said: str, after: str | None) -> None:
    if after:
        await scene.say(after, **PRIVATE)
    before = len(scene.paper.sent)
    await scene.say(said, **PRIVATE)
    assert len(scene.paper.sent) > before
