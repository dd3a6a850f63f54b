"""The bot's own reactions under its posts: what it offers stands there as long as it is offered."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.matching.decision import Thresholds
from bot.messages import Capabilities, OutgoingReaction, Reaction, Removal, Reply
from tests.scene import ANA, ASKED, FORMATION, MODERATION, MODERATOR, ROOM, Scene, edited


def standing(scene: Scene, under: str) -> list[str]:
    """The bot's reactions that people see under a post."""
    removed = {out.target for out in scene.paper.sent.values() if isinstance(out, Removal)}
    marks = {id: out for id, out in scene.paper.sent.items() if isinstance(out, OutgoingReaction)}
    return [mark.key for id, mark in marks.items() if mark.target == under and id not in removed]


async def choose(scene: Scene, key: str) -> list[Reply]:
    return await scene.bring(Reaction("paper", f"$r{next(scene.ids)}", ROOM, ANA, scene.last_reply, key))


RATE = "Utile ou à côté"


async def test_an_answer_that_was_asked_for_asks_to_be_rated_and_shows_no_vote_of_the_bots_own(scene: Scene) -> None:
    [reply] = await scene.say(f"concierge : {ASKED}")
    assert reply.text.count(RATE) == 1
    assert standing(scene, scene.last_reply) == []
    await choose(scene, "👍")
    assert await scene.store.feedback.counts() == {FORMATION.id: (1, 0)}


@pytest.mark.parametrize("why", ["short", "overheard", "among moderators", "turned off", "nobody can react"])
async def test_other_answers_ask_for_nothing(scene: Scene, why: str) -> None:
    there = {"sender": MODERATOR, "room": MODERATION, "moderators_room": True} if why == "among moderators" else {}
    scene.ruled(asks_feedback=why != "turned off")
    scene.paper.capabilities = Capabilities(reacts=why != "nobody can react")
    if why == "short":
        await scene.say(f"concierge : {ASKED}")
    replies = await scene.say(ASKED if why == "overheard" else f"concierge : {ASKED}", **there)
    [reply] = [*replies, *await scene.later(timedelta(seconds=21))]
    assert RATE not in reply.text


async def test_a_choice_takes_the_digits_away_and_can_be_rated(suggested: Scene) -> None:
    offer = suggested.last_reply
    assert standing(suggested, offer)[:2] == ["1️⃣", "2️⃣"]
    [edit] = await choose(suggested, "2️⃣")
    assert RATE in edit.text
    assert standing(suggested, offer) == []


async def test_words_edited_into_a_question_lose_the_sign_that_the_old_ones_got(scene: Scene) -> None:
    await scene.say("concierge : merci !")
    thanked = scene.last
    await scene.bring(edited(scene, "concierge : merci beaucoup !"))
    assert standing(scene, thanked) == ["🙂"]
    assert len(await scene.bring(edited(scene, f"concierge : {ASKED}"))) == 1
    assert standing(scene, thanked) == []


async def test_an_answer_that_becomes_an_offer_again_has_its_digits_again(suggested: Scene) -> None:
    offer, digits = suggested.last_reply, standing(suggested, suggested.last_reply)
    for text, limits, marks in (
        (ASKED, Thresholds(), []),
        ("formation fiche de poste service civique", suggested.ctx.settings.limits, digits),
    ):
        await suggested.ruled(limits=limits).bring(edited(suggested, f"concierge : {text}"))
        assert standing(suggested, offer) == marks
