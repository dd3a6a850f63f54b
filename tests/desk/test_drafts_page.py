"""Drafts on the desk: the same decision as under their posts in the chat."""

import html
import re
from pathlib import Path

from tests.desk.browsing import Browser, another_moderator
from tests.desk.entry_forms import compared, fill, filled, send
from tests.desk.entry_forms import shown as read
from tests.moderation import KEYS, PORTAL, command, contents, react, shown
from tests.scene import BOB, MODERATION, MODERATOR, ROOM

CHANGE = "!modifier malle-robotique\nanswer: Elle est au fablab."


async def answered(inside: Browser, question: str = PORTAL, text: str = KEYS) -> None:
    """A question is answered at the desk; its draft is number 3."""
    await inside.scene.say(question)
    await inside.get("/desk")
    await inside.send("/answer", text=text)


async def test_a_chats_draft_is_kept_or_dropped_there_and_its_post_is_answered(inside: Browser, folder: Path) -> None:
    scene, before = inside.scene, contents(folder)
    await command(scene, CHANGE)
    await inside.get("/desk/drafts")
    form = inside.hidden("/drafts/2") | {"decision": "keep"}
    assert "est écarté" in await inside.send("/drafts/2", decision="drop")
    await scene.work()
    assert await react(scene, shown(scene), "✅") == []
    for number in ("0", "999999999"):  # never there
        page = await inside.http.post(f"/desk/drafts/{number}", data=form)
        assert (page.status_code, "n’attend plus" in page.text) == (409, True)
    assert contents(folder) == before
    await command(scene, CHANGE)
    page = html.unescape(await inside.get("/desk/drafts"))
    assert "Modification\u00a0: Emprunter la malle robotique" in page
    assert "<p>Elle est au fablab.</p>" in page
    assert re.search(r"^\+ +answer: .?Elle est au fablab", page, re.MULTILINE)
    page = await inside.send("/drafts/3", decision="keep")
    await scene.work()
    assert ("Le brouillon n°\u00a03 est gardé." in page, "Aucun brouillon n’attend" in page) == (True, True)
    assert "Elle est au fablab." in contents(folder)["materiel.yaml"]
    assert "*@mod:example.org, sur le bureau\u00a0:*" in inside.told(MODERATION)[-1]
    assert await react(scene, shown(scene), "✅") == []


async def test_a_draft_without_a_theme_waits_for_one(inside: Browser, folder: Path) -> None:
    await answered(inside)
    await inside.get("/desk/drafts")
    assert "Choisissez d’abord le thème" in await inside.send("/drafts/3", decision="keep", theme="")
    assert "Choisissez d’abord le thème" in await inside.send_from("/desk/drafts", "/drafts/3", theme="../../etc")
    await command(inside.scene, "!theme 3 Formations")
    assert "est gardé" in await inside.send_from("/desk/drafts", "/drafts/3", decision="keep", theme="Prêt & matériel")
    assert "accueil.example/plan" in contents(folder)["materiel.yaml"]


# Edited before it is kept


async def test_a_draft_is_edited_in_the_form_and_saving_keeps_it(inside: Browser, folder: Path) -> None:
    scene = inside.scene
    await scene.say(PORTAL)
    await scene.say(KEYS, MODERATOR, reply_to=scene.last)
    await react(scene, scene.last, "📝", room=ROOM)
    await scene.say(PORTAL, BOB, room="!autre")
    assert "Ce titre reprend les mots de la question" in await inside.get("/desk/drafts")
    fields = await fill(inside, "/desk/drafts/3", theme="materiel.yaml")
    assert fields["title"] == ["Qui a les clés du portail bleu ?"]
    assert "Titre : Ce titre reprend les mots de la question" in read(await send(inside, "try", fields, do="compare"))
    fields = await compared(inside, fields | {"title": "Les clés du portail"})
    for _ in range(2):  # a double click
        assert "C’est enregistré." in await send(inside, "save", fields)
        assert inside.page.url.path == "/desk/e/les-cles-du-portail"
    await scene.work()
    assert any(text.startswith(f"{BOB}, j’ai maintenant une réponse") for text in inside.told("!autre"))
    assert not any("j’ai maintenant" in text for text in inside.told(ROOM))  # Ana has it from the moderator
    assert "*@mod:example.org, sur le bureau\u00a0:*" in inside.told(MODERATION)[-1]
    text = contents(folder)["materiel.yaml"]
    assert (text.count("- id:"), "réponse de l’équipe" in text) == (2, True)  # the latter is its source
    assert await scene.store.queue.questions() == []
    assert await react(scene, shown(scene), "✅") == []
    assert "n’attend plus" in await inside.get("/desk/drafts/3")


async def test_the_edit_of_a_change_is_made_over_the_answer(inside: Browser, folder: Path) -> None:
    await command(inside.scene, CHANGE)
    fields = await fill(inside, "/desk/drafts/2")
    assert fields["answer"] == ["Elle est au fablab."]
    page = await send(inside, "try", fields | {"answer": "Elle est au bar."}, do="compare")
    assert "enlevé : Inscrivez-vous sur le planning. ajouté : Elle est au bar." in read(page)
    assert "C’est enregistré." in await send(inside, "save", filled(page))
    assert "Elle est au bar." in contents(folder)["materiel.yaml"]
    assert await inside.scene.store.queue.open_drafts(inside.scene.now()) == []
    await command(inside.scene, "!retirer malle-robotique")  # a removal has no form
    assert "Modifier</a>" not in await inside.get("/desk/drafts")
    await inside.get("/desk/drafts/3")
    assert inside.page.status_code == 404


async def test_a_draft_changed_or_dropped_under_the_form_gives_the_text_back(inside: Browser, folder: Path) -> None:
    await answered(inside)
    before = contents(folder)
    filled_in = await fill(inside, "/desk/drafts/3", theme="materiel.yaml", answer="Au bar.")
    forged, fields = await compared(inside, filled_in), await compared(inside, filled_in)
    for draft in ("9" * 30 + ".1", "x", "3", "77.2"):
        await send(inside, "save", forged | {"draft": draft})
        assert contents(folder) == before
    await command(inside.scene, "!theme 3 Formations")
    page = await send(inside, "save", await compared(inside, fields))
    assert ("a changé entre-temps" in page, "Au bar." in page) == (True, True)
    assert len(await inside.scene.store.queue.open_drafts(inside.scene.now())) == 1
    async with another_moderator(inside) as other:
        await other.get("/desk/drafts")
        await other.send("/drafts/3", decision="drop")
    page = await send(inside, "save", fields)
    assert ("n’attend plus" in page, "Au bar." in page) == (True, True)
    assert contents(folder) == before
