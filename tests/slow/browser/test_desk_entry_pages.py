"""The desk's form of an answer and its figures in a real browser: on a phone and on a desk, light and dark, by keyboard
alone, and without scripts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bot.messages import Reaction
from tests.browser import LOOKS, check_page, open_page
from tests.desk.browsing import Browser as Visitor
from tests.desk.browsing import serving
from tests.desk.entry_forms import ID
from tests.scene import ASKED, BOB, OTHER, ROOM, Scene

PAGES = {
    **dict.fromkeys(("new", "figures", "e/nowhere"), True),
    **dict.fromkeys(("entries", f"e/{ID}", f"e/{ID}/history", f"e/{ID}/remove", "figures/gaps"), False),
}
"""Whether all that stands there is the bot's own French."""


@pytest_asyncio.fixture(loop_scope="session")
async def address(desk: Scene) -> AsyncIterator[str]:
    """Of a desk with two weeks of questions behind it."""
    desk.time -= timedelta(days=7)
    for _ in range(3):
        await desk.say(f"concierge : {ASKED}", BOB)
    desk.time += timedelta(days=7)
    await desk.say(f"concierge : {ASKED}")
    await desk.bring(Reaction("paper", f"$r{next(desk.ids)}", ROOM, BOB, desk.last_reply, "👎"))
    await desk.say(f"concierge : {OTHER}")
    async with serving(desk) as url:
        yield url


@asynccontextmanager
async def entered(browser: Browser, desk: Scene, address: str, **look: object) -> AsyncIterator[Page]:
    """A moderator's page, who has entered."""
    async with open_page(browser, address, **look) as page:  # type: ignore[arg-type]
        await enter(page, desk, address)
        yield page


async def enter(page: Page, desk: Scene, address: str) -> None:
    async with httpx.AsyncClient() as http:
        await page.goto(address + await Visitor(desk, http).link())
    await page.locator("main button").click()
    await page.wait_for_url(f"{address}/desk")
    await desk.work()


async def test_everybody_can_use_it(browser: Browser, desk: Scene, address: str) -> None:
    for width, dark in LOOKS:
        async with entered(browser, desk, address, width=width, dark=dark) as page:
            for path, is_ours in PAGES.items():
                await page.goto(f"{address}/desk/{path}")
                await expect(page.get_by_role("heading", level=1)).to_be_visible()
                await check_page(page, prose=is_ours)


async def fill(page: Page) -> None:
    await page.get_by_label("Titre", exact=True).fill("Les clés du portail")
    await page.get_by_label("Thème", exact=True).select_option("Prêt & matériel")
    await page.get_by_label("Façons de poser la question").fill("qui a les clés du portail ?\nouvrir le portail")
    await page.get_by_label("Réponse", exact=True).fill("Elles sont à l’accueil.")
    await page.get_by_label("Lien 1 : titre").fill("Le plan")
    await page.get_by_label("Lien 1 : adresse").fill("https://accueil.example/plan")


@pytest.mark.parametrize("scripts", [True, False])
async def test_an_answer_is_tried_compared_and_saved(
    browser: Browser, desk: Scene, address: str, folder: Path, scripts: bool
) -> None:
    for width, dark in LOOKS[: 2 if scripts else 1]:
        async with entered(browser, desk, address, width=width, dark=dark, scripts=scripts) as page:
            await page.goto(f"{address}/desk/new")
            await fill(page)
            await page.get_by_label("Une question, avec vos mots").fill("je voudrais ouvrir le portail")
            await page.get_by_role("button", name="Demander").click()
            trial = page.get_by_role("region", name="Avec ce texte, le concierge répondrait")
            await expect(trial).to_contain_text("Elles sont à l’accueil.")
            if scripts:
                await check_page(page, prose=False)
            await page.get_by_role("button", name="Voir ce qui change").click()
            await expect(page.get_by_role("region", name="Ce qui change")).to_contain_text("ouvrir le portail")
            if scripts:
                await check_page(page, prose=False)
            if dark or not scripts:
                await page.get_by_role("button", name="Enregistrer").click()
                await expect(page.get_by_text("C’est enregistré.")).to_be_visible()
    assert "Elles sont à l’accueil." in (folder / "materiel.yaml").read_text(encoding="utf-8")


async def test_problems_come_while_somebody_types_and_go_again(browser: Browser, desk: Scene, address: str) -> None:
    async with entered(browser, desk, address) as page:
        await page.goto(f"{address}/desk/e/{ID}")
        title = page.get_by_label("Titre", exact=True)
        await title.fill("")
        await expect(page.locator("#problems-title")).to_contain_text("Il manque")
        await expect(title).to_have_attribute("aria-invalid", "true")
        await check_page(page, prose=False)
        await title.fill("Se former")
        await expect(page.locator("#problems-title")).to_be_empty()
        await expect(title).not_to_have_attribute("aria-invalid", "true")


async def test_enter_in_the_question_asks_and_in_a_field_saves_nothing(
    browser: Browser, desk: Scene, address: str, folder: Path
) -> None:
    before = (folder / "formations.yaml").read_text(encoding="utf-8")
    for scripts in (True, False):
        async with entered(browser, desk, address, scripts=scripts) as page:
            await page.goto(f"{address}/desk/e/{ID}")
            await page.get_by_label("Une question, avec vos mots").fill(ASKED)
            await page.get_by_label("Une question, avec vos mots").press("Enter")
            await expect(page.get_by_role("heading", name="Avec ce texte")).to_be_visible()
            await page.get_by_label("Titre", exact=True).fill("Autre titre")
            await page.get_by_role("button", name="Voir ce qui change").click()
            await page.get_by_label("Titre", exact=True).press("Enter")
            await expect(page.get_by_role("heading", name="Avec ce texte")).to_be_visible()
    assert (folder / "formations.yaml").read_text(encoding="utf-8") == before


async def test_who_types_on_after_the_session_has_ended_is_told_at_once(
    browser: Browser, desk: Scene, address: str
) -> None:
    page = await browser.new_page(locale="fr-FR")  # the console has the browser's own line about the answer 403
    await enter(page, desk, address)
    await page.goto(f"{address}/desk/e/{ID}")
    desk.time += timedelta(hours=13)
    await page.get_by_label("Titre", exact=True).fill("Se former")
    await expect(page.get_by_text("Votre session est terminée")).to_be_visible()
    await expect(page.get_by_label("Titre", exact=True)).to_have_value("Se former")
