"""Words with which members chose an answer become phrasings, if moderators want them to."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.digest.schedule import Schedule
from bot.matching.decision import Thresholds
from bot.messages import Edit as EditOf
from bot.messages import Message, Redaction, Removal, Reply
from bot.workers.phrasing_job import PhrasingJob
from tests.moderation import command, contents, react
from tests.scene import ANA, BOB, MODERATION, ROOM, Scene

WORDS = "bonjour Zoé, je voudrais la malle pour ma classe de robots, qui la prête ?"
PHRASE = "la malle pour ma classe de robots, qui la prête ?"


async def choose(desk: Scene, words: str = WORDS, sender: str = ANA, **more: Any) -> str:
    """Somebody asks and chooses the answer about the robots; the id of the question."""
    desk.ruled(limits=Thresholds(confident=1.1, suggest=0.01))
    [offer] = await desk.say(f"concierge : {words}", sender, **more)
    question, offered = desk.last, [line for line in offer.text.splitlines() if "**" in line]
    place = next(at for at, line in enumerate(offered, 1) if "malle robotique" in line)
    await react(desk, desk.last_reply, f"{place}\ufe0f\u20e3", sender, more.get("room", ROOM))
    return question


async def listed(desk: Scene) -> Reply:
    [reply] = await command(desk, "!formulations")
    return reply


def the_list(desk: Scene) -> str:
    lists = [id for id, out in desk.paper.sent.items() if "De nouvelles façons" in getattr(out, "text", "")]
    return lists[-1]


async def test_what_was_chosen_is_listed_and_kept_under_its_entry(desk: Scene, folder: Path) -> None:
    await choose(desk)
    await choose(desk, "qui a des robots pour une fête ?", BOB)
    reply = await listed(desk)
    assert (reply.room, reply.quiet) == (MODERATION, True)
    assert f"**1** «\u00a0{PHRASE}\u00a0» → «\u00a0Emprunter la malle robotique\u00a0»" in reply.text
    assert "**2** «\u00a0qui a des robots pour une fête ?\u00a0»" in reply.text
    assert "Zoé" not in reply.text
    [done] = await command(desk, "1", reply_to=the_list(desk))
    assert done.text == "Façons de demander gardées\u00a0: 1. Écartées\u00a0: 1."
    assert PHRASE in contents(folder)["materiel.yaml"]
    assert "fête" not in contents(folder)["materiel.yaml"]
    assert "Aucune nouvelle façon" in (await listed(desk)).text


@pytest.mark.parametrize(("said", "kept"), [("toutes", 2), ("Aucune.", 0), ("1 et 2", 2)])
async def test_the_next_message_decides_as_well(desk: Scene, folder: Path, said: str, kept: int) -> None:
    await choose(desk)
    await choose(desk, "qui a des robots pour une fête ?", BOB)
    await listed(desk)
    desk.time += timedelta(minutes=1)
    [done] = await command(desk, said)
    assert f"gardées\u00a0: {kept}." in done.text
    assert ("fête" in contents(folder)["materiel.yaml"]) is bool(kept)


async def test_a_number_that_the_list_has_not_a_members_word_and_talk_change_nothing(desk: Scene, folder: Path) -> None:
    await choose(desk)
    before = contents(folder)
    await listed(desk)
    [reply] = await command(desk, "1 7", reply_to=the_list(desk))
    assert "de 1 à 1" in reply.text
    assert await command(desk, "toutes", BOB, reply_to=the_list(desk)) == []
    desk.time += timedelta(minutes=1)
    await command(desk, "on prend quoi pour jeudi, un ou deux gâteaux", BOB)
    assert await command(desk, "1") == []  # somebody else spoke since
    assert contents(folder) == before


@pytest.mark.parametrize("more", [{"private": True}, {"private": True, "direct": True, "room": "!deux"}])
async def test_in_private_places_nothing_is_collected(desk: Scene, more: dict[str, Any]) -> None:
    await choose(desk, **more)
    assert await desk.store.candidates.phrasings() == []


async def test_thanks_for_an_answer_that_was_not_sure_are_collected_and_for_a_sure_one_not(desk: Scene) -> None:
    desk.ruled(limits=Thresholds(confident=0.01))
    await desk.say("concierge : Comment emprunter la malle robotique ?")
    await react(desk, desk.last_reply, "👍", ANA, ROOM)
    assert await desk.store.candidates.phrasings() == []
    await desk.say(f"concierge : {WORDS}", BOB)
    await react(desk, desk.last_reply, "👍", BOB, ROOM)
    [one] = await desk.store.candidates.phrasings()
    assert (one.event, one.entry) == (desk.last, "malle-robotique")


@pytest.mark.parametrize("how", ["deleted", "edited", "forgotten"])
async def test_the_list_goes_with_the_words_that_it_shows(desk: Scene, how: str) -> None:
    question = await choose(desk)
    await listed(desk)
    first = the_list(desk)
    await listed(desk)
    shown = the_list(desk)
    assert Removal(MODERATION, first) in desk.paper.sent.values()  # a new list takes its place
    if how == "deleted":
        desk.paper.gone.add(question)
        await desk.bring(Redaction("paper", "$x", ROOM, ANA, question))
    elif how == "edited":
        await desk.bring(EditOf("$e", Message("paper", question, ROOM, ANA, "concierge : merci à vous", desk.time)))
    else:
        await desk.say("!concierge oublie-moi")
    assert Removal(MODERATION, shown) in desk.paper.sent.values()
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
    [reply] = await desk.work()
    assert PHRASE in reply.text
