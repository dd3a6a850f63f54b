"""Encrypted rooms, a forum beside the room, several networks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.conversation.policy import Rules
from bot.locale import wording
from bot.matching.decision import Thresholds
from bot.messages import (
    AuthenticationFailed,
    Capabilities,
    Event,
    Incoming,
    KeyStoreUnusable,
    Loss,
    Redaction,
    Renewed,
    Reply,
    Topic,
    Unlocked,
)
from bot.replies import ForumReplies, Replies
from tests.moderation import LASER, PRIVATE
from tests.paper import Paper
from tests.scene import ANA, ASKED, MODERATION, MODERATOR, ROOM, Scene, edited

# Encrypted rooms

CANNOT_READ = "Je n’arrive pas à lire un message chiffré"


async def unlock(scene: Scene) -> list[Reply]:
    scene.paper.sealed = False
    return await scene.bring(Unlocked("paper", "key 1", ROOM))


@pytest.mark.parametrize("waited", [timedelta(seconds=3), timedelta(minutes=5), timedelta(hours=5)])
async def test_a_question_whose_key_comes_late_is_answered_once_and_at_once(scene: Scene, waited: timedelta) -> None:
    scene.paper.sealed = True
    assert await scene.say(f"concierge : {ASKED}") == []
    question = scene.last
    await scene.later(waited)
    [reply] = await unlock(scene)
    assert reply.to == question
    assert "https://formation.example/" in reply.text
    assert await scene.later(timedelta(hours=1)) == []


async def test_a_key_that_came_unnoticed_is_tried_all_the_same(scene: Scene) -> None:
    scene.paper.sealed = True
    await scene.say(f"concierge : {ASKED}")
    scene.paper.sealed = False
    assert len(await scene.later(timedelta(seconds=10))) == 1


async def test_after_six_hours_a_key_is_no_longer_waited_for(scene: Scene) -> None:
    scene.paper.sealed = True
    await scene.say(f"concierge : {ASKED}")
    await scene.later(timedelta(hours=6, minutes=1))
    assert await unlock(scene) == []


async def test_that_it_cannot_read_is_said_after_a_minute_and_once_in_a_room(scene: Scene) -> None:
    scene.paper.sealed = True
    for _ in range(3):
        assert await scene.say("!!!") == []
    assert await scene.later(timedelta(seconds=59)) == []
    [reply] = await scene.later(timedelta(seconds=1))
    assert reply.text.startswith(CANNOT_READ)
    assert (reply.to, reply.quiet, reply.mentions) == (None, True, ())
    await scene.say("!!!")
    assert await scene.later(timedelta(minutes=5)) == []


async def test_a_deleted_message_is_not_missed(scene: Scene) -> None:
    scene.paper.sealed = True
    await scene.say("!!!")
    await scene.bring(Redaction("paper", "$r", ROOM, ANA, scene.last))
    assert await scene.later(timedelta(minutes=1)) == []


@pytest.mark.parametrize(
    ("losses", "words"),
    [
        (("device",), ["nouvelle session"]),
        (("device", "identity"), ["nouvelle session", "identité"]),
        (("encryption",), ["CONCIERGE_MATRIX_ACCESS_TOKEN"]),
    ],
)
async def test_moderators_are_told_when_it_had_to_begin_anew(
    scene: Scene, losses: tuple[Loss, ...], words: list[str]
) -> None:
    [note] = await scene.bring(Renewed("paper", "renewed 1", losses))
    assert note.room == MODERATION
    assert all(word in note.text for word in words)


# A forum beside the room


@pytest.fixture
def forum(scene: Scene) -> Scene:
    """The same conversation in a place of posts, without emojis, with a team of moderators."""
    scene.paper.capabilities = Capabilities(reacts=False)
    words = ForumReplies(wording("fr"), "Concierge", "!", ZoneInfo("Europe/Paris"), team="moderation")
    return scene.ruled(replies=words)


async def test_on_a_forum_a_reply_says_what_it_answers_that_it_is_automatic_and_how_to_call_a_person(
    forum: Scene,
) -> None:
    [reply] = await forum.say(f"Bonjour à tous, je débute. @concierge:example.org {ASKED} Merci !", mentions_bot=True)
    first, *_, last = reply.text.split("\n\n")
    assert first.startswith("> ")
    assert ASKED in first
    assert "Bonjour" not in first
    assert "https://formation.example/" in reply.text
    assert "automatique" in last
    assert "`@moderation`" in last


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
    for words in (
        f"{ASKED} Où est rangé le tournevis ?",
        "qui es-tu ?",
        "qui t’a fait ?",
        "t’es nul",
        "confidentialite",
    ):
        said += [reply.text for reply in await scene.say(f"concierge : {words}")]
    scene.ruled(limits=Thresholds(confident=1.1, suggest=0.01))
    said += [reply.text for reply in await scene.say("concierge : formation fiche de poste service civique")]
    said += [reply.text for reply in await scene.say("non", reply_to=scene.last_reply)]
    assert len(said) == 10
    promised = re.compile(r"équipe|modération|je (la )?transmets|vous lira")
    assert [text for text in said if promised.search(text)] == []


@pytest.mark.parametrize("choice", ["1)", "1️⃣"])
async def test_on_a_forum_suggestions_are_chosen_without_emojis(forum: Scene, choice: str) -> None:
    forum.ruled(limits=Thresholds(confident=1.0, overheard=1.0, suggest=0.05))
    [reply] = await forum.say(f"concierge : {ASKED}")
    assert "réagissez" not in reply.text
    assert reply.choices == ()
    [chosen] = await forum.say(choice, reply_to=forum.last_reply)
    assert chosen.text.startswith(f"> {ASKED}")
    assert "Une coopérative forme" in chosen.text


async def test_on_a_forum_an_overheard_answer_does_not_ask_for_emojis(forum: Scene) -> None:
    await forum.say(ASKED)
    [reply] = await forum.later(timedelta(seconds=20))
    assert "👎" not in reply.text
    assert "automatique" in reply.text


@pytest.mark.parametrize("told", ["où trouver une formation de facilitateur", "une imprimante Prusa qui fume"])
async def test_on_a_forum_what_is_taken_out_of_a_question_is_taken_out_of_the_reply(forum: Scene, told: str) -> None:
    reply, *_ = await forum.say(f"concierge : {told}, moi Zoé du 12 rue Haute ?")
    assert "rue Haute" in reply.text
    [anew] = await forum.bring(edited(forum, f"concierge : {told} ?"))
    assert anew.replaces == forum.last_reply
    assert anew.text.startswith(f"> {told} ?\n")
    assert "rue Haute" not in anew.text


async def test_a_question_that_is_edited_until_it_is_clear_gets_the_answer_in_place_of_its_suggestion(
    scene: Scene,
) -> None:
    scene.ruled(limits=Thresholds(confident=1.0, overheard=1.0, suggest=0.05))
    [reply] = await scene.say("concierge : agrément de service civique pour un volontaire ?")
    scene.ruled(limits=Thresholds(confident=0.05, overheard=1.0, suggest=0.05))
    [anew] = await scene.bring(edited(scene, "concierge : comment accueillir un volontaire en service civique ?"))
    assert "Est-ce cette réponse" in reply.text
    assert (anew.replaces, "Est-ce" in anew.text) == (scene.last_reply, False)


@pytest.fixture
def searched(scene: Scene) -> list[list[str]]:
    """The words that the forum was asked for, in turn; it always finds one topic."""
    asked: list[list[str]] = []

    async def search(words: Sequence[str]) -> Sequence[Topic]:
        asked.append(list(words))
        return [Topic("Réparer une [imprimante]", "https://forum.example/t/-/12")]

    scene.ruled(search_forum=search)
    return asked


UNKNOWN = "concierge : bonjour, qui a déjà réparé une imprimante Prusa ?"


async def test_what_it_does_not_know_is_looked_for_on_the_forum_by_rare_words_alone(
    scene: Scene, searched: list[list[str]]
) -> None:
    reply, _ = await scene.say(UNKNOWN)
    assert "Sur le forum" in reply.text
    assert r"[Réparer une \[imprimante\]](https://forum.example/t/-/12)" in reply.text
    [words] = searched
    assert {"imprimante", "prusa"} <= set(words)
    assert len(words) <= 6
    assert not {"bonjour", "comment", "une", "concierge"} & set(words)


@pytest.mark.parametrize(
    ("said", "more"),
    [
        *((UNKNOWN, {"direct": True, "private": True}), (UNKNOWN, {"private": True}), (f"concierge : {ASKED}", {})),
        ("Comment réparer une imprimante Prusa qui fume ?", {}),
    ],
)
async def test_the_forum_is_not_asked_for_what_was_said_in_private_or_is_known_or_overheard(
    scene: Scene, searched: list[list[str]], said: str, more: dict[str, Any]
) -> None:
    await scene.say(said, **more)
    await scene.later(timedelta(seconds=20))
    assert searched == []


async def test_on_a_forum_an_overheard_question_may_be_an_hour_old(forum: Scene) -> None:
    forum.ruled(rules=Rules(overheard_age=timedelta(hours=1)))
    [reply] = await forum.say(ASKED, ago=timedelta(minutes=50))
    assert "https://formation.example/" in reply.text


# Networks


@dataclass
class Shut(Paper):
    """A network that does not let the bot in any more."""

    refusal: AuthenticationFailed = field(default_factory=lambda: AuthenticationFailed("the account was deactivated"))

    async def read(self, event: Event) -> Incoming | None:
        raise self.refusal


async def test_a_network_that_shuts_it_out_does_not_end_it_on_the_others(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    there = replace(scene.ctx, channel=Shut())
    scene.ruled(channel=there.channel, networks={"paper": there, "forum": scene.ctx})
    assert await scene.say(f"concierge : {ASKED}") == []
    assert "the account was deactivated" in caplog.text


@pytest.mark.parametrize(
    ("networks", "refusal"),
    [
        (("paper",), AuthenticationFailed("the account was deactivated")),
        (("paper", "forum"), KeyStoreUnusable("the disk is full")),
    ],
)
async def test_the_only_network_that_shuts_it_out_and_keys_that_cannot_be_kept_end_it(
    scene: Scene, networks: Sequence[str], refusal: AuthenticationFailed
) -> None:
    here = scene.ctx
    scene.ruled(channel=Shut(refusal=refusal), networks=dict.fromkeys(networks, here))
    with pytest.raises(type(refusal)):
        await scene.say(f"concierge : {ASKED}")
