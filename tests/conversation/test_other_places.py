"""Encrypted rooms, and a forum beside the room."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.conversation.policy import Rules
from bot.locale import wording
from bot.messages import Capabilities, Loss, Renewed, Reply, Topic, Unlocked
from bot.replies import ForumReplies, Replies
from tests.moderation import LASER, PRIVATE
from tests.scene import ALL_THREE, ASKED, BOB, MODERATION, MODERATOR, OFFERING, ROOM, Scene

# Encrypted rooms

CANNOT_READ = "Je n’arrive pas à lire un message chiffré"


async def unlock(scene: Scene) -> list[Reply]:
    scene.paper.sealed = False
    return await scene.bring(Unlocked("paper", f"key {next(scene.ids)}", ROOM))


async def test_a_question_whose_key_comes_late_is_answered_once_and_at_once(scene: Scene) -> None:
    for waited in (timedelta(seconds=3), timedelta(hours=5)):
        scene.paper.sealed = True
        assert await scene.say(f"concierge : {ASKED}") == []
        await scene.later(waited)
        [reply] = await unlock(scene)
        assert reply.to == scene.last
        assert "https://formation.example/" in reply.text
        assert await scene.later(timedelta(hours=1)) == []
    scene.paper.sealed = True
    await scene.say(f"concierge : {ASKED}")
    scene.paper.sealed = False  # unnoticed
    assert len(await scene.later(timedelta(seconds=10))) == 1
    scene.paper.sealed = True
    await scene.say(f"concierge : {ASKED}")
    await scene.later(timedelta(hours=6, minutes=1))
    assert await unlock(scene) == []


async def test_that_it_cannot_read_is_said_after_a_minute_and_once_in_a_room(scene: Scene) -> None:
    scene.paper.sealed = True
    await scene.say("!!!")
    await scene.delete()
    assert await scene.later(timedelta(minutes=1)) == []  # what is deleted is not missed
    for _ in range(3):
        assert await scene.say("!!!") == []
    assert await scene.later(timedelta(seconds=59)) == []
    [reply] = await scene.later(timedelta(seconds=1))
    assert reply.text.startswith(CANNOT_READ)
    assert (reply.to, reply.quiet, reply.mentions) == (None, True, ())
    await scene.say("!!!")
    assert await scene.later(timedelta(minutes=5)) == []


async def test_moderators_are_told_when_it_had_to_begin_anew(scene: Scene) -> None:
    cases: tuple[tuple[tuple[Loss, ...], str], ...] = (
        *((("device",), "nouvelle session"), (("device", "identity"), "identité")),
        (("encryption",), "CONCIERGE_MATRIX_ACCESS_TOKEN"),
    )
    for number, (losses, words) in enumerate(cases):
        [note] = await scene.bring(Renewed("paper", f"renewed {number}", losses))
        assert (note.room, words in note.text) == (MODERATION, True)


# A forum beside the room


@pytest.fixture
def forum(scene: Scene) -> Scene:
    """The same conversation in a place of posts, without emojis, with a team of moderators."""
    scene.paper.capabilities = Capabilities(reacts=False)
    words = ForumReplies(wording("fr"), "Concierge", "!", ZoneInfo("Europe/Paris"), team="moderation")
    return scene.ruled(replies=words)


async def test_on_forums_a_reply_says_what_it_answers_that_it_is_automatic_and_how_to_call_people(forum: Scene) -> None:
    [reply] = await forum.say(f"Bonjour à tous, je débute. @concierge:example.org {ASKED} Merci !", mentions_bot=True)
    first, *_, last = reply.text.split("\n\n")
    assert (first.startswith("> "), ASKED in first, "Bonjour" in first) == (True, True, False)
    assert "https://formation.example/" in reply.text
    assert ("automatique" in last, "`@moderation`" in last) == (True, True)
    forum.ruled(rules=Rules(overheard_age=timedelta(hours=1)))
    [overheard] = await forum.say("Où trouver une fiche de poste ?", ago=timedelta(minutes=50))
    assert ("automatique" in overheard.text, "👎" in overheard.text) == (True, False)
    forum.ruled(limits=OFFERING)
    topic = forum.in_a_room()
    [offer] = await forum.say(f"concierge : {ASKED}", **topic)
    assert "réagissez" not in offer.text
    assert offer.choices == ()
    [chosen] = await forum.say("1)", reply_to=forum.last_reply, **topic)
    assert chosen.text.startswith(f"> {ASKED}")
    assert "Une coopérative forme" in chosen.text


AROUND: dict[str, Any] = {"contact": "Zoé, au 02 03", "has_team": False}
SPOKEN = (wording("fr"), "Concierge", "!", ZoneInfo("Europe/Paris"))
ALONE = {"room": Replies(*SPOKEN, **AROUND), "words": Replies(*SPOKEN, reacts=False, **AROUND)}
ALONE |= {"forum": ForumReplies(*SPOKEN, **AROUND)}


@pytest.mark.parametrize("place", ALONE)
async def test_where_nobody_is_told_of_questions_nothing_is_promised(scene: Scene, place: str) -> None:
    """No room and no group of moderators. The question is kept all the same: somebody may look."""
    scene.paper.moderators_room = None
    scene.ruled(replies=ALONE[place], moderators=frozenset({MODERATOR}))
    said = [reply.text for words in (LASER, LASER) for reply in await scene.say(words)]
    assert ["Je n’ai pas de réponse" in text and "Zoé, au 02 03" in text for text in said] == [True, True], said
    assert len(await scene.store.queue.questions()) == 1
    said += [reply.text for reply in await scene.say(LASER, **PRIVATE)]
    await scene.say("oui", **PRIVATE)
    assert len(await scene.store.queue.questions()) == 1
    for words in (f"{ASKED} Où est le tournevis ?", "qui es-tu ?", "qui t’a fait ?", "t’es nul", "confidentialite"):
        said += [reply.text for reply in await scene.say(f"concierge : {words}")]
    scene.ruled(limits=OFFERING)
    said += [reply.text for reply in await scene.say(ALL_THREE)]
    said += [reply.text for reply in await scene.say("non", reply_to=scene.last_reply)]
    assert len(said) == 10
    assert [text for text in said if re.search(r"équipe|modération|je (la )?transmets|vous lira", text)] == []


@pytest.mark.parametrize("told", ["où trouver une formation de facilitateur", "une imprimante Prusa qui fume"])
async def test_on_a_forum_what_is_taken_out_of_a_question_is_taken_out_of_the_reply(forum: Scene, told: str) -> None:
    reply, *_ = await forum.say(f"concierge : {told}, moi Zoé du 12 rue Haute ?")
    assert "rue Haute" in reply.text
    [anew] = await forum.edit(f"concierge : {told} ?")
    assert anew.replaces == forum.last_reply
    assert anew.text.startswith(f"> {told} ?\n")
    assert "rue Haute" not in anew.text


UNKNOWN = "concierge : bonjour, qui a déjà réparé une imprimante Prusa ?"


async def test_only_what_it_does_not_know_is_looked_for_on_the_forum_and_by_rare_words_alone(scene: Scene) -> None:
    searched: list[Sequence[str]] = []

    async def search(words: Sequence[str]) -> Sequence[Topic]:
        searched.append(words)
        return [Topic("Réparer une [imprimante]", "https://forum.example/t/-/12")]

    scene.ruled(search_forum=search)
    await scene.say(UNKNOWN, **scene.in_private())
    await scene.say(UNKNOWN, private=True)
    await scene.say(f"concierge : {ASKED}")
    await scene.overhear("Comment réparer une imprimante Prusa qui fume ?")
    assert searched == []
    reply, *_ = await scene.say(UNKNOWN, BOB)
    assert "Sur le forum" in reply.text
    assert r"[Réparer une \[imprimante\]](https://forum.example/t/-/12)" in reply.text
    [words] = searched
    assert {"imprimante", "prusa"} <= set(words)
    assert len(words) <= 6
    assert not {"bonjour", "comment", "une", "concierge"} & set(words)
