"""Every readers' page of a running bot in a real browser: on a phone and on a desk, light and dark, by keyboard alone,
and without scripts; its search, while somebody types, and the box of docs/pages.md on a site of another address."""

import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, Page, expect

from tests.browser import LOOKS, PHONE, check_looks, check_page, look, open_page, overflow
from tests.slow.browser.conftest import KNOWLEDGE
from tests.web import listening, running_pages

DOCS = Path(__file__).parents[3] / "docs" / "pages.md"
ASKED, FOUND = "formation facilitatrise", "r/formation-facilitateur"
SURE = "quelle formation pour devenir fabmanager"
NOWHERE = "r/nowhere"
PLACEHOLDERS = """() => [...document.querySelectorAll('[placeholder]')].map(box => {
  box.value = box.placeholder;
  return [box.scrollWidth, box.clientWidth];
})"""
"""The width that each label in a box needs, and what it has: on a phone it must not be cut."""
PAGES = ("", "t/formations", "r/formation-fabmanager", f"?q={ASKED}", f"?q={SURE}", "?q=xylophone", NOWHERE, "no/where")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The address of a running bot's pages with the shipped answers; it ends in a slash."""
    folder = tmp_path_factory.mktemp("site")
    async with running_pages(folder, Path(shutil.copytree(KNOWLEDGE, folder / "knowledge"))) as address:
        yield address


async def test_everybody_can_read_every_page(browser: Browser, site: str) -> None:
    async with open_page(browser, site) as page:
        for path in PAGES:
            await page.goto(site + path)
            await expect(page.get_by_role("heading", level=1)).to_be_visible()
            for width, dark in LOOKS:
                await look(page, width, dark=dark)
                await check_page(page)
                boxes = await page.evaluate(PLACEHOLDERS)
                assert all(needed <= has for needed, has in boxes), path
            await look(page, 320)  # words twice as large are as a screen of half the width (WCAG 1.4.10: 320 px)
            assert await overflow(page) == 0, path


async def test_a_page_says_the_same_without_scripts_and_a_missing_one_leads_back(browser: Browser, site: str) -> None:
    texts: dict[bool, list[str]] = {True: [], False: []}
    for scripts, said in texts.items():
        async with open_page(browser, site, scripts=scripts) as page:
            for path in PAGES:
                answer = await page.goto(site + path)
                assert answer is not None
                assert answer.status == (404 if "where" in path else 200)
                said.append(" ".join((await page.inner_text("main")).split()))
            await page.locator("main a").click()
            await page.wait_for_url(site)
            await page.goto(f"{site}t/formations")  # any page has the form
            await page.get_by_role("searchbox").fill(SURE)
            await page.get_by_role("searchbox").press("Enter")
            await page.wait_for_selector("#results a.hit")
            await expect(page.get_by_role("searchbox")).to_have_value(SURE)
            said += await page.locator("#results a.hit").evaluate_all("links => links.map(link => link.href)")
            assert f"{site}r/formation-fabmanager" in said
    assert texts[True] == texts[False]
    assert all(texts[True])


async def test_a_reader_says_what_is_wrong_by_keyboard_and_without_scripts(browser: Browser, site: str) -> None:
    for scripts in (True, False):
        async with open_page(browser, site, width=PHONE, scripts=scripts) as page:
            await page.goto(f"{site}r/formation-fabmanager")
            await page.get_by_role("button", name="Non").focus()
            await page.keyboard.press("Enter")
            await expect(page.get_by_role("heading", level=1)).to_have_text("Merci de l’avoir dit")
            if scripts:  # axe is one
                await check_looks(page)
            await page.get_by_role("link", name="Revenir à la réponse").click()
            await page.get_by_text("Cette réponse est fausse").focus()
            await page.keyboard.press("Enter")
            if scripts:
                await check_looks(page)
            await page.get_by_role("textbox", name="Qu’est-ce qui est faux").fill("Il manque le prix.")
            await page.keyboard.press("Tab")
            await page.keyboard.press("Enter")
            await expect(page.get_by_role("main")).to_contain_text("lira vos mots")


async def type_in(page: Page, text: str) -> None:
    await page.get_by_role("searchbox").press_sequentially(text)
    await page.wait_for_url(f"**/?q={quote(text)}")
    await expect(page.locator("#results")).to_have_attribute("aria-busy", "false")
    await expect(page.get_by_role("status")).to_contain_text("trouvée")


async def test_results_come_while_somebody_types_and_keys_walk_them(browser: Browser, site: str) -> None:
    async with open_page(browser, site) as page:
        await page.goto(site)
        await type_in(page, ASKED)
        hits, box = page.locator("#results a.hit"), page.get_by_role("searchbox")
        await expect(hits.first).to_have_attribute("href", FOUND)
        await expect(page.locator("#browse")).to_be_hidden()
        await check_looks(page)
        await box.focus()
        for key, focused in (("Down", hits.first), ("Down", hits.nth(1)), ("Up", hits.first), ("Up", box)):
            await page.keyboard.press(f"Arrow{key}")
            await expect(focused).to_be_focused()
        await box.press("ArrowDown")
        await page.keyboard.press("Escape")  # to the box, then to the themes
        await expect(box).to_be_focused()
        await expect(box).to_have_value(ASKED)
        await page.keyboard.press("Escape")
        await expect(page.locator("#browse")).to_be_visible()
        await expect(box).to_have_value("")
        await expect(page.locator("#results a")).to_have_count(0)
        await type_in(page, SURE)
        await expect(page.locator("#results .given")).to_contain_text("UTBM")
        await box.press("ArrowDown")
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"{site}r/formation-fabmanager")
        await page.go_back()
        await expect(box).to_have_value(SURE)
        await expect(hits.first).to_be_visible()


async def test_a_bot_that_went_away_is_said(browser: Browser, site: str) -> None:
    page = await browser.new_page()  # the console has the browser's own line about it
    await page.goto(site)
    await page.context.route("**/search?*", lambda route: route.abort())
    await page.type("#q", SURE)
    await page.wait_for_selector("#found:has-text('La recherche ne répond pas')")


async def test_what_is_printed_is_the_answer_alone(browser: Browser, site: str) -> None:
    async with open_page(browser, site, dark=True) as page:
        await page.goto(f"{site}r/formation-fabmanager")
        await page.emulate_media(media="print")
        for part in ("header", "footer", "form", "details"):
            await expect(page.locator(part).first).to_be_hidden()
        await expect(page.locator("article")).to_be_visible()
        assert await page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"


async def test_the_box_answers_on_another_site(browser: Browser, site: str) -> None:
    """Twelve lines, of another port and so of another origin; the third one names the bot's address."""
    [box] = re.findall(r"```html\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert len(box.splitlines()) <= 12
    assert "https://reponses.example.org" in box.splitlines()[2]
    there = box.replace("https://reponses.example.org", site.rstrip("/"))

    async def show(_: web.Request) -> web.Response:
        return web.Response(text=f"<!doctype html><title>Notre réseau</title>{there}", content_type="text/html")

    app = web.Application()
    app.add_routes([web.get("/", show)])
    async with listening(app) as elsewhere:
        page = await browser.new_page()
        await page.goto(f"{elsewhere}/")
        await page.fill("input", SURE)
        await page.press("input", "Enter")
        await page.wait_for_selector("#said a")
        assert await page.get_attribute("#said a >> nth=0", "href") == f"{site}r/formation-fabmanager"
        assert "UTBM" in await page.inner_text("#said")
        await page.fill("input", "xylophone quantique")
        await page.press("input", "Enter")
        await page.wait_for_function("document.getElementById('said').textContent.startsWith('Aucune')")
