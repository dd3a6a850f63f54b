"""Drafts on the desk: the same decision as under their posts in the chat."""

from __future__ import annotations

import html
import re
from pathlib import Path

from bot.messages import Removal
from tests.desk.browsing import Browser
from tests.moderation import KEYS, LASER, PORTAL, command, contents, react, shown
from tests.scene import MODERATION, ROOM

CHANGE = "!modifier malle-robotique\nanswer: Elle est au fablab."


async def test_a_draft_of_the_chat_is_kept_at_the_desk_and_its_post_is_answered(inside: Browser, folder: Path) -> None:
    scene = inside.scene
    await command(scene, CHANGE)
    page = html.unescape(await inside.get("/desk/drafts"))
    assert "Modification\u00a0: Emprunter la malle robotique" in page
    assert "<p>Elle est au fablab.</p>" in page
    assert re.search(r"^\+ +answer: .?Elle est au fablab", page, re.MULTILINE)
    page = await inside.send("/drafts/2", decision="keep")
    await scene.work()
    assert "Le brouillon n°\u00a02 est gardé." in page
    assert "Aucun brouillon n’attend" in page
    assert "Elle est au fablab." in contents(folder)["materiel.yaml"]
    assert "*@mod:example.org, sur le bureau\u00a0:*" in inside.told(MODERATION)[-1]
    assert await react(scene, shown(scene), "✅") == []


async def test_a_draft_is_dropped_at_the_desk(inside: Browser, folder: Path) -> None:
    before = contents(folder)
    await command(inside.scene, CHANGE)
    await inside.get("/desk/drafts")
    form = inside.hidden("/drafts/2") | {"decision": "keep"}
    assert "est écarté" in await inside.send("/drafts/2", decision="drop")
    await inside.scene.work()
    assert await react(inside.scene, shown(inside.scene), "✅") == []
    for number in ("0", "999999999"):  # never there
        page = await inside.http.post(f"/desk/drafts/{number}", data=form)
        assert (page.status_code, "n’attend plus" in page.text) == (409, True)
    assert contents(folder) == before


async def test_a_draft_that_the_chat_has_decided_says_so(inside: Browser, folder: Path) -> None:
    before = contents(folder)
    await command(inside.scene, CHANGE)
    await inside.get("/desk/drafts")
    await react(inside.scene, shown(inside.scene), "❌")
    assert "n’attend plus" in await inside.send("/drafts/2", decision="keep")
    assert contents(folder) == before


async def test_a_draft_without_a_theme_waits_for_one(inside: Browser, folder: Path) -> None:
    await inside.scene.say(PORTAL)
    await inside.get("/desk")
    await inside.send("/answer", text=KEYS)
    await inside.get("/desk/drafts")
    assert "Choisissez d’abord le thème" in await inside.send("/drafts/3", decision="keep", theme="")
    assert "Choisissez d’abord le thème" in await inside.send_from("/desk/drafts", "/drafts/3", theme="../../etc")
    page = await inside.send_from("/desk/drafts", "/drafts/3", decision="keep", theme="Prêt & matériel")
    assert "est gardé" in page
    assert "accueil.example/plan" in contents(folder)["materiel.yaml"]


async def test_a_change_of_what_changed_meanwhile_is_offered_anew(inside: Browser, folder: Path) -> None:
    await command(inside.scene, CHANGE)
    await command(inside.scene, "!modifier malle-robotique\nanswer: Elle est en réparation.")
    await react(inside.scene, shown(inside.scene), "✅")
    await inside.get("/desk/drafts")
    page = await inside.send("/drafts/2", decision="drop")
    assert "est écarté" in page
    await command(inside.scene, "!modifier malle-robotique\nanswer: Elle est au bar.")
    [draft] = await inside.scene.store.queue.open_drafts(inside.scene.now())
    file = folder / "materiel.yaml"
    await inside.get("/desk/drafts")
    file.write_text(file.read_text("utf-8").replace("en réparation", "réparée"), encoding="utf-8")
    page = await inside.send(f"/drafts/{draft.number}", decision="keep")
    assert inside.page.status_code == 409
    assert "a changé depuis" in page
    [again] = await inside.scene.store.queue.open_drafts(inside.scene.now())
    assert again.number != draft.number
    await inside.get("/desk/drafts")
    assert "est gardé" in await inside.send(f"/drafts/{again.number}", decision="keep")
    assert "Elle est au bar." in file.read_text("utf-8")


async def test_what_a_phrasing_stands_in_the_place_of_follows_when_it_is_dropped(inside: Browser) -> None:
    """Whether the draft is shown in the chat, or at the desk alone."""
    scene = inside.scene
    words = "Inscrivez-vous sur le planning de la malle robotique."
    await scene.say(LASER)
    await inside.get("/desk")
    await inside.send("/answer", text=f"{words}\nhttps://formation.example/")
    page = await inside.get("/desk/drafts")
    assert "Une façon de plus de demander" in page
    await inside.send("/drafts/3", decision="drop")
    assert "Nouvelle réponse" in await inside.get("/desk/drafts")
    await command(scene, "!repondre 99 rien")
    assert [out for out in scene.paper.sent.values() if isinstance(out, Removal)] == []


async def test_a_broken_file_is_named_and_the_draft_stays(inside: Browser, folder: Path) -> None:
    await command(inside.scene, CHANGE)
    await inside.get("/desk/drafts")
    (folder / "materiel.yaml").write_text("entries: [", encoding="utf-8")
    page = await inside.send("/drafts/2", decision="keep")
    assert "n’existe plus, ou son fichier ne se lit pas" in page
    assert "malle-robotique" in await inside.get("/desk/drafts")
    assert len(await inside.scene.store.queue.open_drafts(inside.scene.now())) == 1


async def test_html_in_a_draft_is_text(inside: Browser) -> None:
    await inside.scene.say("concierge : à qui est <script>alert(1)</script> ce tournevis cruciforme ?")
    await inside.get("/desk")
    await inside.send("/answer", text="<img src=x onerror=alert(1)> au fond de <b>l’atelier</b>, à gauche")
    page = await inside.get("/desk/drafts")
    assert "<section" in page
    assert "<script>" not in page
    assert "<img" not in page
    await inside.scene.work()
    assert "onerror" in inside.told(ROOM)[-1]
