"""What moderators see and do, and what comes of it for those who asked: dialogues over the whole path."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.messages import Edit as EditOf
from bot.messages import Message, Reaction, Redaction, Removal, Reply
from tests.test_conversation import ANA, ASKED, BOB, MODERATION, MODERATOR, ROOM, Scene, index, scene

__all__ = ["index", "scene"]

PORTAL = "concierge : qui a les clés du portail bleu ?"
LASER = "concierge : où est rangé le tournevis cruciforme ?"
CLEO = "@cleo:example.org"
PRIVATE = {"room": "!deux", "direct": True, "private": True}


async def command(scene: Scene, text: str, sender: str = MODERATOR, **more: Any) -> list[Reply]:
    """What a moderator is told in the moderators' room."""
    return await scene.say(text, sender, **{"room": MODERATION, "moderators_room": True} | more)


def notes(scene: Scene) -> list[str]:
    return [reply.text for reply in scene.paper.replies if reply.room == MODERATION]


# The queue


async def test_the_most_asked_question_comes_first_with_its_number_and_where_it_was_asked(scene: Scene) -> None:
    await scene.say(LASER)
    await scene.say(PORTAL)
    first = scene.last
    await scene.say("Concierge : bonjour, qui a la clé du portail bleu svp ?", BOB, room="!autre")
    [reply] = await command(scene, "!questions")
    rows = [line for line in reply.text.splitlines() if line.startswith("- ")]
    assert len(rows) == 2
    assert "**n°\u00a02** «\u00a0qui a les clés du portail bleu ?\u00a0»" in rows[0]
    assert "2\u00a0personnes, depuis le 24\u00a0novembre" in rows[0]
    assert f"(https://paper.example/{ROOM}/{first})" in rows[0]
    assert "(https://paper.example/!autre/" in rows[0]
    assert "**n°\u00a01**" in rows[1]


async def test_who_asks_twice_is_one_person(scene: Scene) -> None:
    for _ in range(2):
        await scene.say(PORTAL)
    [reply] = await command(scene, "!questions")
    assert "1\u00a0personne, depuis" in reply.text


async def test_questions_come_ten_a_page(scene: Scene) -> None:
    for number in range(12):
        await scene.say(f"concierge : où est le tournevis cruciforme{'abcdefghijkl'[number] * 4} ?", f"@p{number}:x")
    [first] = await command(scene, "!questions")
    assert first.text.count("\n- ") == 10
    assert "page 1 sur 2" in first.text
    [second] = await command(scene, "!QUESTIONS 2")
    assert second.text.count("\n- ") == 2
    [none] = await command(scene, "!questions 3")
    assert "Dernière page\u00a0: 2" in none.text


@pytest.mark.parametrize("said", ["!questions", "!concierge questions", "concierge : questions", "!Questions"])
async def test_without_questions_it_says_so(scene: Scene, said: str) -> None:
    [reply] = await command(scene, said)
    assert reply.text == "Aucune question n'attend de réponse."


async def test_a_new_question_is_noted_once_however_many_ask_it(scene: Scene) -> None:
    await scene.say(PORTAL)
    await scene.say(PORTAL, BOB)
    [note] = notes(scene)
    assert "Nouvelle question\u00a0: **n°\u00a01** «\u00a0qui a les clés du portail bleu ?\u00a0»" in note
    assert "`!repondre 1 texte ou lien`" in note


async def test_a_flood_of_questions_ends_in_one_line_an_hour(scene: Scene) -> None:
    words = "tournevis marteau scie rabot ponceuse perceuse visseuse agrafeuse pince".split()
    for number, word in enumerate(words):
        await scene.say(f"concierge : où est rangé le {word} rouge ?", f"@p{number}:x")
    told = notes(scene)
    assert len(told) == 7
    assert "trop pour les dire ici une par une" in told[-1]
    scene.time += timedelta(minutes=61)
    await scene.say(LASER)
    assert "cruciforme" in notes(scene)[-1]


