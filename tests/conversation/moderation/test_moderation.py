"""What moderators see and do, and what comes of it for those who asked: dialogues over the whole path."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.locale import wording
from bot.messages import Capabilities, Reaction, Redaction, Removal, Reply
from bot.replies import ForumReplies
from tests.moderation import CLEO, KNOWLEDGE, LASER, PORTAL, PRIVATE, command, drafted, react, shown, told_to
from tests.scene import ANA, BOB, IN_WORDS, MODERATION, MODERATOR, ROOM, Scene, edited


def notes(scene: Scene) -> list[str]:
    return [reply.text for reply in scene.paper.replies if reply.room == MODERATION]


# The queue


async def test_the_most_asked_question_comes_first_with_its_number_and_where_it_was_asked(scene: Scene) -> None:
    await scene.say(LASER)
    for _ in range(2):  # who asks twice is one person
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


async def test_questions_come_ten_a_page(scene: Scene) -> None:
    for number in range(12):
        await scene.say(f"concierge : où est le tournevis cruciforme{'abcdefghijkl'[number] * 4} ?", f"@p{number}:x")
    [first] = await command(scene, "!questions")
    assert first.text.count("\n- ") == 10
    assert "page 1 sur 2" in first.text
    [second] = await command(scene, "!QUESTIONS 2")
    assert second.text.count("\n- ") == 2
    [none] = await command(scene, "!questions 3")
    [far] = await command(scene, f"!questions {'9' * 5000}")
    assert "Dernière page\u00a0: 2" in none.text
    assert far.text == none.text


async def test_a_new_question_is_noted_once_however_many_ask_it(scene: Scene) -> None:
    await scene.say(PORTAL)
    await scene.say(PORTAL, BOB)
    [note] = notes(scene)
    assert "Nouvelle question\u00a0: **n°\u00a01** «\u00a0qui a les clés du portail bleu ?\u00a0»" in note
    assert "votre réponse part là où" in note


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


async def test_an_edited_question_keeps_its_number_and_is_not_noted_again(scene: Scene) -> None:
    await scene.say(PORTAL)
    await scene.bring(edited(scene, "concierge : qui a les clés du portail vert ?"))
    [queued] = await scene.store.queue.questions()
    assert (queued.number, queued.open_texts) == (1, ("qui a les clés du portail vert ?",))
    assert len(notes(scene)) == 1


async def test_what_moderators_ask_among_themselves_is_not_queued(scene: Scene) -> None:
    [reply] = await command(scene, PORTAL)
    assert reply.text == "Je n’ai pas de réponse à cette question."
    assert await scene.store.queue.questions() == []


async def test_the_queue_is_for_moderators_and_not_read_out_among_members(scene: Scene) -> None:
    [refusal] = await command(scene, "!questions", BOB)
    assert "réservée à l’équipe" in refusal.text
    [elsewhere] = await scene.say("!concierge questions", MODERATOR)
    assert "salon de modération" in elsewhere.text
    [there] = await scene.say("!questions", MODERATOR, **PRIVATE)
    assert "Aucune question" in there.text


# Private places


async def test_what_is_asked_in_private_enters_the_queue_only_when_its_asker_agrees(scene: Scene) -> None:
    [reply] = await scene.say("qui a les clés du portail bleu ?", **PRIVATE)
    assert "Je la transmets à l’équipe de modération\u00a0?" in reply.text
    assert "lira votre question telle quelle, sans votre nom" in reply.text
    assert reply.choices == ("✅",)
    assert await scene.store.queue.questions() == []
    assert notes(scene) == []
    offer = scene.last_reply
    assert await scene.bring(Reaction("paper", "$bob", "!deux", BOB, offer, "✅")) == []
    edit, note = await scene.bring(Reaction("paper", "$ana", "!deux", ANA, offer, "✅"))
    assert edit.replaces == offer
    assert "je la transmets" in edit.text
    assert "portail bleu" in note.text
    assert note.text.splitlines()[0].endswith("· en privé")
    assert "!deux" not in note.text
    assert await scene.bring(Reaction("paper", "$again", "!deux", ANA, offer, "✅")) == []
    assert len(await scene.store.queue.questions()) == 1


@pytest.mark.parametrize("word", ["OK.", "✅", "Oui, merci de la transmettre"])
async def test_where_nobody_reacts_a_word_agrees(scene: Scene, word: str) -> None:
    scene.paper.capabilities = Capabilities(reacts=False)
    scene.ruled(replies=IN_WORDS)
    [reply] = await scene.say("qui a les clés du portail bleu ?", **PRIVATE)
    assert "Répondez «\u00a0oui, merci de la transmettre\u00a0»" in reply.text
    assert reply.choices == ()
    await scene.say(word, reply_to=scene.last_reply, **PRIVATE)
    assert len(await scene.store.queue.questions()) == 1


async def test_on_a_forum_the_reply_that_says_so_keeps_its_form(scene: Scene) -> None:
    scene.paper.capabilities = Capabilities(reacts=False)
    says = ForumReplies(wording("fr"), "Concierge", "!", ZoneInfo("Europe/Paris"))
    scene.ruled(replies=says)
    [offer] = await scene.say("qui a les clés du portail bleu ?", **PRIVATE)
    [edit, *_] = await scene.say("oui", reply_to=scene.last_reply, **PRIVATE)
    for said in (offer, edit):
        assert said.text.startswith("> qui a les clés du portail bleu ?\n")
        assert "Réponse automatique" in said.text
    assert "je la transmets" in edit.text


async def test_encrypted_words_are_shown_only_in_an_encrypted_moderators_room(scene: Scene) -> None:
    scene.paper.encrypted |= {"!deux", MODERATION}
    await scene.say("qui a les clés du portail bleu ?", **PRIVATE)
    await scene.bring(Reaction("paper", "$ana", "!deux", ANA, scene.last_reply, "✅"))
    [listed] = await command(scene, "!questions", private=True)
    assert "portail bleu" in listed.text
    assert "!deux" not in listed.text
    scene.paper.encrypted.remove(MODERATION)
    [listed] = await command(scene, "!questions")
    assert "portail" not in listed.text


async def test_what_may_not_be_shown_is_not_handed_over_and_its_asker_reads_why(scene: Scene) -> None:
    scene.paper.encrypted.add("!deux")
    [reply] = await scene.say("qui a les clés du portail bleu ?", **PRIVATE)
    assert "chiffré et le salon de modération ne l’est pas" in reply.text
    assert "posez-la dans l’un des salons où je suis" in reply.text
    assert reply.choices == ()
    assert await scene.bring(Reaction("paper", "$ana", "!deux", ANA, scene.last_reply, "✅")) == []
    assert notes(scene) == []


# Answers


def told(desk: Scene) -> list[Reply]:
    """What was said to members who had asked."""
    return [reply for reply in desk.paper.replies if "voici la réponse" in reply.text and reply.room != MODERATION]


async def test_an_answer_goes_where_it_was_asked_once_a_room_and_names_all_who_asked(desk: Scene) -> None:
    desk.paper.names = {ANA: "Ana", BOB: "Bob <b>", CLEO: "Cléo"}
    await desk.say(PORTAL)
    await desk.say(PORTAL, BOB, thread="$fil")
    latest = desk.last
    await desk.say(PORTAL, CLEO, room="!autre")
    elsewhere = desk.last
    replies = await command(desk, "!répondre 1 Elles sont à l’accueil : https://accueil.example/cles")
    here, there, done, draft = sorted(replies, key=lambda reply: (reply.room == MODERATION, reply.room != ROOM))
    assert draft.choices
    assert (here.room, here.to, here.thread, here.mentions) == (ROOM, latest, "$fil", ())
    assert here.text.startswith(r"Ana et Bob \<b\>, voici la réponse")
    assert "https://accueil.example/cles" in here.text
    assert (there.room, there.to, there.text.partition(",")[0]) == ("!autre", elsewhere, "Cléo")
    assert "n°\u00a01" in done.text
    assert await desk.store.queue.questions() == []


async def test_who_waits_learns_how_long_people_waited_lately_once_enough_are_known(desk: Scene) -> None:
    for number, thing in enumerate(("escabeau", "parapluie", "samovar", "trombone", "harmonium"), 1):
        [unknown, *_] = await desk.say(f"concierge : où est rangé notre {thing} rouge ?")
        assert "L’équipe répond" not in unknown.text
        desk.time += timedelta(hours=number * 9)
        [queued] = await desk.store.queue.questions()
        await command(desk, f"!repondre {queued.number} Demandez à l’accueil.")
    [unknown, *_] = await desk.say(PORTAL)
    assert "je la transmets à l’équipe de modération. L’équipe répond en général en une journée." in unknown.text
    [offered] = await desk.say(LASER, **PRIVATE)
    assert "L’équipe répond en général en une journée." in offered.text
    desk.time += timedelta(days=31)
    [unknown, *_] = await desk.say("concierge : qui sait réparer la machine à coudre ?")
    assert "L’équipe répond" not in unknown.text


@pytest.mark.parametrize("days", [29, 31])
async def test_nobody_is_told_about_a_question_of_more_than_thirty_days_ago(desk: Scene, days: int) -> None:
    await desk.say(PORTAL)
    desk.time += timedelta(days=days)
    await command(desk, "!repondre 1 Elles sont à l’accueil.")
    assert [told_to(reply) for reply in told(desk)] == ([(ANA,)] if days < 30 else [])
    assert await desk.store.queue.questions() == []


async def test_a_deleted_question_is_nobodys_news(desk: Scene) -> None:
    await desk.say(PORTAL)
    await desk.say(PORTAL, BOB)
    desk.paper.written = [(event, value) for event, value in desk.paper.written if event.sender != BOB]
    replies = await command(desk, "!repondre 1 Elles sont à l’accueil.")
    assert [told_to(reply) for reply in replies if reply.room == ROOM] == [(ANA,)]


@pytest.mark.parametrize("others", [False, True])
async def test_a_deleted_question_takes_the_news_of_its_answer_along_unless_others_are_named_there(
    desk: Scene, others: bool
) -> None:
    if others:
        await desk.say(PORTAL, BOB)
    await desk.say(PORTAL)
    question = desk.last
    await command(desk, "!repondre 1 Elles sont à l’accueil.")
    [news] = [
        id
        for id, sent in desk.paper.sent.items()
        if isinstance(sent, Reply) and "l’accueil" in sent.text and sent.room == ROOM
    ]
    await desk.bring(Redaction("paper", "$x", ROOM, ANA, question))
    gone = {sent.target for sent in desk.paper.sent.values() if isinstance(sent, Removal)}
    assert (news in gone) is not others


@pytest.mark.parametrize("said", ["!repondre 1", "!repondre clés à l’accueil", "!answer"])
async def test_an_answer_without_number_or_words_shows_how(desk: Scene, said: str) -> None:
    await desk.say(PORTAL)
    [reply] = await command(desk, said)
    assert "Exemple" in reply.text
    assert len(await desk.store.queue.questions()) == 1


async def test_a_question_is_answered_once(desk: Scene) -> None:
    await desk.say(PORTAL)
    answer, _, draft = await command(desk, "!concierge répondre 1\nUn :\n\n- deux\n- trois")
    assert "Un :\n\n- deux\n- trois" in answer.text
    assert draft.choices == ("❌",)
    [reply] = await command(desk, "!repondre 1 Au bureau.")
    assert "n’attend pas de réponse" in reply.text
    assert [reply.room for reply in await react(desk, shown(desk), "✅")] == [MODERATION]  # Ana has the answer


# Who may


async def test_a_moderator_who_was_demoted_can_no_longer_say_yes(desk: Scene, folder: Path) -> None:
    await drafted(desk)
    desk.paper.powers[MODERATION, MODERATOR] = 0
    assert await react(desk, shown(desk), "✅") == []
    assert (folder / "formations.yaml").read_text(encoding="utf-8") == KNOWLEDGE


@pytest.mark.parametrize("room", ["!deux", ROOM])
async def test_the_owner_of_a_room_may_not_change_the_knowledge(desk: Scene, room: str) -> None:
    desk.paper.powers[room, BOB] = 100
    where: dict[str, Any] = {"room": room, "direct": room == "!deux"}
    for said in ("!concierge ajouter Piège\nhttps://mal.example/", "!concierge retirer malle-robotique"):
        [reply] = await desk.say(said, BOB, **where)
        assert "réservée à l’équipe" in reply.text


async def test_an_imposter_with_a_moderators_name_is_nobody(desk: Scene, folder: Path) -> None:
    desk.paper.names = {MODERATOR: "Sacha", BOB: "Sacha"}
    await drafted(desk)
    assert await react(desk, shown(desk), "✅", BOB) == []
    [reply] = await command(desk, "!ajouter Piège\nhttps://mal.example/", BOB)
    assert "réservée à l’équipe" in reply.text
    assert (folder / "formations.yaml").read_text(encoding="utf-8") == KNOWLEDGE
