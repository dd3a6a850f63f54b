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


# What people do afterwards


@pytest.mark.parametrize(
    ("asked", "anew", "queued"),
    [
        (ASKED, f"{ASKED} merci", []),
        ("qui a les clés du portail bleu ?", "qui a les clés du portail vert ?", ["qui a les clés du portail vert ?"]),
    ],
)
async def test_an_edit_that_changes_nothing_in_the_reply_changes_the_queue_alone(
    scene: Scene, asked: str, anew: str, queued: list[str]
) -> None:
    await scene.say(f"concierge : {asked}")
    assert await scene.bring(edited(scene, f"concierge : {anew}")) == []
    assert [text for question in await scene.store.queue.questions() for text in question.open_texts] == queued


@pytest.mark.parametrize(
    ("words", "sender", "link"),
    [
        (f"{ASKED} Merci", ANA, "https://formation.example/"),
        ("Où trouver une fiche de poste ?", ANA, "https://fiche.example/"),
        ("C’est bon, j’ai trouvé, merci", ANA, None),
        ("C’est bon, j’ai trouvé, merci", BOB, "https://formation.example/"),
    ],
)
async def test_a_question_edited_while_it_waits_is_judged_once_by_the_new_words_of_its_author(
    scene: Scene, words: str, sender: str, link: str | None
) -> None:
    await scene.say(ASKED)
    assert await scene.bring(edited(scene, words, sender)) == []
    replies = [*await scene.later(timedelta(seconds=21)), *await scene.later(timedelta(seconds=21))]
    found = [(reply.to, reply.replaces, str(link) in reply.text) for reply in replies]
    assert found == ([(scene.last, None, True)] if link else [])


async def test_a_question_edited_into_thanks_is_neither_queued_nor_unknown(scene: Scene) -> None:
    await scene.say(f"concierge : {ASKED}")
    answer = scene.last_reply
    assert await scene.bring(edited(scene, "concierge : merci, trouvé !")) == []
    assert Removal(ROOM, answer) in scene.paper.sent.values()
    assert await scene.store.queue.questions() == []


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


async def test_a_moderators_cross_removes_an_answer_and_a_members_does_not(scene: Scene) -> None:
    await scene.say(f"concierge : {ASKED}")
    reply = scene.last_reply
    await scene.bring(Reaction("paper", "$r1", ROOM, BOB, reply, "❌"))
    assert Removal(ROOM, reply) not in scene.paper.sent.values()
    await scene.bring(Reaction("paper", "$r2", ROOM, MODERATOR, reply, "❌"))
    assert Removal(ROOM, reply) in scene.paper.sent.values()


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


async def test_a_rehearsal_is_shown_and_explained_to_moderators_whose_thumbs_down_queues_its_question(
    scene: Scene,
) -> None:
    await scene.say(ASKED, listen="rehearsal")
    question, [note] = scene.last, await scene.later(timedelta(seconds=21))
    assert (note.room, note.mentions) == (MODERATION, ())
    assert "https://formation.example/" in note.text
    shown = [*scene.paper.sent][-1]
    [why] = await scene.say("!pourquoi", MODERATOR, room=MODERATION, moderators_room=True, reply_to=shown)
    assert FORMATION.id in why.text
    await scene.bring(Reaction("paper", "$r1", MODERATION, MODERATOR, shown, "👎"))
    [queued] = await scene.store.queue.questions()
    assert [(asking.room, asking.event) for asking in queued.askings] == [(ROOM, question)]


async def test_it_introduces_itself_once_a_room(scene: Scene) -> None:
    [introduction] = await scene.bring(Joined("paper", "$j1", ROOM))
    assert introduction.quiet
    assert "!concierge aide" in introduction.text
    assert await scene.bring(Joined("paper", "$j2", ROOM)) == []
    [moderators] = await scene.bring(Joined("paper", "$j3", MODERATION))
    assert "Ici arrivent les questions" in moderators.text
    assert "silence" not in moderators.text
