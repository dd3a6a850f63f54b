"""Open questions on the desk: what stands there, and what moderators do with them."""

import asyncio
import html
from datetime import timedelta
from pathlib import Path

from bot.conversation.moderation import actions
from bot.messages import Message, Redaction, Removal
from bot.store import Outcome, Question
from tests.desk.browsing import Browser, another_moderator
from tests.moderation import KEYS, LASER, PORTAL, PRIVATE, contents, react
from tests.scene import ANA, ASKED, BOB, MODERATION, ROOM

OTHER_ROOM = "!atelier"
ANSWER = "/questions/2/answer"


async def test_the_most_asked_comes_first_with_where_since_when_by_how_many_and_a_dislike(inside: Browser) -> None:
    scene = inside.scene
    await scene.say(LASER)
    await scene.later(timedelta(days=1))
    await scene.say(PORTAL, ANA)
    await scene.say(PORTAL, BOB, room=OTHER_ROOM)
    await scene.say(f"concierge : {ASKED}")
    answer = scene.last_reply
    await inside.enter()
    page = html.unescape(await inside.get("/desk"))
    assert "👎" not in page
    assert page.index("portail bleu") < page.index("tournevis")
    assert "2\u00a0personnes" in page
    assert "depuis le 25\u00a0novembre 2026" in page
    assert f">{ROOM}</a>" in page
    assert "un autre endroit" in page
    await react(scene, answer, "👎", BOB, ROOM)
    *_, disliked = await scene.store.queue.questions()
    for path in ("/desk", f"/desk/questions/{disliked.number}/phrase"):
        page = html.unescape(await inside.get(path))
        assert "👎 de 1\u00a0personne. Réponse donnée\u00a0:" in page
        assert 'e/formation-facilitation">Se former à la facilitation de tiers-lieu</a>' in page


async def test_a_room_that_the_settings_name_by_its_id_is_shown_by_its_name(inside: Browser) -> None:
    inside.scene.paper.names[ROOM] = "Le salon des fabmanagers"
    await inside.scene.say(PORTAL)
    assert ">Le salon des fabmanagers</a>" in await inside.get("/desk")


async def test_private_words_never_stand_there_and_are_answered_unseen(inside: Browser) -> None:
    scene = inside.scene
    [offer] = await scene.say(PORTAL, ANA, **PRIVATE)
    await react(scene, scene.last_reply, "✅", ANA, "!deux")
    assert "transmets" in offer.text
    page = await inside.get("/desk")
    assert ("portail" in page, "Posée 1 fois en privé" in page) == (False, True)
    await scene.say(PORTAL.replace("bleu", "bleu ?? svp"), BOB)
    for path in ("/desk", "/desk/questions/2/phrase"):
        page = await inside.get(path)
        said = ("Posée 1 fois en privé", "bleu ?? svp", "qui a les clés du portail bleu ?</blockquote>")
        assert [words in page for words in said] == [True, True, False]
    await inside.get("/desk")
    assert "Votre réponse à la question n°\u00a02 est partie." in await inside.send(ANSWER, text=KEYS)
    await scene.work()
    assert "accueil" in inside.told("!deux")[-1]


async def test_an_answer_goes_once_where_it_was_asked_and_is_drafted(inside: Browser, folder: Path) -> None:
    await inside.scene.say(PORTAL)
    await inside.get("/desk")
    form, address = inside.hidden(ANSWER) | {"text": KEYS}, inside.address(ANSWER)
    for page in await asyncio.gather(*(inside.http.post(address, data=form) for _ in range(3))):  # several clicks
        assert ("Un brouillon attend" in page.text, "Aucune question n’attend" in page.text) == (True, True)
    await inside.scene.work()
    [told] = [text for text in inside.told(ROOM) if "accueil" in text]
    assert "https://accueil.example/plan" in told
    [report] = [text for text in inside.told(MODERATION) if "a répondu" in text]
    assert report == "@mod:example.org a répondu à la question n°\u00a02 sur le bureau."
    assert len(await inside.scene.store.queue.open_drafts(inside.scene.now())) == 1
    assert "qui a les clés du portail bleu" in html.unescape(await inside.get("/desk/drafts"))
    assert "accueil" not in str(contents(folder))


async def test_of_two_answers_one_is_sent_and_the_other_is_kept_for_its_author(inside: Browser) -> None:
    """Two at the same moment both found the question open; a third comes from a page that was opened before."""
    scene = inside.scene
    await scene.say(PORTAL)
    await inside.get("/desk")
    [queued] = await scene.store.queue.questions()
    answers = [await actions.answer(scene.ctx, queued, text) for text in ("au bar", "à l’accueil")]
    applied = [await scene.store.apply("paper", f"answer {n}", one, scene.time) for n, one in enumerate(answers)]
    page = await inside.send(ANSWER, text=KEYS)
    await scene.work()
    assert applied == [True, False]
    assert (inside.page.status_code, "quelqu’un y a répondu" in page) == (409, True)
    assert KEYS in html.unescape(page)
    assert [text for text in inside.told(ROOM) if "accueil" in text] == []
    assert len([text for text in inside.told(ROOM) if "au bar" in text]) == 1