async def test_thumbs_down_is_noted_as_a_new_question(scene: Scene) -> None:
    await scene.say(f"concierge : {ASKED}")
    await scene.bring(Reaction("paper", "$r1", ROOM, ANA, scene.last_reply, "👎"))
    assert ASKED in notes(scene)[-1]


async def test_an_edited_question_keeps_its_number_and_is_not_noted_again(scene: Scene) -> None:
    await scene.say(PORTAL)
    edited = Message("paper", scene.last, ROOM, ANA, "concierge : qui a les clés du portail vert ?", scene.time)
    await scene.bring(EditOf("$e", edited))
    [queued] = await scene.store.questions()
    assert (queued.number, queued.open_texts) == (1, ("qui a les clés du portail vert ?",))
    assert len(notes(scene)) == 1


async def test_a_deleted_question_takes_the_note_about_it_away(scene: Scene) -> None:
    await scene.say(PORTAL)
    note = next(id for id, out in scene.paper.sent.items() if out.room == MODERATION)
    await scene.bring(Redaction("paper", "$x", ROOM, ANA, scene.last))
    assert Removal(MODERATION, note) in scene.paper.sent.values()


async def test_what_moderators_ask_among_themselves_is_not_queued(scene: Scene) -> None:
    [reply] = await command(scene, PORTAL)
    assert reply.text == "Je n'ai pas de réponse à cette question."
    assert await scene.store.questions() == []


async def test_the_queue_is_for_moderators_and_not_read_out_among_members(scene: Scene) -> None:
    [refusal] = await command(scene, "!questions", BOB)
    assert "réservée à l'équipe" in refusal.text
    [elsewhere] = await scene.say("!concierge questions", MODERATOR)
    assert "salon de modération" in elsewhere.text
    [there] = await scene.say("!questions", MODERATOR, **PRIVATE)
    assert "Aucune question" in there.text


# Private places


async def test_what_is_asked_in_private_enters_the_queue_only_when_its_asker_agrees(scene: Scene) -> None:
    [reply] = await scene.say("qui a les clés du portail bleu ?", **PRIVATE)
    assert "Je la transmets à l'équipe de modération\u00a0?" in reply.text
    assert reply.choices == ("✅",)
    assert await scene.store.questions() == []
    assert notes(scene) == []
    offer = scene.last_reply
    assert await scene.bring(Reaction("paper", "$bob", "!deux", BOB, offer, "✅")) == []
    edit, note = await scene.bring(Reaction("paper", "$ana", "!deux", ANA, offer, "✅"))
    assert edit.replaces == offer
    assert "je la transmets" in edit.text
    assert "portail" not in note.text
    assert "posée en privé" in note.text
    assert await scene.bring(Reaction("paper", "$again", "!deux", ANA, offer, "✅")) == []
    assert len(await scene.store.questions()) == 1


@pytest.mark.parametrize("word", ["oui", "Oui !", "ok", "OK.", "yes", "✅"])
async def test_where_nobody_reacts_a_word_agrees(scene: Scene, word: str) -> None:
    scene.paper.reacts = False
    [reply] = await scene.say("qui a les clés du portail bleu ?", **PRIVATE)
    assert "Répondez oui" in reply.text
    assert reply.choices == ()
    await scene.say(word, reply_to=scene.last_reply, **PRIVATE)
    assert len(await scene.store.questions()) == 1


async def test_words_from_a_private_place_are_shown_only_in_a_sealed_moderators_room(scene: Scene) -> None:
    await scene.say("qui a les clés du portail bleu ?", **PRIVATE)
    await scene.bring(Reaction("paper", "$ana", "!deux", ANA, scene.last_reply, "✅"))
    [listed] = await command(scene, "!questions")
    assert "portail" not in listed.text
    scene.paper.encrypted.add(MODERATION)
    [listed] = await command(scene, "!questions", private=True)
    assert "portail bleu" in listed.text
    [alone] = await scene.say("!questions", MODERATOR, **PRIVATE)
    assert "portail" not in alone.text


