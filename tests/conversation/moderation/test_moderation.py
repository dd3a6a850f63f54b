"""What moderators see and do, and what comes of it for those who asked: dialogues over the whole path."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.conversation.policy import NOTES
from bot.matching.decision import Thresholds
from bot.messages import Capabilities
from tests.moderation import CLEO, LASER, PORTAL, PRIVATE, command, contents, drafted, react, shown, told_to
from tests.scene import ANA, BOB, IN_WORDS, MODERATION, MODERATOR, OFFERING, ROOM, Scene, text_of

# The queue


async def test_the_most_asked_question_comes_first_with_where_it_was_asked_and_ten_a_page(scene: Scene) -> None:
    await scene.say(LASER)
    for _ in range(2):  # who asks twice is one person
        await scene.say(PORTAL)
    first = scene.last
    await scene.say("Concierge : bonjour, qui a la clé du portail bleu svp ?", BOB, room="!autre")
    rows = [line for line in text_of(await command(scene, "!questions")).splitlines() if line.startswith("- ")]
    assert len(rows) == 2
    assert "**n°\u00a02** «\u00a0qui a les clés du portail bleu ?\u00a0»" in rows[0]
    assert "2\u00a0personnes, depuis le 24\u00a0novembre" in rows[0]
    assert f"(https://paper.example/{ROOM}/{first})" in rows[0]
    assert "(https://paper.example/!autre/" in rows[0]
    assert "**n°\u00a01**" in rows[1]
    for number in range(10):
        await scene.say(f"concierge : où est le tournevis cruciforme{'abcdefghijkl'[number] * 4} ?", f"@p{number}:x")
    [first] = await command(scene, "!questions")
    assert first.text.count("\n- ") == 10
    assert "page 1 sur 2" in first.text
    assert text_of(await command(scene, "!QUESTIONS 2")).count("\n- ") == 2
    [none] = await command(scene, "!questions 3")
    [far] = await command(scene, f"!questions {'9' * 5000}")
    assert "Dernière page\u00a0: 2" in none.text
    assert far.text == none.text


async def test_a_new_question_is_noted_once_and_a_flood_of_them_ends_in_one_line_an_hour(scene: Scene) -> None:
    await scene.say(PORTAL)
    await scene.say(PORTAL, BOB)
    [note] = scene.notes
    assert "Nouvelle question\u00a0: **n°\u00a01** «\u00a0qui a les clés du portail bleu ?\u00a0»" in note.text
    assert "votre réponse part là où" in note.text
    assert (note.quiet, note.mentions) == (True, ())
    words = "tournevis marteau scie rabot ponceuse perceuse visseuse agrafeuse pince".split()
    for number, word in enumerate(words):
        await scene.say(f"concierge : où est rangé le {word} rouge ?", f"@p{number}:x")
    assert len(scene.notes) == NOTES + 1
    assert "trop pour les dire ici une par une" in scene.notes[-1].text
    scene.time += timedelta(minutes=61)
    await scene.say(LASER)
    assert "cruciforme" in scene.notes[-1].text


async def test_the_queue_is_for_moderators_and_not_read_out_among_members(scene: Scene) -> None:
    [reply] = await command(scene, PORTAL)  # what they ask among themselves is not queued
    assert reply.text == "Je n’ai pas de réponse à cette question."
    assert "réservée à l’équipe" in text_of(await command(scene, "!questions", BOB))
    assert "salon de modération" in text_of(await scene.say("!concierge questions", MODERATOR))
    assert "Aucune question" in text_of(await scene.say("!questions", MODERATOR, **PRIVATE))


# Private places


async def test_what_is_asked_in_private_enters_the_queue_only_when_its_asker_agrees(scene: Scene) -> None:
    [reply] = await scene.say("qui a les clés du portail bleu ?", **PRIVATE)
    assert "Je la transmets à l’équipe de modération\u00a0?" in reply.text
    assert "lira votre question telle quelle, sans votre nom" in reply.text
    assert reply.choices == ("✅",)
    assert (await scene.queued(), scene.notes) == ([], [])
    offer = scene.last_reply
    assert await scene.react("✅", BOB, offer, "!deux") == []
    edit, note = await scene.react("✅", ANA, offer, "!deux")
    assert edit.replaces == offer
    assert "je la transmets" in edit.text
    assert "portail bleu" in note.text
    assert note.text.splitlines()[0].endswith("· en privé")
    assert "!deux" not in note.text
    assert await scene.react("✅", ANA, offer, "!deux") == []
    assert len(await scene.queued()) == 1
    scene.paper.capabilities = Capabilities(reacts=False)
    scene.ruled(replies=IN_WORDS)
    words = {"vélo": "OK.", "camion": "✅", "parapluie": "Oui, merci de la transmettre"}
    for number, (thing, word) in enumerate(words.items(), 2):
        room = scene.in_private()
        [reply] = await scene.say(f"qui a les clés du {thing} bleu ?", **room)
        assert "Répondez «\u00a0oui, merci de la transmettre\u00a0»" in reply.text
        assert reply.choices == ()
        await scene.say(word, reply_to=scene.last_reply, **room)
        assert len(await scene.queued()) == number, word


async def test_encrypted_words_are_handed_over_to_an_encrypted_moderators_room_alone(scene: Scene) -> None:
    scene.paper.encrypted.add("!deux")
    [reply] = await scene.say("qui a les clés du portail bleu ?", **PRIVATE)
    assert "chiffré et le salon de modération ne l’est pas" in reply.text
    assert "posez-la dans l’un des salons où je suis" in reply.text
    assert reply.choices == ()
    assert await scene.react("✅", room="!deux") == []
    assert scene.notes == []
    scene.paper.encrypted.add(MODERATION)
    await scene.say("qui a les clés du portail bleu ?", **PRIVATE)
    await scene.react("✅", room="!deux")
    [listed] = await command(scene, "!questions", private=True)
    assert ("portail bleu" in listed.text, "!deux" in listed.text) == (True, False)
    scene.paper.encrypted.remove(MODERATION)
    assert "portail" not in text_of(await command(scene, "!questions"))


# Answers


async def test_an_answer_goes_where_it_was_asked_once_a_room_and_names_all_who_asked(desk: Scene) -> None:
    desk.paper.names = {ANA: "Ana", BOB: "Bob <b>", CLEO: "Cléo"}
    await desk.say(PORTAL)
    await desk.say(PORTAL, BOB, thread="$fil")
    latest = desk.last
    await desk.say(PORTAL, CLEO, room="!autre")
    elsewhere = desk.last
    said = "Elles sont :\n\n- à l’accueil\n- au bar, voir https://accueil.example/cles"
    replies = await command(desk, f"!répondre 1 {said}")
    here, there, done, draft = sorted(replies, key=lambda reply: (reply.room == MODERATION, reply.room != ROOM))
    assert draft.choices
    assert (here.room, here.to, here.thread, here.mentions) == (ROOM, latest, "$fil", ())
    assert here.text.startswith(r"Ana et Bob \<b\>, voici la réponse")
    assert said in here.text
    assert (there.room, there.to, there.text.partition(",")[0]) == ("!autre", elsewhere, "Cléo")
    assert "n°\u00a01" in done.text
    assert await desk.queued() == []
    assert "n’attend pas de réponse" in text_of(await command(desk, "!repondre 1 Au bureau."))
    assert [reply.room for reply in await react(desk, shown(desk), "✅")] == [MODERATION]  # they have the answer


async def test_who_waits_learns_how_long_people_waited_lately_once_enough_are_known(desk: Scene) -> None:
    for number, thing in enumerate(("escabeau", "parapluie", "samovar", "trombone", "harmonium"), 1):
        [unknown, *_] = await desk.say(f"concierge : où est rangé notre {thing} rouge ?")
        assert "L’équipe répond" not in unknown.text
        desk.time += timedelta(hours=number * 9)
        [queued] = await desk.store.queue.questions()
        await command(desk, f"!repondre {queued.number} Demandez à l’accueil.")
    [unknown, *_] = await desk.say(PORTAL)
    assert "je la transmets à l’équipe de modération. L’équipe répond en général en une journée." in unknown.text
    assert "L’équipe répond en général en une journée." in text_of(await desk.say(LASER, **PRIVATE))
    desk.time += timedelta(days=31)
    [unknown, *_] = await desk.say("concierge : qui sait réparer la machine à coudre ?")
    assert "L’équipe répond" not in unknown.text


@pytest.mark.parametrize("days", [29, 31])
async def test_nobody_is_told_about_a_deleted_question_or_one_older_than_thirty_days(desk: Scene, days: int) -> None:
    await desk.say(PORTAL)
    await desk.say(PORTAL, BOB)
    desk.paper.written.pop()  # the network has it no more
    desk.time += timedelta(days=days)
    replies = await command(desk, "!repondre 1 Elles sont à l’accueil.")
    assert [told_to(reply) for reply in replies if reply.room == ROOM] == ([(ANA,)] if days < 30 else [])
    assert await desk.queued() == []


@pytest.mark.parametrize("others", [False, True])
async def test_a_deleted_question_takes_its_news_along_unless_others_are_named_there(desk: Scene, others: bool) -> None:
    if others:
        await desk.say(PORTAL, BOB)
    await desk.say(PORTAL)
    question = desk.last
    await command(desk, "!repondre 1 Elles sont à l’accueil.")
    await desk.delete(question)
    assert (desk.post("l’accueil", ROOM) in desk.removed) is not others


# Who may


async def test_nobody_demoted_no_imposter_and_no_rooms_owner_changes_the_knowledge(desk: Scene, folder: Path) -> None:
    desk.paper.names = {MODERATOR: "Sacha", BOB: "Sacha"}
    before = contents(folder)
    await drafted(desk)
    assert await react(desk, shown(desk), "✅", BOB) == []
    assert "réservée à l’équipe" in text_of(await command(desk, "!ajouter Piège\nhttps://mal.example/", BOB))
    desk.paper.powers[MODERATION, MODERATOR] = 0
    assert await react(desk, shown(desk), "✅") == []
    for room, direct in (("!deux", True), (ROOM, False)):
        desk.paper.powers[room, BOB] = 100  # the owner of a room
        for said in ("!concierge ajouter Piège\nhttps://mal.example/", "!concierge retirer malle-robotique"):
            assert "réservée à l’équipe" in text_of(await desk.say(said, BOB, room=room, direct=direct))
    assert contents(folder) == before


# What the answers lack: `!lacunes`

ROBOTS = "concierge : je voudrais la malle pour ma classe de robots, qui la prête ?"


async def test_what_was_asked_in_private_is_not_shown(desk: Scene) -> None:
    desk.ruled(limits=OFFERING)
    for more in (PRIVATE, {"private": True}):
        await desk.say(ROBOTS, **more)
    await desk.say("qui a les clés du portail bleu ?", **PRIVATE)
    await desk.react("✅", room="!deux")
    desk.time += timedelta(days=2)
    assert "Rien ne manque" in (await command(desk, "!lacunes"))[0].text


@pytest.mark.parametrize("said", [PORTAL, ROBOTS])
async def test_a_deleted_question_takes_the_list_along(desk: Scene, said: str) -> None:
    desk.ruled(limits=Thresholds(confident=1.1, suggest=0.3))
    await desk.say(said)
    question = desk.last
    desk.time += timedelta(days=2)
    await command(desk, "!lacunes")
    await desk.delete(question)
    assert desk.post("Ce qui manque") in desk.removed
