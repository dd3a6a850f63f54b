"""What nobody asked the bot, and what people do after an answer."""

from datetime import timedelta

import pytest

from bot.conversation.policy import Rules
from bot.messages import Listen
from tests.scene import ASKED, BOB, FORMATION, MODERATION, MODERATOR, ROOM, Scene

# Overheard


async def test_an_overheard_question_to_everybody_is_answered_once_quietly_after_twenty_seconds(scene: Scene) -> None:
    for how in (
        *({"mentions_others": True}, {"reply_to": "$other"}, {"thread": "$other"}, {"listen": "mentions"}),
        *({"moderators_room": True}, {"ago": timedelta(minutes=16)}),
    ):
        assert await scene.overhear(ASKED, **how) == [], how
    assert await scene.say(ASKED) == []
    assert await scene.later(timedelta(seconds=19)) == []
    [reply] = await scene.later(timedelta(seconds=2))
    assert (reply.thread, reply.to, reply.quiet, reply.mentions) == (scene.last, scene.last, True, ())
    assert await scene.overhear(ASKED, sender=BOB) == []  # within the hour
    await scene.say("Où trouver une fiche de poste ?")
    await scene.delete()
    assert await scene.later(timedelta(minutes=1)) == []


@pytest.mark.parametrize("listen", ["questions", "rehearsal"])
async def test_no_more_than_per_hour_are_answered_or_rehearsed_for_a_room(scene: Scene, listen: Listen) -> None:
    scene.ruled(rules=Rules(per_hour=2))
    texts = (ASKED, "Où trouver une fiche de poste ?", "Comment accueillir un volontaire en service civique ?")
    assert [len(await scene.overhear(text, listen=listen)) for text in texts] == [1, 1, 0]


async def test_an_overheard_answer_gets_new_words_a_few_times_an_hour(scene: Scene) -> None:
    scene.ruled(rules=Rules(per_hour=3))
    await scene.overhear(ASKED)
    words = ["Où trouver une fiche de poste ?", ASKED]
    assert [len(await scene.edit(words[number % 2])) for number in range(8)] == [1, 1, 0, 0, 0, 0, 0, 0]
    scene.time += timedelta(hours=1, minutes=1)
    assert len(await scene.edit(words[0])) == 1


# What people do afterwards


async def test_an_edit_that_changes_nothing_in_the_reply_changes_the_queue_alone(scene: Scene) -> None:
    for asked, anew, queued in (
        ("qui a les clés du portail bleu ?", "qui a les clés du portail vert ?", ["qui a les clés du portail vert ?"]),
        (ASKED, f"{ASKED} merci", ["qui a les clés du portail vert ?"]),
    ):
        await scene.say(f"concierge : {asked}")
        assert await scene.edit(f"concierge : {anew}") == []
        assert await scene.queued() == queued
    assert await scene.edit("concierge : merci, trouvé !") == []  # thanks leave nothing to answer
    assert scene.last_reply in scene.removed
    assert await scene.queued() == queued


async def test_a_question_edited_while_it_waits_is_judged_once_by_the_new_words_of_its_author(scene: Scene) -> None:
    for words, sender, link in (
        (f"{ASKED} Merci", {}, "https://formation.example/"),
        ("Où trouver une fiche de poste ?", {}, "https://fiche.example/"),
        ("C’est bon, j’ai trouvé, merci", {}, None),
        ("C’est bon, j’ai trouvé, merci", {"sender": BOB}, "https://formation.example/"),
    ):
        room = scene.in_a_room()
        await scene.say(ASKED, **room)
        assert await scene.edit(words, **room | sender) == []
        replies = [*await scene.later(timedelta(seconds=21)), *await scene.later(timedelta(seconds=21))]
        found = [(reply.to, reply.replaces, str(link) in reply.text) for reply in replies]
        assert found == ([(scene.last, None, True)] if link else []), words


async def test_thumbs_down_queues_the_newest_words_and_a_moderators_cross_removes_the_answer(scene: Scene) -> None:
    await scene.say(f"concierge : {ASKED}")
    scene.paper.gone = {scene.last}
    assert await scene.react("👎") == []
    assert await scene.queued() == []
    await scene.say(f"concierge : {ASKED}", BOB)
    await scene.edit("concierge : Où trouver une fiche de poste ?", sender=BOB)
    await scene.react("👎", BOB)
    assert await scene.queued() == ["Où trouver une fiche de poste ?"]
    await scene.say(f"concierge : {ASKED}")
    for sender, removed in ((BOB, set()), (MODERATOR, {scene.last_reply})):
        await scene.react("❌", sender)
        assert scene.removed == removed
    assert await scene.edit("concierge : Où trouver une fiche de poste ?") == []


async def test_a_rehearsal_is_shown_and_explained_to_moderators_whose_thumbs_down_queues_it(scene: Scene) -> None:
    [note] = await scene.overhear(ASKED, listen="rehearsal")
    question = scene.last
    assert (note.room, note.mentions) == (MODERATION, ())
    assert "https://formation.example/" in note.text
    shown = [*scene.paper.sent][-1]
    [why] = await scene.say("!pourquoi", MODERATOR, room=MODERATION, moderators_room=True, reply_to=shown)
    assert FORMATION.id in why.text
    await scene.react("👎", MODERATOR, shown, MODERATION)
    [queued] = await scene.store.queue.questions()
    assert [(asking.room, asking.event) for asking in queued.askings] == [(ROOM, question)]
