"""A form of an answer while it is open: going back, loading anew, somebody else at the same one."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from tests.desk.browsing import Browser, another_moderator
from tests.desk.entry_forms import ID, NEW, compared, fill, filled, send, shown


async def test_the_page_that_shows_what_changes_has_an_address_and_can_be_loaded_again(inside: Browser) -> None:
    await send(inside, "try", await fill(inside, f"/desk/e/{ID}", answer="Une coopérative forme."), do="compare")
    assert [sent.status_code for sent in inside.page.history] == [303]
    address = str(inside.page.url)
    assert inside.page.url.path == f"/desk/e/{ID}"
    for _ in range(2):
        assert "ajouté : Une coopérative forme." in shown(await inside.get(address))
        assert filled(inside.page.text)["answer"] == ["Une coopérative forme."]
    async with another_moderator(inside) as other:
        assert "Une coopérative forme." not in await other.get(address)


async def test_after_saving_going_back_says_that_it_is_saved(inside: Browser, folder: Path) -> None:
    for path, fields in (("/desk/new", NEW), (f"/desk/e/{ID}", {"answer": "Une coopérative forme."})):
        form = await compared(inside, await fill(inside, path, **fields))
        address = str(inside.page.url)
        await send(inside, "save", form)
        assert "C’est enregistré." in await inside.get(address)
        assert "notice=saved" in str(inside.page.url)


async def test_a_form_that_the_program_forgot_says_so(inside: Browser) -> None:
    page = await inside.get(f"/desk/e/{ID}?form={'0' * 64}&do=compare")
    assert "Revenez en arrière pour le retrouver" in page
    assert filled(page)["title"] == ["Se former à la facilitation de tiers-lieu"]


async def test_who_else_has_the_form_open_is_named(inside: Browser, folder: Path) -> None:
    async with another_moderator(inside) as other:
        assert "Aussi sur cette réponse" not in await other.get(f"/desk/e/{ID}")
        assert "en ce moment : @cleo:example.org." in shown(await inside.get(f"/desk/e/{ID}"))
        told = await other.http.post("/desk/check", data=filled(await other.get(f"/desk/e/{ID}")))
        assert "@mod:example.org" in told.json()["others"]
        assert "Aussi sur cette réponse" not in await inside.get("/desk/new")
        inside.scene.time += timedelta(minutes=16)
        assert "Aussi sur cette réponse" not in await inside.get(f"/desk/e/{ID}")


async def test_only_the_link_that_is_wrong_is_marked(inside: Browser, folder: Path) -> None:
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


async def test_a_theme_that_vanishes_under_a_form_costs_no_word(inside: Browser, folder: Path) -> None:
    form = await compared(inside, await fill(inside, "/desk/new", **NEW))
    (folder / "materiel.yaml").unlink()
    page = await send(inside, "save", form)
    assert "Ce thème n’est plus là" in page
    assert filled(page)["answer"] == [NEW["answer"]]
