"""An answer over time: its form while it is open, what became of it, and taking a change back."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.conversation.moderation import actions
from bot.conversation.moderation.changes import Change, json_fields
from bot.knowledge.edit_result import EditRejected
from tests.desk.browsing import Browser, another_moderator
from tests.desk.entry_forms import ID, NEW, compared, fill, filled, log, save, send, shown
from tests.moderation import command, react
from tests.moderation import shown as shown_draft


async def test_each_change_is_shown_with_its_author_and_its_lines_for_90_days(inside: Browser) -> None:
    await save(inside, await fill(inside, f"/desk/e/{ID}", answer="Une coopérative forme."))
    await command(inside.scene, f"!phrase {ID} devenir facilitatrice ?")
    await react(inside.scene, shown_draft(inside.scene), "✅")
    assert not await actions.add_phrasings(inside.scene.ctx, [(ID, "devenir\u202e concierge ?")], "Ana")
    page = shown(await inside.get(f"/desk/e/{ID}/history"))
    assert page.count("Modifiée par @mod:example.org, le 24 novembre 2026 à 10 h 00") == 2
    assert "depuis 90 jours" in page
    changes = ("Modifiée par Ana", "devenir concierge ?", "devenir facilitatrice ?", "Une coopérative forme.")
    assert [*map(page.index, changes)] == sorted(map(page.index, changes))
    store = inside.scene.store
    for days, left in ((89, 3), (91, 0)):
        await store.retention.erase_old(inside.scene.now() + timedelta(days=days), 90)
        assert len(await store.knowledge_edits.of_entry(ID)) == left


async def test_the_latest_change_is_taken_back_and_not_what_changed_since(inside: Browser, repository: Path) -> None:
    before = (repository / "formations.yaml").read_text(encoding="utf-8")
    await save(inside, await fill(inside, f"/desk/e/{ID}", answer="Faux.", keywords="faux"))
    assert "Annuler ce changement" in inside.page.text
    assert "enlevé : Faux. ajouté : Une coopérative forme et certifie." in shown(await inside.get(f"/desk/e/{ID}/undo"))
    assert (repository / "formations.yaml").read_text(encoding="utf-8") != before
    form = inside.hidden("/undo")
    assert "Le changement est annulé." in await inside.send("/undo")
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
    await save(inside, await fill(inside, f"/desk/e/{ID}", answer="Faux."))
    await save(inside, await fill(inside, f"/desk/e/{ID}", answer="Juste."))
    links = [line for line in (await inside.get(f"/desk/e/{ID}/history")).splitlines() if "?edit=" in line]
    await inside.get("/desk/e/x/" + links[1].partition('href="')[2].partition('"')[0])
    page = shown(await inside.send("/undo"))
    assert inside.page.status_code == 409
    assert ("a changé depuis" in page, "enlevé : Faux. ajouté : Juste." in page) == (True, True)
    assert "Juste." in (repository / "formations.yaml").read_text(encoding="utf-8")


async def test_a_removed_answer_is_gone_from_rooms_and_comes_back_under_its_id(inside: Browser, folder: Path) -> None:
    ctx = inside.scene.ctx
    entry = ctx.all_knowledge.entries["malle-robotique"]
    assert "Retirer « Emprunter la malle robotique » ?" in shown(await inside.get("/desk/e/malle-robotique/remove"))
    assert "La réponse est retirée." in await inside.send("/remove")
    assert inside.page.url.path == "/desk/entries"
    assert "malle-robotique" not in (folder / "materiel.yaml").read_text(encoding="utf-8")
    reply, *_ = await inside.scene.say("concierge : comment emprunter la malle robotique ?")
    assert "planning" not in reply.text
    with pytest.raises(EditRejected, match="edit_used"):  # only what undoes may use an id again
        await actions.rehearse(ctx, Change("add", entry.id, json_fields(entry), "materiel.yaml"))
    assert "Retirée par @mod:example.org" in await inside.get("/desk/e/malle-robotique/history")
    await inside.get("/desk/e/malle-robotique/undo")
    await inside.send("/undo")
    assert inside.page.url.path == "/desk/e/malle-robotique"
    assert "id: malle-robotique" in (folder / "materiel.yaml").read_text(encoding="utf-8")
    reply, *_ = await inside.scene.say("concierge : comment emprunter la malle robotique ?")
    assert "planning" in reply.text


# While its form is open


async def test_the_page_of_what_changes_has_an_address_and_loads_again(inside: Browser, repository: Path) -> None:
    await send(inside, "try", await fill(inside, f"/desk/e/{ID}", answer="Une coopérative forme."), do="compare")
    assert [sent.status_code for sent in inside.page.history] == [303]
    address = str(inside.page.url)
    assert inside.page.url.path == f"/desk/e/{ID}"
    for _ in range(2):
        assert "ajouté : Une coopérative forme." in shown(await inside.get(address))
        assert filled(inside.page.text)["answer"] == ["Une coopérative forme."]
    async with another_moderator(inside) as other:
        assert "Une coopérative forme." not in await other.get(address)
    await send(inside, "save", filled(inside.page.text))
    assert "C’est enregistré." in await inside.get(address)  # who goes back reads that it is saved
    assert "notice=saved" in str(inside.page.url)
    new = await compared(inside, await fill(inside, "/desk/new", **NEW))
    address = str(inside.page.url)
    for _ in range(2):  # a double click
        await send(inside, "save", new)
        assert inside.page.url.path == "/desk/e/les-cles-du-portail"
    assert [line.partition(": ")[2] for line in log(repository)].count("Ajout de les-cles-du-portail") == 1
    assert "C’est enregistré." in await inside.get(address)
    page = await inside.get(f"/desk/e/{ID}?form={'0' * 64}&do=compare")  # the program has forgotten it
    assert "Revenez en arrière pour le retrouver" in page


async def test_a_theme_that_vanishes_under_a_form_costs_no_word(inside: Browser, folder: Path) -> None:
    form = await compared(inside, await fill(inside, "/desk/new", **NEW))
    (folder / "materiel.yaml").unlink()
    page = await send(inside, "save", form)
    assert "Ce thème n’est plus là" in page
    assert filled(page)["answer"] == [NEW["answer"]]


async def test_who_else_has_the_form_open_is_named_and_only_the_wrong_link_is_marked(inside: Browser) -> None:
    async with another_moderator(inside) as other:
        assert "Aussi sur cette réponse" not in await other.get(f"/desk/e/{ID}")
        assert "en ce moment : @cleo:example.org." in shown(await inside.get(f"/desk/e/{ID}"))
        told = await other.http.post("/desk/check", data=filled(await other.get(f"/desk/e/{ID}")))
        assert "@mod:example.org" in told.json()["others"]
        assert "Aussi sur cette réponse" not in await inside.get("/desk/new")
        inside.scene.time += timedelta(minutes=16)
        assert "Aussi sur cette réponse" not in await inside.get(f"/desk/e/{ID}")
    links = {"link_title": ["Un", "", "Deux", "Trois"], "link_url": ["https://a.example/", "", "ftp://x/", ""]}
    page = await send(inside, "try", await fill(inside, f"/desk/e/{ID}", **links), do="check")
    assert "Lien 2. Adresse : elle commence par" in shown(page)
    assert _marked(page) == {"link-title-2", "link-url-2", "link-title-3", "link-url-3"}
    rows = (await inside.http.post("/desk/check", data=filled(page))).json()["problems"]
    assert [row["row"] for row in rows] == [1, 2]
    page = await send(inside, "try", await fill(inside, f"/desk/e/{ID}", see_also=["", "Sans nom", ID]), do="check")
    assert _marked(page) == {"see-also-1"}


def _marked(page: str) -> set[str]:
    return set(re.findall(r'<input id="([^"]+)"[^>]* aria-invalid="true"', page))
