"""The moderators' desk in a real browser: on a phone and a large screen, light and dark, by keyboard alone, without
scripts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bot.matching.decision import Thresholds
from bot.store import LinkState
from tests.browser import LOOKS, PHONE, check_page, open_page
from tests.desk import browsing
from tests.desk.browsing import serving
from tests.desk.test_links_page import overdue
from tests.desk.test_phrasings_page import FIRST, choose
from tests.moderation import LASER, PORTAL, command
from tests.scene import ANA, BOB, START, Scene

PAGES = ("desk", "desk/questions/1/phrase?words=malle", "desk/drafts", "desk/phrasings", "desk/links")
ANSWER = "Elles sont à l’accueil, demandez à l’équipe."


@pytest_asyncio.fixture(loop_scope="session")
async def served(desk: Scene, folder: Path) -> AsyncIterator[str]:
    """The address of a desk with something on each page; it ends in a slash."""
    await desk.say(PORTAL)
    await desk.say(PORTAL, BOB, room="!atelier")
    await desk.say(LASER)
    await command(desk, "!modifier malle-robotique\nanswer: Elle est au fablab.")
    dead = LinkState(
        "https://formation.example/", "dead", "404", START, None, None, START - timedelta(days=9), START, 3
    )
    await desk.store.links.note_check([dead], START, None, START)
    async with serving(desk) as url, httpx.AsyncClient() as http:
        await choose(browsing.Browser(desk, http), FIRST, ANA)
        await overdue(desk, folder)
        desk.ruled(limits=Thresholds())
        yield f"{url}/"


async def enter(page: Page, desk: Scene, served: str) -> None:
    await page.goto(served + await link_of(desk))
    await check_page(page)
    await page.get_by_role("button", name="Entrer en tant que").click()
    await page.wait_for_url(f"{served}desk")


@pytest.mark.parametrize("path", PAGES)
async def test_every_moderator_can_use_it(browser: Browser, desk: Scene, served: str, path: str) -> None:
    for width, dark in LOOKS:
        async with open_page(browser, served, width=width, dark=dark) as page:
            await enter(page, desk, served)
            await page.goto(served + path)
            await expect(page.get_by_role("heading", level=1)).to_be_visible()
            await expect(page.get_by_role("button").first).to_be_visible()
            for closed in await page.locator("details > summary").all():
                await closed.click()
            await check_page(page, prose=False)  # what members wrote is set as they did


@pytest.mark.parametrize("path", ["desk", "desk/enter/0"])
async def test_everybody_else_can_read_why_not(browser: Browser, served: str, path: str) -> None:
    async with open_page(browser, served, width=PHONE) as page:
        await page.goto(served + path)
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await check_page(page)


async def test_a_moderator_answers_and_keeps_without_scripts(
    browser: Browser, desk: Scene, served: str, folder: Path
) -> None:
    async with open_page(browser, served, width=PHONE, scripts=False) as page:
        await page.goto(served + await link_of(desk))
        await page.get_by_role("button", name="Entrer en tant que").click()
        card = page.get_by_role("region", name="Question n° 1")
        await card.get_by_text("Répondre").click()
        await card.get_by_label("Votre réponse").fill(ANSWER)
        await card.get_by_role("button", name="Envoyer la réponse").click()
        await expect(page.get_by_role("status")).to_contain_text("est partie")
        await page.get_by_role("link", name="Brouillons").click()
        draft = page.get_by_role("region", name="Nouvelle réponse")
        await draft.get_by_label("Dans quel thème").select_option("Prêt & matériel")
        await draft.get_by_role("button", name="Garder").click()
        await expect(page.get_by_role("status")).to_contain_text("est gardé")
        assert ANSWER in (folder / "materiel.yaml").read_text("utf-8")
        await page.get_by_role("button", name="Terminer la session").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Session terminée")


async def test_a_page_of_another_site_makes_nobody_enter(browser: Browser, desk: Scene, served: str) -> None:
    link = served + await link_of(desk)
    async with open_page(browser, served) as page:
        await page.goto(f'data:text/html,<form method="post" action="{link}"><button>Gagnez !</button></form>')
        await page.get_by_role("button").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Ce n’est pas possible maintenant")
        await page.goto(link)
        async with page.expect_request(lambda request: request.method == "POST") as own:
            await page.get_by_role("button", name="Entrer en tant que").click()
        await page.wait_for_url(f"{served}desk")
        assert (await (await own.value).all_headers())["origin"] == served.rstrip("/")


async def link_of(desk: Scene) -> str:
    async with httpx.AsyncClient() as http:
        return (await browsing.Browser(desk, http).link()).removeprefix("/")
