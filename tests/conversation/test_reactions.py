"""Emojis: 👍 and 👎 that are taken back, and those that the bot puts under its own posts."""

from datetime import timedelta

import pytest

from bot.matching.decision import Thresholds
from bot.messages import Capabilities, OutgoingReaction, Reaction, Redaction, Reply
from tests.moderation import command
from tests.scene import ALL_THREE, ANA, ASKED, BOB, FORMATION, MODERATION, MODERATOR, OFFERING, OTHER, ROOM, Scene

PORTAL = "qui a les clés du portail bleu ?"


async def sets(scene: Scene, key: str, sender: str = ANA) -> str:
    """The id of the reaction."""
    await scene.react(key, sender)
    return scene.paper.written[-1][0].id


async def counted(scene: Scene) -> tuple[int, int]:
    return (await scene.store.feedback.counts()).get(FORMATION.id, (0, 0))


def plain(reply: Reply) -> str:
    return reply.text.replace("\u00a0", " ")


@pytest.fixture
async def answered(scene: Scene) -> Scene:
    await scene.say(f"concierge : {ASKED}")
    return scene


@pytest.mark.parametrize(("key", "is_noted"), [("👍", False), ("👎🏽", True)])
async def test_what_is_taken_back_counts_no_more_days_later_either(answered: Scene, key: str, is_noted: bool) -> None:
    sign = await sets(answered, key)
    assert (sum(await counted(answered)), len(answered.notes)) == (1, int(is_noted))
    answered.time += timedelta(days=3)
    await answered.store.retention.erase_old(answered.now(), 90)
    await answered.delete(sign)
    assert await counted(answered) == (0, 0)
    assert await answered.queued() == []
    assert (answered.post("à côté") in answered.removed) if is_noted else not answered.removed


async def test_a_dislike_counts_unless_it_is_taken_back_even_before_it_was_heard(answered: Scene) -> None:
    sign = Reaction("paper", "$r", ROOM, ANA, answered.last_reply, "👎")
    gone = Redaction("paper", "$d", ROOM, ANA, "$r")
    events = [answered.paper.event(value, answered.time) for value in (sign, gone)]
    await answered.store.journal.receive("paper", events, "s2")
    await answered.work()
    assert (await counted(answered), await answered.queued()) == ((0, 0), [])
    bobs = await sets(answered, "👎", BOB)
    anas = await sets(answered, "👎")
    await answered.delete(bobs, MODERATOR)
    await answered.delete(anas)
    assert await counted(answered) == (0, 1)
    assert len(await answered.queued()) == 1


async def test_the_note_shows_what_was_asked_what_was_answered_and_how_many_dislike_it(answered: Scene) -> None:
    await answered.react("👎")
    [first] = answered.notes
    assert plain(first).startswith(f"👎 Une réponse est tombée à côté : **n° 1** « {ASKED} »")
    assert f"Réponse donnée : « {FORMATION.title} ». 👎 de 1 personne\n" in plain(first)
    assert f"`!modifier {FORMATION.id}`" in first.text
    await command(answered, "!prendre 1")
    await answered.react("👎", BOB, answered.post(FORMATION.title, ROOM))
    edit = answered.notes[-1]
    assert "👎 de 2 personnes" in plain(edit)
    assert "s’en occupe" in plain(edit)
    assert answered.paper.sent[edit.replaces or ""] == first
    [listed] = await command(answered, "!questions")
    assert f"« {ASKED} »" in plain(listed)
    assert "👎 de 2 personnes" in plain(listed)


async def test_an_answer_to_the_note_about_a_dislike_reaches_who_asked(desk: Scene) -> None:
    await desk.say(f"concierge : {ASKED}")
    await desk.react("👎", BOB)
    sent = await command(desk, "Voyez plutôt https://mieux.example/", reply_to=desk.post("👎"))
    assert any(reply.room == ROOM and "https://mieux.example/" in reply.text for reply in sent)
    assert await desk.queued() == []


async def test_each_person_has_one_vote_that_nobody_else_takes_away(answered: Scene) -> None:
    first, second = await sets(answered, "👍"), await sets(answered, "👎")
    assert await counted(answered) == (0, 1)
    await answered.delete(second)
    assert await counted(answered) == (1, 0)
    await answered.delete(first)
    first, second = await sets(answered, "👎"), await sets(answered, "👎", BOB)
    await answered.delete(first)
    assert (await counted(answered), await answered.queued()) == ((0, 1), [ASKED])
    await answered.delete(second, BOB)
    assert (await counted(answered), await answered.queued()) == ((0, 0), [])
    await answered.delete(await sets(answered, "👎", BOB), MODERATOR)
    assert await counted(answered) == (0, 1)


@pytest.mark.parametrize(("asked", "anew"), [(PORTAL, ""), (f"fiche de poste ? {OTHER}", ""), (ASKED, PORTAL)])
async def test_what_has_no_answer_stays_in_the_queue(scene: Scene, asked: str, anew: str) -> None:
    await scene.say(f"concierge : {asked}")
    if anew:
        await scene.edit(f"concierge : {anew}")
    assert len(await scene.queued()) == 1
    sign = await sets(scene, "👎")
    if asked == PORTAL:
        assert plain(scene.notes[-1]).startswith("Nouvelle question : **n° 1**")
    await scene.delete(sign)
    assert len(await scene.queued()) == 1


# The bot's own reactions: what it offers stands there as long as it is offered


def standing(scene: Scene, under: str) -> list[str]:
    """The bot's reactions that people see under a post."""
    marks = {id: out for id, out in scene.paper.sent.items() if isinstance(out, OutgoingReaction)}
    return [mark.key for id, mark in marks.items() if mark.target == under and id not in scene.removed]


RATE = "Utile ou à côté"


async def test_an_answer_asks_to_be_rated_and_shows_no_vote_or_sign_of_the_bots_own(scene: Scene) -> None:
    [reply] = await scene.say(f"concierge : {ASKED}")
    assert reply.text.count(RATE) == 1
    assert standing(scene, scene.last_reply) == []
    await scene.say("concierge : merci !")
    thanked = scene.last
    await scene.edit("concierge : merci beaucoup !")
    assert standing(scene, thanked) == ["🙂"]
    assert len(await scene.edit(f"concierge : {ASKED}")) == 1
    assert standing(scene, thanked) == []


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


async def test_an_offer_edited_into_a_question_is_its_answer_and_has_digits_again_as_an_offer(suggested: Scene) -> None:
    offer, digits = suggested.last_reply, standing(suggested, suggested.last_reply)
    for text, limits, marks in ((f"concierge : {ASKED}", Thresholds(), []), (ALL_THREE, OFFERING, digits)):
        [edit] = await suggested.ruled(limits=limits).edit(text)
        assert (edit.replaces, "Une coopérative forme" in edit.text, RATE in edit.text) == (offer, not marks, not marks)
        assert standing(suggested, offer) == marks
