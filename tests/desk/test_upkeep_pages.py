"""Upkeep of the answers on the desk: links that died or moved, reviews, suggestions from use, what readers said."""

import html
from datetime import timedelta
from pathlib import Path

import pytest

from bot.matching.decision import Thresholds
from bot.messages import Redaction
from bot.store import LinkState
from tests.desk.browsing import Browser
from tests.moderation import CLEO, KEYS, KNOWLEDGE, contents, react
from tests.scene import ANA, BOB, ROOM, START, Scene

DATED = '    updated: 2024-01-15\n    review_by: 2025-01-15\n    links:\n      - title: "La formation"'


async def overdue(scene: Scene, folder: Path) -> Path:
    """One of the answers should have been reviewed long ago; its file."""
    file = folder / "formations.yaml"
    file.write_text(KNOWLEDGE.replace('    links:\n      - title: "La formation"', DATED), encoding="utf-8")
    await scene.ctx.bot.reload()
    return file


async def test_dead_and_moved_links_are_shown_and_one_click_dates_an_answer(inside: Browser, folder: Path) -> None:
    file = await overdue(inside.scene, folder)
    assert "depuis le 15\u00a0janvier 2025" in await inside.get("/desk/links")
    whole = file.read_bytes()
    file.unlink()
    assert "n’existe plus" in await inside.send("/links/formation-facilitation/confirm")
    file.write_bytes(whole)
    await inside.get("/desk/links")
    page = await inside.send("/links/formation-facilitation/confirm")
    assert ("datée d’aujourd’hui" in page, "Rien à faire" in page) == (True, True)
    for part in ("updated: 2026-11-24", "review_by: 2027-11-24", "  # la première"):
        assert part in file.read_text("utf-8"), part
    page = await inside.get("/desk/links")
    told = ("Rien à faire", "n’ont pas encore été essayés", "tous les liens répondent")
    assert [words in page for words in told] == [True, True, False]
    url, long_ago = "https://formation.example/", START - timedelta(days=9)
    dead = LinkState(url, "dead", "404", START, dead_since=long_ago, dead_last=START, dead_times=3)
    await inside.scene.store.links.note_check([dead], START, None, START)
    page = await inside.get("/desk/links")
    for part in ("Ne mènent plus nulle part", 'href="../desk/e/formation-facilitation"', "24\u00a0novembre 2026"):
        assert part in page, part
    moved = LinkState(url, "moved", "301", START, moved_to="https://ailleurs.example/")
    await inside.scene.store.links.note_check([moved], START, None, START)
    page = await inside.get("/desk/links")
    assert ("Ont changé d’adresse" in page, "https://ailleurs.example/" in page) == (True, True)


FIRST = "bonjour Zoé, je voudrais la malle pour ma classe de robots, qui la prête ?"


async def choose(inside: Browser, words: str, sender: str) -> str:
    """Somebody asks and chooses the answer about the robots; the id of the question."""
    scene = inside.scene.ruled(limits=Thresholds(confident=1.1, suggest=0.01))
    [offer] = await scene.say(f"concierge : {words}", sender)
    question, rows = scene.last, [line for line in offer.text.splitlines() if "**" in line]
    place = next(at for at, line in enumerate(rows, 1) if "malle robotique" in line)
    await react(scene, scene.last_reply, f"{place}\ufe0f\u20e3", sender, ROOM)
    return question


async def test_words_with_which_members_chose_an_answer_are_kept_or_dropped(inside: Browser, folder: Path) -> None:
    """Nothing is kept of what is gone."""
    await choose(inside, FIRST, ANA)
    await choose(inside, "qui a des robots pour une fête ?", BOB)
    gone = await choose(inside, "quelqu’un prête-t-il une malle de robots pour mon atelier ?", CLEO)
    page = html.unescape(await inside.get("/desk/phrasings"))
    assert ("la malle pour ma classe de robots" in page, "Zoé" in page) == (True, False)
    first, second, third = [one.id for one in await inside.scene.store.candidates.phrasings()]
    assert "est écartée" in await inside.send(f"/phrasings/{first}", decision="drop")
    assert "est gardée" in await inside.send(f"/phrasings/{second}", decision="keep")
    await inside.scene.bring(Redaction("paper", "$gone", ROOM, CLEO, gone))
    inside.scene.paper.gone.add(gone)
    assert "n’attend plus" in await inside.send(f"/phrasings/{third}", decision="keep")
    assert "Aucune nouvelle façon" in await inside.get("/desk/phrasings")
    assert [word in contents(folder)["materiel.yaml"] for word in ("classe", "fête", "atelier")] == [False, True, False]