async def test_one_that_was_deleted_meanwhile_is_not_answered_nor_one_without_words(inside: Browser) -> None:
    scene = inside.scene
    await scene.say(PORTAL)
    await inside.get("/desk")
    assert "rien n’est parti" in await inside.send(ANSWER, text=" \n ")
    assert inside.page.status_code == 400
    assert "portail bleu" in await inside.get("/desk")
    await scene.bring(Redaction("paper", "$gone", ROOM, ANA, scene.last))
    assert "n’est plus ouverte" in await inside.send(ANSWER, text=KEYS)
    assert "portail" not in await inside.get("/desk")


async def test_a_question_becomes_a_phrasing_of_an_answer_and_who_asked_is_told(inside: Browser, folder: Path) -> None:
    """Once the files take it."""
    scene, before = inside.scene, contents(folder)
    await scene.say("concierge : Bonjour, où dort la lune quand il pleut ?")
    for fields, said in (
        ({"entry": "nowhere", "phrase": "x y"}, "rien n’est parti"),
        ({"entry": "malle-robotique", "phrase": " "}, "rien n’est parti"),
        ({"entry": "malle-robotique", "phrase": "Comment emprunter la malle robotique ?"}, "n’a pas pu être écrit"),
    ):
        assert said in await inside.send_from("/desk/questions/2/phrase?words=malle", "/phrase", **fields)
    assert "Comment emprunter la malle robotique ?</textarea>" in inside.page.text
    assert contents(folder) == before
    assert [queued.number for queued in await scene.store.queue.questions()] == [2]
    page = html.unescape(await inside.get("/desk/questions/2/phrase?words=malle+robotique"))
    assert "Emprunter la malle robotique</option>" in page
    assert 'value="où dort la lune quand il pleut ?"' in page.replace("Où", "où")
    phrase = "où dort la lune quand il pleut ?"
    page = await inside.send("/phrase", entry="malle-robotique", phrase=phrase)
    await scene.work()
    assert "la réponse part là où" in page
    assert phrase in contents(folder)["materiel.yaml"]
    assert "planning" in inside.told(ROOM)[-1]
    assert "malle robotique" in inside.told(MODERATION)[-1]
    assert await scene.store.queue.questions() == []
    assert await scene.store.queue.open_drafts(scene.now()) == []


async def test_html_in_a_question_and_in_its_draft_is_text_and_many_come_by_pages(inside: Browser) -> None:
    await inside.scene.say('concierge : à qui est ce tournevis <script>alert(1)</script> "><img src=x onerror=x> ?')
    for path in ("/questions/2/phrase?words=%22%3E%3Cscript%3E", "?notice=%3Cscript%3E&page=x", "/drafts"):
        page = await inside.get(f"/desk{path}")
        assert (inside.page.status_code, "<script>" in page, "<img" in page) == (200, False, False)
        if "page=x" in path:
            assert "&lt;script&gt;alert(1)" in page
            await inside.send("/answer", text="<img src=x onerror=alert(1)> au fond de <b>l’atelier</b>, à gauche")
    assert "<section" in page
    await inside.scene.work()
    assert "onerror" in inside.told(ROOM)[-1]
    scene, queue = inside.scene, inside.scene.store.queue
    for number in range(27):
        text = f"question rare {number} {'abcdefghijklmnopqrstuvwxyzé'[number] * 6}"
        event = scene.paper.event(Message("paper", f"$q{number}", ROOM, ANA, text, scene.time), scene.time)
        asked = Question(text, "paper", ROOM, event.id, ANA, scene.time, number=await queue.reserve_number())
        await scene.store.apply("paper", f"q{number}", Outcome("asked").also(asked), scene.time)
    assert len(await queue.questions()) == 27
    first, second = await inside.get("/desk"), await inside.get("/desk?page=2")
    assert (first.count("<section"), second.count("<section")) == (25, 2)
    assert "Page 2 sur 2" in second


async def test_a_question_is_taken_given_back_and_set_aside_before_the_eyes_of_the_others(inside: Browser) -> None:
    await inside.scene.say(PORTAL)
    await inside.get("/desk")
    form, address = inside.hidden("/take"), inside.address("/take")
    for _ in range(2):  # a double click
        page = (await inside.http.post(address, data=form)).text
        assert "vous vous occupez de la question n°\u00a02" in page
    assert "Vous vous en occupez depuis le 24\u00a0novembre 2026" in page
    await inside.scene.work()
    assert "👀 @mod:example.org s’en occupe depuis le 24\u00a0novembre" in inside.told(MODERATION)[-1]
    async with another_moderator(inside) as other:
        assert "@mod:example.org s’en occupe depuis le 24\u00a0novembre 2026" in await other.get("/desk")
        await other.send("/questions/2/take")  # in their place
        await other.get("/desk")
        assert "est de nouveau libre" in await other.send("/questions/2/take")
    await inside.get("/desk")
    page = await inside.send("/questions/2/dismiss")
    await inside.scene.work()
    sent = inside.scene.paper.sent
    assert ("La question n°\u00a02 est écartée." in page, "portail" in page) == (True, False)
    removed = [out.target for out in sent.values() if isinstance(out, Removal) and out.room == MODERATION]
    assert [id for id in removed if "portail bleu" in getattr(sent[id], "text", "")]
