"""👍 and 👎 that are taken back: dialogues over the whole path, with a real store."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.messages import Reaction, Redaction, Removal, Reply
from tests.scene import ANA, ASKED, BOB, FORMATION, MODERATION, MODERATOR, OTHER, ROOM, Scene, edited

PORTAL = "qui a les clés du portail bleu ?"


async def sets(scene: Scene, key: str, sender: str = ANA, under: str = "") -> str:
    """The id of the reaction."""
    id = f"$r{next(scene.ids)}"
    await scene.bring(Reaction("paper", id, ROOM, sender, under or scene.last_reply, key))
    return id


async def takes_away(scene: Scene, event: str, sender: str = ANA) -> None:
    await scene.bring(Redaction("paper", f"$d{next(scene.ids)}", ROOM, sender, event))


async def counted(scene: Scene) -> tuple[int, int]:
    return (await scene.store.feedback.counts()).get(FORMATION.id, (0, 0))


async def waiting(scene: Scene) -> list[str]:
    return [queued.askings[0].text for queued in await scene.store.queue.questions()]


def notes(scene: Scene) -> list[Reply]:
    """To the moderators."""
    return [out for out in scene.paper.sent.values() if isinstance(out, Reply) and out.room == MODERATION]


def plain(reply: Reply) -> str:
    return reply.text.replace("\u00a0", " ")


@pytest.fixture
async def answered(scene: Scene) -> Scene:
    await scene.say(f"concierge : {ASKED}")
    return scene


@pytest.mark.parametrize("key", ["👍", "👎", "👎🏽"])
@pytest.mark.parametrize("after", [timedelta(), timedelta(days=3)])
async def test_what_is_taken_back_counts_no_more(answered: Scene, key: str, after: timedelta) -> None:
    sign = await sets(answered, key)
    asked = [id for id, out in answered.paper.sent.items() if isinstance(out, Reply) and out.room == MODERATION]
    assert (sum(await counted(answered)), len(asked)) == (1, int(key != "👍"))
    answered.time += after
    await answered.store.retention.erase_old(answered.now(), 90)
    await takes_away(answered, sign)
    assert await counted(answered) == (0, 0)
    assert await waiting(answered) == []
    assert all(Removal(MODERATION, note) in answered.paper.sent.values() for note in asked)


async def test_the_note_shows_what_was_asked_what_was_answered_and_how_many_dislike_it(answered: Scene) -> None:
    await sets(answered, "👎")
    [first] = notes(answered)
    assert plain(first).startswith(f"👎 Une réponse est tombée à côté : **n° 1** « {ASKED} »")
    assert f"Réponse donnée : « {FORMATION.title} ». 👎 de 1 personne\n" in plain(first)
    assert f"`!modifier {FORMATION.id}`" in first.text
    answer = answered.paper.replies[0]
    target = next(id for id, out in answered.paper.sent.items() if out == answer)
    await answered.say("!prendre 1", MODERATOR, room=MODERATION, moderators_room=True)
    await answered.bring(Reaction("paper", "$two", ROOM, BOB, target, "👎"))
    edit = notes(answered)[-1]
    assert "👎 de 2 personnes" in plain(edit)
    assert "s’en occupe" in plain(edit)
    assert answered.paper.sent[edit.replaces or ""] == first
    [listed] = await answered.say("!questions", MODERATOR, room=MODERATION, moderators_room=True)
    assert f"« {ASKED} »" in plain(listed)
    assert "👎 de 2 personnes" in plain(listed)


async def test_an_answer_to_the_note_about_a_dislike_reaches_who_asked(desk: Scene) -> None:
    await desk.say(f"concierge : {ASKED}")
    await sets(desk, "👎", BOB)
    note = next(id for id, out in desk.paper.sent.items() if getattr(out, "room", "") == MODERATION)
    better = "Voyez plutôt https://mieux.example/"
    sent = await desk.say(better, MODERATOR, room=MODERATION, moderators_room=True, reply_to=note)
    assert any(reply.room == ROOM and "https://mieux.example/" in reply.text for reply in sent)
    assert await waiting(desk) == []


async def test_a_question_without_an_answer_stays_a_new_one_under_a_dislike(scene: Scene) -> None:
    await scene.say(f"concierge : {PORTAL}")
    await sets(scene, "👎")
    [note] = notes(scene)
    assert plain(note).startswith("Nouvelle question : **n° 1**")


async def test_of_two_signs_of_one_person_the_other_one_counts(answered: Scene) -> None:
    first, second = await sets(answered, "👍"), await sets(answered, "👎")
    assert await counted(answered) == (0, 1)
    await takes_away(answered, second)
    assert await counted(answered) == (1, 0)
    await takes_away(answered, first)
    assert await counted(answered) == (0, 0)


async def test_the_thumbs_down_of_others_stand_and_keep_the_question_in_the_queue(answered: Scene) -> None:
    first, second = await sets(answered, "👎"), await sets(answered, "👎", BOB)
    await takes_away(answered, first)
    assert (await counted(answered), await waiting(answered)) == ((0, 1), [ASKED])
    await takes_away(answered, second, BOB)
    assert (await counted(answered), await waiting(answered)) == ((0, 0), [])


async def test_a_sign_that_somebody_else_removes_goes_on_counting(answered: Scene) -> None:
    sign = await sets(answered, "👎", BOB)
    await sets(answered, "👍", MODERATOR)
    await takes_away(answered, sign, MODERATOR)
    assert await counted(answered) == (1, 1)


async def test_who_asked_the_same_goes_on_waiting(scene: Scene) -> None:
    await scene.say(f"concierge : {PORTAL}", BOB)
    await scene.say(f"concierge : {ASKED}")
    sign = await sets(scene, "👎")
    assert await waiting(scene) == [PORTAL, ASKED]
    await takes_away(scene, sign)
    assert await waiting(scene) == [PORTAL]


@pytest.mark.parametrize(
    ("asked", "asked_anew"), [(PORTAL, ""), (f"Où trouver une fiche de poste ? {OTHER}", ""), (ASKED, PORTAL)]
)
async def test_what_has_no_answer_stays_in_the_queue(scene: Scene, asked: str, asked_anew: str) -> None:
    await scene.say(f"concierge : {asked}")
    if asked_anew:
        await scene.bring(edited(scene, f"concierge : {asked_anew}"))
    assert len(await waiting(scene)) == 1
    await takes_away(scene, await sets(scene, "👎"))
    assert len(await waiting(scene)) == 1


async def test_what_is_taken_back_before_it_was_heard_does_not_count(answered: Scene) -> None:
    sign = Reaction("paper", "$r", ROOM, ANA, answered.last_reply, "👎")
    gone = Redaction("paper", "$d", ROOM, ANA, "$r")
    events = [answered.paper.event(value, answered.time) for value in (sign, gone)]
    await answered.store.journal.receive("paper", events, "s2")
    await answered.work()
    assert (await counted(answered), await waiting(answered)) == ((0, 0), [])
