"""What became of an answer, and taking a change back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.conversation.moderation import actions
from bot.conversation.moderation.changes import Change, json_fields
from bot.knowledge.edit_result import EditRejected
from tests.desk.browsing import Browser
from tests.desk.entry_forms import ID, NEW, fill, log, save, shown
from tests.moderation import command, react
from tests.moderation import shown as shown_draft


async def test_each_change_is_shown_with_its_author_and_its_lines(inside: Browser) -> None:
    await save(inside, await fill(inside, f"/desk/e/{ID}", answer="Une coopérative forme."))
    await command(inside.scene, f"!phrase {ID} devenir facilitatrice ?")
    await react(inside.scene, shown_draft(inside.scene), "✅")
    assert not await actions.add_phrasings(inside.scene.ctx, [(ID, "devenir\u202e concierge ?")], "Ana")
    page = shown(await inside.get(f"/desk/e/{ID}/history"))
    assert page.count("Modifiée par @mod:example.org, le 24 novembre 2026 à 10 h 00") == 2
    assert "depuis 90 jours" in page
    changes = ("Modifiée par Ana", "devenir concierge ?", "devenir facilitatrice ?", "Une coopérative forme.")
    assert [*map(page.index, changes)] == sorted(map(page.index, changes))


async def test_the_latest_change_is_taken_back_from_the_notice(inside: Browser, repository: Path) -> None:
    before = (repository / "formations.yaml").read_text(encoding="utf-8")
    await save(inside, await fill(inside, f"/desk/e/{ID}", answer="Faux.", keywords="faux"))
    assert "Annuler ce changement" in inside.page.text
    page = shown(await inside.get(f"/desk/e/{ID}/undo"))
    assert "enlevé : Faux. ajouté : Une coopérative forme et certifie." in page
    assert (repository / "formations.yaml").read_text(encoding="utf-8") != before
    form = inside.hidden("/undo")
    await inside.send("/undo")
    assert "Le changement est annulé." in inside.page.text
    assert (repository / "formations.yaml").read_text(encoding="utf-8") == before
    for key in (form["key"], "another"):  # once
        inside.page = await inside.http.post(f"/desk/e/{ID}/undo", data=form | {"key": key})
    assert inside.page.status_code == 409
    assert log(repository) == [*[f"@mod:example.org: Modification de {ID}"] * 2, "Main: au début"]
    await save(inside, await fill(inside, "/desk/new", **NEW))
    await inside.get("/desk/e/les-cles-du-portail/undo")
    await inside.send("/undo")
    assert inside.page.url.path == "/desk/entries"  # a new answer is gone again
    assert "portail" not in (repository / "materiel.yaml").read_text(encoding="utf-8")


async def test_a_removed_answer_is_gone_from_the_rooms_and_comes_back_under_its_id(
    inside: Browser, folder: Path
) -> None:
    ctx = inside.scene.ctx
    entry = ctx.all_knowledge.entries["malle-robotique"]
    await inside.get("/desk/e/malle-robotique/remove")
    assert "Retirer « Emprunter la malle robotique » ?" in shown(inside.page.text)
    await inside.send("/remove")
    assert "La réponse est retirée." in inside.page.text
    assert inside.page.url.path == "/desk/entries"
    assert "malle-robotique" not in (folder / "materiel.yaml").read_text(encoding="utf-8")
    reply, *_ = await inside.scene.say("concierge : comment emprunter la malle robotique ?")
    assert "planning" not in reply.text
    with pytest.raises(EditRejected, match="edit_used"):  # only what undoes may use an id again
        await actions.rehearse(ctx, Change("add", entry.id, json_fields(entry), "materiel.yaml"))
    await inside.get("/desk/e/malle-robotique/history")
    assert "Retirée par @mod:example.org" in inside.page.text
    await inside.get("/desk/e/malle-robotique/undo")
    await inside.send("/undo")
    assert inside.page.url.path == "/desk/e/malle-robotique"
    assert "id: malle-robotique" in (folder / "materiel.yaml").read_text(encoding="utf-8")
    reply, *_ = await inside.scene.say("concierge : comment emprunter la malle robotique ?")
    assert "planning" in reply.text


async def test_what_changed_since_is_not_taken_back_with_it(inside: Browser, folder: Path) -> None:
    await save(inside, await fill(inside, f"/desk/e/{ID}", answer="Faux."))
    await save(inside, await fill(inside, f"/desk/e/{ID}", answer="Juste."))
    links = [line for line in (await inside.get(f"/desk/e/{ID}/history")).splitlines() if "?edit=" in line]
    await inside.get("/desk/e/x/" + links[1].partition('href="')[2].partition('"')[0])
    page = shown(await inside.send("/undo"))
    assert inside.page.status_code == 409
    assert "a changé depuis" in page
    assert "enlevé : Faux. ajouté : Juste." in page
    assert "Juste." in (folder / "formations.yaml").read_text(encoding="utf-8")


async def test_the_store_forgets_a_change_after_90_days(inside: Browser, folder: Path) -> None:
    await save(inside, await fill(inside, f"/desk/e/{ID}", answer="Une coopérative forme."))
    store = inside.scene.store
    for days, left in ((89, 1), (91, 0)):
        await store.retention.erase_old(inside.scene.now() + timedelta(days=days), 90)
        assert len(await store.knowledge_edits.of_entry(ID)) == left
