"""New ways of asking on the desk: each kept or dropped."""

from __future__ import annotations

import html
from pathlib import Path

from bot.matching.decision import Thresholds
from bot.messages import Redaction
from tests.desk.browsing import Browser
from tests.moderation import KEYS, KNOWLEDGE, command, contents, react
from tests.scene import ANA, BOB, ROOM

FIRST = "bonjour Zoé, je voudrais la malle pour ma classe de robots, qui la prête ?"
SECOND = "qui a des robots pour une fête ?"


async def choose(inside: Browser, words: str, sender: str) -> str:
    """Somebody asks and chooses the answer about the robots; the id of the question."""
    scene = inside.scene.ruled(limits=Thresholds(confident=1.1, suggest=0.01))
    [offer] = await scene.say(f"concierge : {words}", sender)
    question, rows = scene.last, [line for line in offer.text.splitlines() if "**" in line]
    place = next(at for at, line in enumerate(rows, 1) if "malle robotique" in line)
    await react(scene, scene.last_reply, f"{place}\ufe0f\u20e3", sender, ROOM)
    return question


async def test_words_with_which_members_chose_an_answer_are_kept_or_dropped(inside: Browser, folder: Path) -> None:
    await choose(inside, FIRST, ANA)
    await choose(inside, SECOND, BOB)
    page = html.unescape(await inside.get("/desk/phrasings"))
    assert "la malle pour ma classe de robots" in page
    assert "Zoé" not in page
    first, second = [one.id for one in await inside.scene.store.candidates.phrasings()]
    assert "est gardée" in await inside.send(f"/phrasings/{first}", decision="keep")
    assert "est écartée" in await inside.send(f"/phrasings/{second}", decision="drop")
    assert "Aucune nouvelle façon" in await inside.get("/desk/phrasings")
    assert "ma classe de robots" in contents(folder)["materiel.yaml"]
    assert "fête" not in contents(folder)["materiel.yaml"]


async def test_the_list_in_the_chat_keeps_its_numbers(inside: Browser, folder: Path) -> None:
    await choose(inside, FIRST, ANA)
    await choose(inside, SECOND, BOB)
    await command(inside.scene, "!formulations")
    await inside.get("/desk/phrasings")
    first, _ = [one.id for one in await inside.scene.store.candidates.phrasings()]
    await inside.send(f"/phrasings/{first}", decision="drop")
    [decided] = await command(inside.scene, "2")
    assert decided.text == "Façons de demander gardées\u00a0: 1. Écartées\u00a0: 0."
    assert "fête" in contents(folder)["materiel.yaml"]
    assert "classe" not in contents(folder)["materiel.yaml"]


async def test_what_is_decided_or_gone_is_not_kept(inside: Browser, folder: Path) -> None:
    before = contents(folder)
    question = await choose(inside, FIRST, ANA)
    await inside.get("/desk/phrasings")
    [one] = await inside.scene.store.candidates.phrasings()
    form, address = inside.hidden("/phrasings/1"), inside.address("/phrasings/1")
    await inside.scene.bring(Redaction("paper", "$gone", ROOM, ANA, question))
    inside.scene.paper.gone.add(question)
    assert "n’attend plus" in (await inside.http.post(address, data=form | {"decision": "keep"})).text
    assert one.id == 1
    assert "classe" not in await inside.get("/desk/phrasings")
    assert contents(folder) == before


async def thanked(inside: Browser, folder: Path, question: str) -> str:
    """Bob, whom an entry names, replies, and Ana thanks; the id of the question."""
    scene = inside.scene
    text = KNOWLEDGE.replace('    answer: "Une coop', '    contacts: ["bob"]\n    answer: "Une coop')
    (folder / "formations.yaml").write_text(text, encoding="utf-8")
    await scene.ctx.bot.reload()
    await scene.say(question, ANA)
    asked = scene.last
    await scene.say(KEYS, BOB, reply_to=asked)
    await scene.say("Merci beaucoup !", ANA, reply_to=scene.last)
    return asked


async def test_a_thanked_reply_becomes_a_draft_or_is_dropped(inside: Browser, folder: Path) -> None:
    await thanked(inside, folder, "qui a les clés du portail bleu, côté jardin ?")
    await thanked(inside, folder, "où est rangée la brouette de l’atelier vert ?")
    page = html.unescape(await inside.get("/desk/phrasings"))
    assert "Des réponses à garder" in page
    assert "Aucune nouvelle façon" not in page
    assert "Elles sont à l’accueil." in page
    first, second = [one.id for one in await inside.scene.store.candidates.replies()]
    assert "est écartée" in await inside.send(f"/phrasings/{second}", decision="drop")
    assert "portail bleu" in await inside.send_from("/desk/phrasings", f"/phrasings/{first}", decision="keep")
    assert inside.page.url.path == "/desk/drafts"
    [draft] = await inside.scene.store.queue.open_drafts(inside.scene.now())
    assert f"https://paper.example/{ROOM}" in draft.content
    assert "est gardé" in await inside.send(f"/drafts/{draft.number}", decision="keep", theme="Formations")
    assert "accueil.example/plan" in "".join(contents(folder).values())
    assert "Aucune nouvelle façon" in await inside.get("/desk/phrasings")


async def test_a_reply_whose_question_is_gone_becomes_no_draft(inside: Browser, folder: Path) -> None:
    question = await thanked(inside, folder, "qui a les clés du portail bleu, côté jardin ?")
    await inside.get("/desk/phrasings")
    inside.scene.paper.gone.add(question)
    assert "l’un des deux messages a disparu" in await inside.send("/phrasings/1", decision="keep")
    assert await inside.scene.store.queue.open_drafts(inside.scene.now()) == []