async def thanked(inside: Browser, question: str) -> str:
    """Bob, whom an entry names, replies, and Ana thanks; the id of the question."""
    scene = inside.scene
    await scene.say(question, ANA)
    asked = scene.last
    await scene.say(KEYS, BOB, reply_to=asked)
    await scene.say("Merci beaucoup !", ANA, reply_to=scene.last)
    return asked


@pytest.mark.usefixtures("named")
async def test_a_thanked_reply_becomes_a_draft_or_is_dropped(inside: Browser, folder: Path) -> None:
    await thanked(inside, "qui a les clés du portail bleu, côté jardin ?")
    await thanked(inside, "où est rangée la brouette de l’atelier vert ?")
    gone = await thanked(inside, "où sont les rallonges de la salle jaune ?")
    page = html.unescape(await inside.get("/desk/phrasings"))
    told = ("Des réponses à garder", "Elles sont à l’accueil.", "Aucune nouvelle façon")
    assert [words in page for words in told] == [True, True, False]
    first, second, third = [one.id for one in await inside.scene.store.candidates.replies()]
    inside.scene.paper.gone.add(gone)
    assert "l’un des deux messages a disparu" in await inside.send(f"/phrasings/{third}", decision="keep")
    await inside.get("/desk/phrasings")
    assert "est écartée" in await inside.send(f"/phrasings/{second}", decision="drop")
    assert "portail bleu" in await inside.send_from("/desk/phrasings", f"/phrasings/{first}", decision="keep")
    assert inside.page.url.path == "/desk/drafts"
    [draft] = await inside.scene.store.queue.open_drafts(inside.scene.now())
    assert f"https://paper.example/{ROOM}" in draft.content
    assert "est gardé" in await inside.send(f"/drafts/{draft.number}", decision="keep", theme="Formations")
    assert "accueil.example/plan" in "".join(contents(folder).values())
    assert "Aucune nouvelle façon" in await inside.get("/desk/phrasings")


WORDS = "Le <lien> ne marche plus."


async def test_readers_words_of_90_days_are_read_and_put_away(inside: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    store, now = inside.scene.store, inside.scene.now()
    monkeypatch.setattr("bot.store.feedback.MOST_NOTES", 3)  # no more than people can read
    [entry, *_] = inside.scene.ctx.all_knowledge.entries.values()
    assert "Aucun mot n’attend" in await inside.get("/desk/readers")
    for value, words in ((1, ""), (1, ""), (-1, ""), (0, WORDS), (0, WORDS)):
        assert await store.reader_notes.add(entry.id, value, words, now)
    assert await store.reader_notes.add("retiree", 0, "Une autre.", now)
    page = await inside.get("/desk/readers")
    for part in (html.escape(WORDS), "2 fois", "Une réponse retirée (retiree)", "<td>1</td><td>2</td>"):
        assert part in page, part
    assert html.escape(entry.title, quote=False) in html.unescape(page)
    [first, _] = [note.id for note in await store.reader_notes.all() if note.words]
    assert "est effacé" in await inside.send(f"/readers/{first}")
    assert "Une autre" not in inside.page.text
    assert [await store.reader_notes.add("une", 0, f"mot {number}", now) for number in range(3)] == [True, True, False]
    assert await store.reader_notes.add("une", 0, "mot 1", now)  # said before
    for days, left in ((89, 5), (91, 0)):
        await store.retention.erase_old(now + timedelta(days=days), 90)
        assert len(await store.reader_notes.all()) == left
