"""A reply by somebody whom the knowledge names, and whom its asker thanked, becomes a draft if moderators want it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.messages import Edit as EditOf
from bot.messages import Message, Redaction, Removal, Reply
from tests.moderation import KEYS, command, contents, react, shown
from tests.scene import ANA, BOB, MODERATION, ROOM, Scene

ASKED = "Bonjour Zoé, qui a les clés du portail bleu, côté jardin ?"
EXPERT = "@bob:example.org"
THANKS = "Merci beaucoup, c’est parfait !"


async def answered(scene: Scene, question: str = ASKED, answer: str = KEYS, by: str = EXPERT, **more: Any) -> str:
    """Ana asks, somebody replies; the id of the reply."""
    await scene.say(question, ANA, **more)
    await scene.say(answer, by, reply_to=scene.last, **more)
    return scene.last


async def thanked(scene: Scene, **more: Any) -> str:
    reply = await answered(scene, **more)
    assert await scene.say(THANKS, ANA, reply_to=reply) == []
    return reply


async def listed(scene: Scene) -> Reply:
    [reply] = await command(scene, "!formulations")
    return reply


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


async def test_a_thanked_reply_is_offered_and_becomes_the_draft_of_an_answer(named: Scene, folder: Path) -> None:
    reply = await thanked(named)
    shown_list = await listed(named)
    assert (shown_list.room, shown_list.quiet) == (MODERATION, True)
    assert "Des réponses à garder" in shown_list.text
    assert "De nouvelles façons" not in shown_list.text
    row = next(line for line in plain(shown_list.text).splitlines() if "**1**" in line)
    assert row.startswith("- **1** « qui a les clés du portail bleu, côté jardin ? » → « Elles sont à l’accueil.")
    assert row.endswith(f"[voir](https://paper.example/{ROOM}/{reply})")
    draft, done = await command(named, "1")
    assert "portail bleu" in draft.text
    assert plain(done.text) == "Réponses mises en brouillon : 1. Écartées : 0."
    told = await react(named, shown(named), "✅")
    assert [one.room for one in told] == [MODERATION]  # Ana has the answer already
    assert "accueil.example/plan" in contents(folder)["formations.yaml"] + contents(folder)["materiel.yaml"]
    assert await named.store.queue.questions() == []
    assert "Aucune nouvelle façon" in (await listed(named)).text


@pytest.mark.parametrize("sign", ["👍🏽", "🙏"])
async def test_an_emoji_of_the_asker_is_thanks_and_of_somebody_else_not(named: Scene, sign: str) -> None:
    reply = await answered(named)
    await react(named, reply, sign, BOB, ROOM)
    await react(named, reply, sign, "@cleo:example.org", ROOM)
    assert await named.store.candidates.replies() == []
    assert await react(named, reply, sign, ANA, ROOM) == []
    [one] = await named.store.candidates.replies()
    assert one.event == reply


@pytest.mark.parametrize(
    ("said", "by"),
    [(KEYS, "@cleo:example.org"), ("je ne sais pas, désolé", EXPERT), ("de quel portail, le bleu ?", EXPERT)],
)
async def test_talk_and_replies_of_others_are_not_offered(named: Scene, said: str, by: str) -> None:
    await thanked(named, answer=said, by=by)
    assert await named.store.candidates.replies() == []


async def test_thanks_with_a_question_and_a_reply_to_no_question_are_not_offered(named: Scene) -> None:
    reply = await answered(named)
    await named.say("merci, mais où est l’accueil ?", ANA, reply_to=reply)
    await thanked(named, question="Je suis bien arrivée hier soir.", answer="Contente de le lire, à bientôt ici")
    assert await named.store.candidates.replies() == []


@pytest.mark.parametrize("expert", [EXPERT, "@b.martin:example.org"])  # of the second, the name shown in the room
async def test_thanks_a_week_later_count_and_those_of_another_person_do_not(named: Scene, expert: str) -> None:
    named.paper.names["@b.martin:example.org"] = "BOB"
    reply = await answered(named, by=expert)
    named.time += timedelta(days=7)
    await named.store.retention.erase_old(named.time, 90)
    await react(named, reply, "🙏", "@cleo:example.org", ROOM)
    assert await named.store.candidates.replies() == []
    await named.say(THANKS, ANA, reply_to=reply)
    assert len(await named.store.candidates.replies()) == 1


@pytest.mark.parametrize("more", [{"private": True}, {"private": True, "direct": True, "room": "!deux"}])
async def test_in_private_places_nothing_is_collected(named: Scene, more: dict[str, Any]) -> None:
    reply = await answered(named, **more)
    await named.say(THANKS, ANA, reply_to=reply, **more)
    await react(named, reply, "🙏", ANA, more.get("room", ROOM))
    assert await named.store.candidates.replies() == []


@pytest.mark.parametrize("how", ["question", "reply", "forgotten", "draft"])
async def test_the_list_and_the_draft_go_with_the_words_that_they_show(named: Scene, how: str) -> None:
    reply = await thanked(named)
    question = next(event.id for event, value in named.paper.written if getattr(value, "text", "") == ASKED)
    await listed(named)
    post = [id for id, out in named.paper.sent.items() if isinstance(out, Reply)][-1]
    if how == "draft":
        await command(named, "1")
        post = shown(named)
    if how == "forgotten":
        await named.say("!concierge oublie-moi")
    else:
        gone = reply if how == "reply" else question
        named.paper.gone.add(gone)
        await named.bring(Redaction("paper", "$x", ROOM, ANA, gone))
    assert Removal(MODERATION, post) in named.paper.sent.values()
    assert await named.store.queue.open_drafts(named.now()) == []
    assert "Aucune nouvelle façon" in (await listed(named)).text


async def test_an_edited_reply_is_offered_in_its_new_words(named: Scene) -> None:
    reply = await thanked(named)
    await listed(named)
    new = Message("paper", reply, ROOM, EXPERT, "Elles sont chez Sacha, au premier étage.", named.time)
    await named.bring(EditOf("$e", new))
    assert "chez Sacha" in (await listed(named)).text


async def test_what_moderators_have_or_the_bot_answers_is_not_offered(named: Scene) -> None:
    await thanked(named, question="Où trouver une formation de facilitateur ?")
    await thanked(named, question=f"concierge : {ASKED}")
    number = (await named.store.queue.questions())[0].number
    await command(named, f"!repondre {number} {KEYS}")
    assert "Aucune nouvelle façon" in (await listed(named)).text
    assert await named.store.candidates.replies() == []


async def test_an_open_question_is_closed_by_the_draft_and_its_other_asker_is_told(named: Scene, folder: Path) -> None:
    await named.say(f"concierge : {ASKED}", "@cleo:example.org", room="!cuisine")
    await thanked(named, question=f"concierge : {ASKED}")
    await listed(named)
    await command(named, "1")
    told = await react(named, shown(named), "✅")
    assert {one.room for one in told} == {MODERATION, "!cuisine"}
    assert await named.store.queue.questions() == []


async def test_a_dropped_draft_leaves_no_open_question_and_is_not_offered_again(named: Scene) -> None:
    reply = await thanked(named)
    await listed(named)
    await command(named, "1")
    await react(named, shown(named), "❌")
    assert await named.store.queue.questions() == []
    await react(named, reply, "🙏", ANA, ROOM)
    assert "Aucune nouvelle façon" in (await listed(named)).text


async def test_no_more_than_three_stand_in_a_list_and_two_become_two_drafts(named: Scene) -> None:
    for thing in ("le tournevis", "la brouette", "la perceuse", "le chariot"):
        await thanked(
            named, question=f"où est rangé {thing} de l’atelier vert ?", answer=f"Pour {thing} : étagère du fond"
        )
    text = (await listed(named)).text
    assert "**3**" in text
    assert "**4**" not in text
    *drafts, done = await command(named, "1 3")
    assert plain(done.text) == "Réponses mises en brouillon : 2. Écartées : 1."
    assert len(drafts) == 2
    assert "chariot" in (await listed(named)).text
