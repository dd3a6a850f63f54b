"""Ids of what stands in another room: anybody can write any, and nothing comes of it."""

from datetime import timedelta
from pathlib import Path

from bot.messages import Reaction
from tests.moderation import KEYS, LASER, PORTAL, PRIVATE, command, contents, marks, react, shown
from tests.scene import ANA, ASKED, BOB, FORMATION, MODERATION, MODERATOR, OTHER, ROOM, Scene, text_of

ELSEWHERE = "!ailleurs"


async def test_who_asks_why_or_deletes_in_one_room_learns_and_takes_away_nothing_in_another(scene: Scene) -> None:
    await scene.say(ASKED, **PRIVATE)
    answer = scene.last_reply
    for elsewhere in ({"room": "!trois", "direct": True}, {"room": MODERATION, "moderators_room": True}):
        [reply] = await scene.say("!pourquoi", MODERATOR, reply_to=answer, **elsewhere)
        assert [word for word in (FORMATION.id, FORMATION.title) if word in reply.text] == []
    assert FORMATION.id in text_of(await scene.say("!pourquoi", reply_to=answer, **PRIVATE))
    await scene.say(f"concierge : {ASKED}")
    question, answer = scene.last, scene.last_reply
    await scene.bring(Reaction("paper", "$thumb", ROOM, ANA, answer, "👍"))
    await scene.say(PORTAL)
    for target in (question, answer, "$thumb", scene.last, scene.last_reply):
        await scene.delete(target, room=ELSEWHERE)
    assert scene.removed == set()
    assert len(await scene.queued()) == 1
    assert await scene.store.feedback.counts() == {FORMATION.id: (1, 0)}
    [edited] = await scene.edit(f"concierge : {OTHER}", question)
    assert edited.replaces == answer  # it can still be edited: nothing of it was taken away
    await scene.say("Comment accueillir un volontaire en service civique ?", BOB)  # it waits
    await scene.delete(sender=ANA, room=ELSEWHERE)
    assert len(await scene.later(timedelta(seconds=21))) == 1


async def test_an_emoji_in_one_room_means_nothing_for_another(suggested: Scene) -> None:
    before = len(suggested.paper.sent)
    for key in ("👎", "❌", "1️⃣"):
        await suggested.react(key, MODERATOR, room=ELSEWHERE)
        assert (len(suggested.paper.sent), await suggested.queued()) == (before, []), key


async def test_a_word_a_number_or_an_answer_in_one_room_is_none_in_another(desk: Scene, folder: Path) -> None:
    before = contents(folder)
    await command(desk, "!retirer formation-facilitation")
    draft = shown(desk)
    for room in (ELSEWHERE, "!deux"):
        await desk.say("oui", MODERATOR, room=room, direct=room == "!deux", reply_to=draft)
        await react(desk, draft, "✅", room=room)
    assert contents(folder) == before
    await react(desk, draft, "✅")
    assert contents(folder) != before
    await desk.say(PORTAL)
    question = desk.last
    await desk.say(KEYS, MODERATOR, room=ELSEWHERE, reply_to=question)
    await desk.say(KEYS, MODERATOR, room=ELSEWHERE, thread=question)
    assert marks(desk) == []
    assert await react(desk, desk.last, "📝", room=ELSEWHERE) == []


async def test_who_names_a_thread_elsewhere_keeps_nobody_from_the_news_of_an_answer(desk: Scene) -> None:
    await desk.say(LASER, BOB, room=ELSEWHERE)
    await desk.say(PORTAL, thread=desk.last)  # a homeserver refuses what is said in such a thread
    [news, *_] = await command(desk, "!repondre 2 à l’accueil")
    assert (news.room, news.thread) == (ROOM, None)


async def test_nobody_edits_from_another_room_nor_answers_there_what_was_said_here(scene: Scene) -> None:
    await scene.say(f"concierge : {ASKED}")
    assert await scene.edit("concierge : Où trouver une fiche de poste ?", room=ELSEWHERE) == []
    await scene.say(ASKED, BOB, room="!autre")  # it waits
    await scene.edit(OTHER, sender=BOB, room=ELSEWHERE)
    assert "https://formation.example/" in text_of(await scene.later(timedelta(seconds=21)))
    # a reply to the bot speaks to it: not one that only names what it said in another room
    await scene.say(f"concierge : {ASKED}")
    question = scene.last
    assert await scene.say("merci, et toi ?", room=ELSEWHERE, reply_to=scene.last_reply) == []
    [reply] = await scene.say(f"concierge : {ASKED}", room=ELSEWHERE, thread=question)
    assert reply.thread is None


async def test_what_is_old_is_still_known_by_its_room_and_one_that_took_its_place_is_the_same(scene: Scene) -> None:
    await scene.say(f"concierge : {ASKED}")
    answer = scene.last_reply
    scene.time += timedelta(days=40)
    await scene.store.retention.erase_old(scene.time, 90)
    await scene.delete(room=ELSEWHERE)
    assert answer not in scene.removed
    await scene.delete()
    assert answer in scene.removed
    await scene.say(f"concierge : {ASKED}")
    answer = scene.last_reply
    scene.paper.replaced[ROOM] = ELSEWHERE
    await scene.react("👍", room=ELSEWHERE)
    assert (await scene.store.feedback.counts())[FORMATION.id] == (1, 0)
    await scene.delete(answer, BOB, ELSEWHERE)
    assert await scene.edit("concierge : Où trouver une fiche de poste ?") == []  # deleted by somebody: final
