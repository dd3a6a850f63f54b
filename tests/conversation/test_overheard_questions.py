"""What nobody asked the bot, and what people do after an answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.conversation.policy import Rules
from bot.messages import Joined, Reaction, Redaction, Removal
from tests.scene import ANA, ASKED, BOB, FORMATION, MODERATION, MODERATOR, ROOM, Scene, edited

# Overheard


async def test_an_overheard_question_is_answered_quietly_in_a_thread_after_twenty_seconds(scene: Scene) -> None:
    assert await scene.say(ASKED) == []
    assert await scene.later(timedelta(seconds=19)) == []
    [reply] = await scene.later(timedelta(seconds=2))
    assert (reply.thread, reply.to, reply.quiet, reply.mentions) == (scene.last, scene.last, True, ())


@pytest.mark.parametrize(
    "how",
    [
        {"mentions_others": True},
        {"reply_to": "$other"},
        {"thread": "$other"},
        {"listen": "mentions"},
        {"moderators_room": True},
        {"ago": timedelta(minutes=16)},
    ],
)
async def test_what_is_said_to_somebody_or_elsewhere_is_not_overheard(scene: Scene, how: dict[str, Any]) -> None:
    assert await scene.say(ASKED, **how) == []
    assert await scene.later(timedelta(minutes=1)) == []


@pytest.mark.parametrize("said", ["Bonjour à toutes et tous !", "la formation d’hier était super", "Merci Ana"])
async def test_small_talk_stays_unanswered(scene: Scene, said: str) -> None:
    assert await scene.say(said) == []
    assert await scene.later(timedelta(minutes=1)) == []


async def test_a_person_who_replies_within_the_delay_is_left_the_word(scene: Scene) -> None:
    await scene.say(ASKED)
    await scene.say("Oui, va voir la coopérative", sender=BOB, reply_to=scene.last)
    assert await scene.later(timedelta(minutes=1)) == []


async def test_a_question_deleted_within_the_delay_is_not_answered(scene: Scene) -> None:
    await scene.say(ASKED)
    await scene.bring(Redaction("paper", "$x", ROOM, ANA, scene.last))
    assert await scene.later(timedelta(minutes=1)) == []


async def test_no_more_than_per_hour_overheard_answers_in_a_room(scene: Scene) -> None:
    scene.ruled(rules=Rules(per_hour=1))
    await scene.say(ASKED)
    assert len(await scene.later(timedelta(seconds=21))) == 1
    await scene.say("Où trouver une fiche de poste ?", sender=BOB)
    assert await scene.later(timedelta(seconds=21)) == []


async def test_no_more_than_per_hour_are_rehearsed_for_a_room_either(scene: Scene) -> None:
    scene.ruled(rules=Rules(per_hour=2))
    for text in (ASKED, "Où trouver une fiche de poste ?", ASKED, ASKED):
        await scene.say(text, listen="rehearsal")
        await scene.later(timedelta(seconds=21))
    assert len(scene.paper.replies) == 2


async def test_an_overheard_answer_gets_new_words_a_few_times_an_hour(scene: Scene) -> None:
    scene.ruled(rules=Rules(per_hour=3))
    await scene.say(ASKED)
    await scene.later(timedelta(seconds=21))
    words = ["Où trouver une fiche de poste ?", ASKED]
    edits = [len(await scene.bring(edited(scene, words[number % 2]))) for number in range(8)]
    assert edits == [1, 1, 0, 0, 0, 0, 0, 0]
    scene.time += timedelta(hours=1, minutes=1)
    assert len(await scene.bring(edited(scene, words[0]))) == 1


async def test_the_same_overheard_answer_is_not_given_twice_within_the_hour(scene: Scene) -> None:
    await scene.say(ASKED)
    await scene.later(timedelta(seconds=21))
    await scene.say(ASKED, sender=BOB)
    assert await scene.later(timedelta(seconds=21)) == []


async def test_a_rehearsal_is_read_by_the_moderators_only(scene: Scene) -> None:
    await scene.say(ASKED, listen="rehearsal")
    [note] = await scene.later(timedelta(seconds=21))
    assert note.room == MODERATION
    assert note.mentions == ()
    assert "https://formation.example/" in note.text


# What people do afterwards


async def test_an_edited_question_edits_its_answer(scene: Scene) -> None:
    await scene.say("concierge : qui a les clés du portail bleu ?")
    [edit] = await scene.bring(edited(scene, f"concierge : {ASKED}"))
    assert edit.replaces == scene.last_reply
    assert "https://formation.example/" in edit.text


async def test_an_edit_that_changes_nothing_in_the_answer_is_left_alone(scene: Scene) -> None:
    await scene.say(f"concierge : {ASKED}")
    assert await scene.bring(edited(scene, f"concierge: {ASKED} merci")) == []


async def test_an_edit_waits_until_the_first_words_are_dealt_with_so_that_there_is_one_reply(scene: Scene) -> None:
    await scene.say(ASKED)  # overheard: a person may reply first
    assert await scene.bring(edited(scene, f"{ASKED} Merci")) == []
    replies = [*await scene.later(timedelta(seconds=21)), *await scene.later(timedelta(seconds=21))]
    assert [reply.to for reply in replies] == [scene.last]


async def test_an_edit_that_calls_the_bot_waits_for_nobody_else(scene: Scene) -> None:
    await scene.say(ASKED)
    [reply] = await scene.bring(edited(scene, f"concierge : {ASKED}"))
    assert (reply.to, reply.quiet) == (scene.last, False)
    assert await scene.later(timedelta(seconds=21)) == []


async def test_an_overheard_question_that_is_edited_while_it_waits_is_judged_by_its_new_words(scene: Scene) -> None:
    await scene.say(ASKED)
    question = scene.last
    await scene.bring(edited(scene, "Où trouver une fiche de bosse ?"))
    await scene.bring(edited(scene, "Où trouver une fiche de poste ?"))
    [reply] = await scene.later(timedelta(seconds=21))
    assert (reply.to, reply.replaces) == (question, None)
    assert "https://fiche.example/" in reply.text
    assert await scene.later(timedelta(seconds=21)) == []


async def test_what_is_no_question_any_more_when_its_time_comes_is_left_alone(scene: Scene) -> None:
    await scene.say(ASKED)
    await scene.bring(edited(scene, "C’est bon, j’ai trouvé, merci"))
    assert await scene.later(timedelta(minutes=1)) == []
    assert await scene.later(timedelta(minutes=1)) == []


async def test_nobody_puts_other_words_into_a_question_that_waits(scene: Scene) -> None:
    await scene.say(ASKED)
    await scene.bring(edited(scene, "C’est bon, j’ai trouvé, merci", BOB))
    assert "https://formation.example/" in (await scene.later(timedelta(seconds=21)))[0].text


async def test_a_question_edited_into_thanks_is_neither_queued_nor_unknown(scene: Scene) -> None:
    await scene.say(f"concierge : {ASKED}")
    answer = scene.last_reply
    assert await scene.bring(edited(scene, "concierge : merci, trouvé !")) == []
    assert Removal(ROOM, answer) in scene.paper.sent.values()
    assert await scene.store.queue.questions() == []


async def test_not_knowing_an_edited_question_either_changes_the_queue_and_no_words(scene: Scene) -> None:
    await scene.say("concierge : qui a les clés du portail bleu ?")
    assert await scene.bring(edited(scene, "concierge : qui a les clés du portail vert ?")) == []
    [queued] = await scene.store.queue.questions()
    assert queued.open_texts == ("qui a les clés du portail vert ?",)


async def test_edits_count_like_questions_so_that_nobody_has_it_edit_without_end(scene: Scene) -> None:
    scene.ruled(rules=Rules(flood_questions=3))
    await scene.say(f"concierge : {ASKED}")
    words = [f"concierge : {ASKED}", "concierge : fiche de poste ?"]
    edits = [await scene.bring(edited(scene, words[number % 2])) for number in range(1, 8)]
    assert [len(replies) for replies in edits] == [1, 1, 0, 0, 0, 0, 0]


async def test_an_answer_that_somebody_deleted_stays_away_when_its_question_is_edited(scene: Scene) -> None:
    await scene.say(f"concierge : {ASKED}")
    await scene.bring(Redaction("paper", "$x", ROOM, BOB, scene.last_reply))
    assert await scene.bring(edited(scene, "concierge : Où trouver une fiche de poste ?")) == []


async def test_a_deleted_question_takes_its_answer_and_its_place_in_the_queue_with_it(scene: Scene) -> None:
    await scene.say("concierge : qui a les clés du portail bleu ?")
    reply = scene.last_reply
    await scene.bring(Redaction("paper", "$x", ROOM, ANA, scene.last))
    assert Removal(ROOM, reply) in scene.paper.sent.values()
    assert await scene.store.queue.questions() == []


async def test_a_moderators_cross_removes_an_answer_and_a_members_does_not(scene: Scene) -> None:
    await scene.say(f"concierge : {ASKED}")
    reply = scene.last_reply
    await scene.bring(Reaction("paper", "$r1", ROOM, BOB, reply, "❌"))
    assert Removal(ROOM, reply) not in scene.paper.sent.values()
    await scene.bring(Reaction("paper", "$r2", ROOM, MODERATOR, reply, "❌"))
    assert Removal(ROOM, reply) in scene.paper.sent.values()


async def test_thumbs_down_puts_the_question_in_the_queue(scene: Scene) -> None:
    await scene.say(f"concierge : {ASKED}")
    await scene.bring(Reaction("paper", "$r1", ROOM, ANA, scene.last_reply, "👎🏽"))
    [queued] = await scene.store.queue.questions()
    assert queued.askings[0].event == scene.last


async def test_thumbs_down_on_the_answer_to_an_edited_question_queues_its_newest_words(scene: Scene) -> None:
    await scene.say(f"concierge : {ASKED}")
    await scene.bring(edited(scene, "concierge : Où trouver une fiche de poste ?"))
    await scene.bring(Reaction("paper", "$r1", ROOM, ANA, scene.last_reply, "👎"))
    [queued] = await scene.store.queue.questions()
    assert queued.open_texts == ("Où trouver une fiche de poste ?",)


async def test_thumbs_down_is_counted_though_the_question_is_gone_from_the_network(scene: Scene) -> None:
    await scene.say(f"concierge : {ASKED}")
    scene.paper.gone = {scene.last}
    assert await scene.bring(Reaction("paper", "$r1", ROOM, ANA, scene.last_reply, "👎")) == []
    assert await scene.store.queue.questions() == []


@pytest.fixture
async def rehearsed(scene: Scene) -> Scene:
    await scene.say(ASKED, listen="rehearsal")
    [note] = await scene.later(timedelta(seconds=21))
    assert note.room == MODERATION
    return scene


async def test_a_rehearsal_is_explained_to_moderators(rehearsed: Scene) -> None:
    note = [*rehearsed.paper.sent][-1]
    [why] = await rehearsed.say("!pourquoi", MODERATOR, room=MODERATION, moderators_room=True, reply_to=note)
    assert FORMATION.id in why.text


async def test_thumbs_down_on_a_rehearsal_puts_its_question_in_the_queue(rehearsed: Scene) -> None:
    question = rehearsed.last
    await rehearsed.bring(Reaction("paper", "$r1", MODERATION, MODERATOR, [*rehearsed.paper.sent][-1], "👎"))
    [queued] = await rehearsed.store.queue.questions()
    assert [(asking.room, asking.event) for asking in queued.askings] == [(ROOM, question)]


async def test_it_introduces_itself_once_a_room(scene: Scene) -> None:
    [introduction] = await scene.bring(Joined("paper", "$j1", ROOM))
    assert introduction.quiet
    assert "!concierge aide" in introduction.text
    assert await scene.bring(Joined("paper", "$j2", ROOM)) == []
    [moderators] = await scene.bring(Joined("paper", "$j3", MODERATION))
    assert "Ici arrivent les questions" in moderators.text
    assert "silence" not in moderators.text
