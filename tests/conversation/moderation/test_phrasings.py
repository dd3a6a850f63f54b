"""`!formulations`: words with which members chose an answer, and replies that were thanked, if moderators want them."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.digest.schedule import Schedule
from bot.matching.decision import Thresholds
from bot.messages import Reply
from bot.workers.weekly_jobs import PhrasingJob
from tests.moderation import CLEO, KEYS, PRIVATE, command, contents, react, shown
from tests.scene import ANA, BOB, MODERATION, OFFERING, ROOM, Scene, text_of

WORDS = "bonjour Zoé, je voudrais la malle pour ma classe de robots, qui la prête ?"
PHRASE = "la malle pour ma classe de robots, qui la prête ?"


async def choose(desk: Scene, words: str = WORDS, sender: str = ANA, **more: Any) -> str:
    """Somebody asks and chooses the answer about the robots; the id of the question."""
    desk.ruled(limits=OFFERING)
    [offer] = await desk.say(f"concierge : {words}", sender, **more)
    question, offered = desk.last, [line for line in offer.text.splitlines() if "**" in line]
    place = next(at for at, line in enumerate(offered, 1) if "malle robotique" in line)
    await desk.react(f"{place}\ufe0f\u20e3", sender, room=more.get("room", ROOM))
    return question


async def listed(desk: Scene) -> Reply:
    [reply] = await command(desk, "!formulations")
    return reply


def the_list(desk: Scene) -> str:
    return [id for id, out in desk.paper.sent.items() if "De nouvelles façons" in getattr(out, "text", "")][-1]


async def test_what_was_chosen_is_listed_and_kept_under_its_entry_by_a_moderator(desk: Scene, folder: Path) -> None:
    await choose(desk)
    await choose(desk, "qui a des robots pour une fête ?", BOB)
    before, reply = contents(folder), await listed(desk)
    assert (reply.room, reply.quiet) == (MODERATION, True)
    assert f"**1** «\u00a0{PHRASE}\u00a0» → «\u00a0Emprunter la malle robotique\u00a0»" in reply.text
    assert "**2** «\u00a0qui a des robots pour une fête ?\u00a0»" in reply.text
    assert "Zoé" not in reply.text
    for beyond in ("1 7", "les trois"):
        assert "de 1 à 2" in text_of(await command(desk, beyond, reply_to=the_list(desk)))
    assert await command(desk, "toutes", BOB, reply_to=the_list(desk)) == []
    desk.time += timedelta(minutes=1)
    await command(desk, "on prend quoi pour jeudi, un ou deux gâteaux", BOB)
    assert await command(desk, "1") == []  # somebody else spoke since
    assert contents(folder) == before
    [done] = await command(desk, "1", reply_to=the_list(desk))
    assert done.text == "Façons de demander gardées\u00a0: 1. Écartées\u00a0: 1."
    assert PHRASE in contents(folder)["materiel.yaml"]
    assert "fête" not in contents(folder)["materiel.yaml"]
    assert "Aucune nouvelle façon" in (await listed(desk)).text


async def test_thanks_for_an_unsure_answer_are_collected_but_not_of_a_sure_one_nor_in_private(desk: Scene) -> None:
    for more in ({"private": True}, PRIVATE):
        await choose(desk, **more)
        assert await desk.store.candidates.phrasings() == []
    desk.ruled(limits=Thresholds(confident=0.01))
    await desk.say("concierge : Comment emprunter la malle robotique ?")
    await desk.react("👍")
    assert await desk.store.candidates.phrasings() == []
    await desk.say(f"concierge : {WORDS}", BOB)
    await desk.react("👍", BOB)
    [one] = await desk.store.candidates.phrasings()
    assert (one.event, one.entry) == (desk.last, "malle-robotique")


@pytest.mark.parametrize("how", ["deleted", "edited", "forgotten"])
async def test_the_list_goes_with_the_words_that_it_shows(desk: Scene, how: str) -> None:
    question = await choose(desk)
    await listed(desk)
    first = the_list(desk)
    await listed(desk)
    shown = the_list(desk)
    assert first in desk.removed  # a new list takes its place
    if how == "deleted":
        desk.paper.gone.add(question)
        await desk.delete(question)
    elif how == "edited":
        await desk.edit("concierge : merci à vous", question)
    else:
        await desk.say("!concierge oublie-moi")
    assert shown in desk.removed
    assert "Aucune nouvelle façon" in (await listed(desk)).text


async def test_the_list_comes_once_a_week(desk: Scene) -> None:
    await choose(desk)
    ctx = desk.ctx
    weekly = Schedule(1, (desk.time + timedelta(hours=2)).timetz().replace(tzinfo=None), ctx.settings.timezone)
    job = PhrasingJob(desk.store, {"paper": ctx}, weekly, desk.now, lambda: None)
    begun = desk.time
    await job.look(begun)
    assert await desk.work() == []
    desk.time += timedelta(hours=3)
    for _ in range(2):
        await job.look(begun)
    assert PHRASE in text_of(await desk.work())


# A reply by somebody whom the knowledge names, and whom its asker thanked, becomes a draft

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
    where = {name: more[name] for name in ("room", "private", "direct") if name in more}
    assert await scene.say(THANKS, ANA, reply_to=reply, **where) == []
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
    assert [one.room for one in await react(named, shown(named), "✅")] == [MODERATION]  # Ana has the answer already
    assert "accueil.example/plan" in contents(folder)["formations.yaml"] + contents(folder)["materiel.yaml"]
    assert await named.store.queue.questions() == []
    assert "Aucune nouvelle façon" in (await listed(named)).text


async def test_what_is_no_reply_of_a_named_person_to_an_open_question_is_not_offered(named: Scene) -> None:
    for more in (
        *({"by": CLEO}, {"answer": "je ne sais pas, désolé"}, {"answer": "de quel portail, le bleu ?"}),
        {"question": "Je suis bien arrivée hier soir.", "answer": "Contente de le lire, à bientôt ici"},
        *({"private": True}, PRIVATE),
    ):
        await thanked(named, **more)
        await named.react("🙏", under=named.paper.written[-2][0].id, room=more.get("room", ROOM))
        assert await named.store.candidates.replies() == [], more
    await named.say("merci, mais où est l’accueil ?", ANA, reply_to=await answered(named))
    assert await named.store.candidates.replies() == []


@pytest.mark.parametrize("expert", [EXPERT, "@b.martin:example.org"])  # of the second, the name shown in the room
async def test_thanks_or_an_emoji_a_week_later_count_and_those_of_others_do_not(named: Scene, expert: str) -> None:
    named.paper.names["@b.martin:example.org"] = "BOB"
    reply = await answered(named, by=expert)
    named.time += timedelta(days=7)
    await named.store.retention.erase_old(named.time, 90)
    for sender in (BOB, CLEO):
        await named.react("🙏", sender, reply)
    assert await named.store.candidates.replies() == []
    await (named.say(THANKS, ANA, reply_to=reply) if expert == EXPERT else named.react("👍🏽", ANA, reply))
    assert [one.event for one in await named.store.candidates.replies()] == [reply]


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
        await named.delete(gone)
    assert post in named.removed
    assert await named.store.queue.open_drafts(named.now()) == []
    assert "Aucune nouvelle façon" in (await listed(named)).text


async def test_what_moderators_have_or_the_bot_answers_is_not_offered(named: Scene) -> None:
    await thanked(named, question="Où trouver une formation de facilitateur ?")
    await thanked(named, question=f"concierge : {ASKED}")
    [queued] = await named.store.queue.questions()
    await command(named, f"!repondre {queued.number} {KEYS}")
    assert "Aucune nouvelle façon" in (await listed(named)).text
    assert await named.store.candidates.replies() == []


async def test_an_open_question_is_closed_by_the_draft_and_its_other_asker_is_told(named: Scene) -> None:
    await named.say(f"concierge : {ASKED}", CLEO, room="!cuisine")
    await thanked(named, question=f"concierge : {ASKED}")
    await listed(named)
    await command(named, "1")
    assert {one.room for one in await react(named, shown(named), "✅")} == {MODERATION, "!cuisine"}
    assert await named.store.queue.questions() == []


async def test_an_edited_reply_is_offered_in_new_words_and_not_again_once_its_draft_is_dropped(named: Scene) -> None:
    reply = await thanked(named)
    await listed(named)
    await named.edit("Elles sont chez Sacha, au premier étage.", reply, EXPERT)
    assert "chez Sacha" in (await listed(named)).text
    await command(named, "1")
    await react(named, shown(named), "❌")
    assert await named.store.queue.questions() == []
    await named.react("🙏", under=reply)
    assert "Aucune nouvelle façon" in (await listed(named)).text


async def test_no_more_than_three_stand_in_a_list_and_two_become_two_drafts(named: Scene) -> None:
    for thing in ("le tournevis", "la brouette", "la perceuse", "le chariot"):
        asked = f"où est rangé {thing} de l’atelier vert ?"
        await thanked(named, question=asked, answer=f"Pour {thing} : étagère du fond")
    text = (await listed(named)).text
    assert ("**3**" in text, "**4**" in text) == (True, False)
    *drafts, done = await command(named, "la 1 et la dernière")
    assert plain(done.text) == "Réponses mises en brouillon : 2. Écartées : 1."
    assert len(drafts) == 2
    assert "chariot" in (await listed(named)).text