async def test_who_is_forgotten_is_gone_from_the_queue(scene: Scene) -> None:
    await scene.say(PORTAL)
    await scene.say("!concierge oublie-moi")
    assert await scene.store.questions() == []


# Answers


def told(scene: Scene) -> list[Reply]:
    """What was said to members who had asked."""
    return [
        reply
        for reply in scene.paper.replies
        if "réponse" in reply.text and len(reply.mentions) and reply.room != MODERATION
    ]


async def test_an_answer_goes_where_it_was_asked_once_a_room_and_names_all_who_asked(scene: Scene) -> None:
    scene.paper.names = {ANA: "Ana", BOB: "Bob <b>", CLEO: "Cléo"}
    await scene.say(PORTAL)
    await scene.say(PORTAL, BOB, thread="$fil")
    latest = scene.last
    await scene.say(PORTAL, CLEO, room="!autre")
    elsewhere = scene.last
    replies = await command(scene, "!répondre 1 Elles sont à l'accueil : https://accueil.example/cles")
    here, there, done = sorted(replies, key=lambda reply: (reply.room == MODERATION, reply.room != ROOM))
    assert (here.room, here.to, here.thread, here.mentions) == (ROOM, latest, "$fil", (ANA, BOB))
    assert here.text.startswith(r"Ana et Bob \<b\>, voici la réponse")
    assert "https://accueil.example/cles" in here.text
    assert (there.room, there.to, there.mentions) == ("!autre", elsewhere, (CLEO,))
    assert "n°\u00a01" in done.text
    assert await scene.store.questions() == []


@pytest.mark.parametrize("days", [29, 31])
async def test_nobody_is_told_about_a_question_of_more_than_thirty_days_ago(scene: Scene, days: int) -> None:
    await scene.say(PORTAL)
    scene.time += timedelta(days=days)
    await command(scene, "!repondre 1 Elles sont à l'accueil.")
    assert [reply.mentions for reply in told(scene)[1:]] == ([(ANA,)] if days < 30 else [])
    assert await scene.store.questions() == []


async def test_a_deleted_question_is_nobodys_news(scene: Scene) -> None:
    await scene.say(PORTAL)
    await scene.say(PORTAL, BOB)
    scene.paper.written = [(event, value) for event, value in scene.paper.written if event.sender != BOB]
    replies = await command(scene, "!repondre 1 Elles sont à l'accueil.")
    assert [reply.mentions for reply in replies if reply.room == ROOM] == [(ANA,)]


@pytest.mark.parametrize("said", ["!repondre", "!repondre 1", "!repondre clés à l'accueil", "!answer"])
async def test_an_answer_without_number_or_words_shows_how(scene: Scene, said: str) -> None:
    await scene.say(PORTAL)
    [reply] = await command(scene, said)
    assert "Exemple" in reply.text
    assert len(await scene.store.questions()) == 1


async def test_a_question_is_answered_once(scene: Scene) -> None:
    await scene.say(PORTAL)
    await command(scene, "!repondre 1 À l'accueil.")
    [reply] = await command(scene, "!repondre 1 Au bureau.")
    assert "pas ou plus ouverte" in reply.text


async def test_an_answer_keeps_its_lines(scene: Scene) -> None:
    await scene.say(PORTAL)
    [answer, *_] = await command(scene, "!concierge répondre 1\nUn :\n\n- deux\n- trois")
    assert "Un :\n\n- deux\n- trois" in answer.text


async def test_an_asker_in_private_is_told_there(scene: Scene) -> None:
    await scene.say("qui a les clés du portail bleu ?", **PRIVATE)
    await scene.bring(Reaction("paper", "$ana", "!deux", ANA, scene.last_reply, "✅"))
    [answer, *_] = await command(scene, "!repondre 1 À l'accueil.")
    assert (answer.room, answer.mentions) == ("!deux", (ANA,))
