"""The search in a real browser: while somebody types, by keyboard alone, and without scripts."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page

from tests.browser import LOOKS, PHONE, check_page, open_page

SURE, VAGUE, NOTHING = "quelle formation pour devenir fabmanager", "formatoin", "xylophone quantique"


@pytest.mark.parametrize("question", [SURE, VAGUE, NOTHING])
async def test_everybody_can_read_the_results(browser: Browser, site: str, question: str) -> None:
    for width, dark in LOOKS:
        async with open_page(browser, site, width=width, dark=dark) as page:
            await page.goto(f"{site}?q={question}")
            await check_page(page)


async def test_a_page_that_is_not_there_can_be_read(browser: Browser, site: str) -> None:
    async with open_page(browser, site, width=PHONE) as page:
        await page.goto(f"{site}r/nope/nowhere")
        await check_page(page)


async def typed(page: Page, text: str) -> None:
    await page.type("#q", text)
    await page.wait_for_selector("#results a.hit")


async def test_results_come_while_somebody_types_and_keys_walk_them(browser: Browser, site: str) -> None:
    async with open_page(browser, site) as page:
        await page.goto(site)
        await typed(page, SURE)
        await page.locator("#results h2").first.filter(has_text="fabmanager").wait_for()  # of all the words
        assert "UTBM" in await page.inner_text("#results .given")
        assert "trouvée" in await page.inner_text("[role=status]")
        assert await page.is_hidden("#browse")
        await check_page(page)
        await page.focus("#q")
        await page.keyboard.press("ArrowDown")
        first = await page.evaluate("document.activeElement.href")
        await page.keyboard.press("ArrowDown")
        assert await page.evaluate("document.activeElement.className") == "hit"
        assert await page.evaluate("document.activeElement.href") != first
        await page.keyboard.press("ArrowUp")
        await page.keyboard.press("Enter")
        await page.wait_for_url(first)
        await page.go_back()
        assert await page.input_value("#q") == SURE
        await page.wait_for_selector("#results a.hit")


async def test_escape_leads_back_to_the_box_then_to_the_themes(browser: Browser, site: str) -> None:
    async with open_page(browser, site) as page:
        await page.goto(site)
        await typed(page, VAGUE)
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Escape")
        assert await page.evaluate("document.activeElement.id") == "q"
        assert await page.input_value("#q") == VAGUE
        await page.keyboard.press("Escape")
        await page.wait_for_selector("#browse", state="visible")
        assert await page.input_value("#q") == ""
        assert await page.locator("#results a").count() == 0


async def test_the_form_finds_the_same_without_scripts(browser: Browser, site: str) -> None:
    found = []
    for scripts in (True, False):
        async with open_page(browser, site, scripts=scripts) as page:
            await page.goto(f"{site}r/formation-fabmanager")
            await page.fill("#quick", SURE)
            await page.press("#quick", "Enter")
            await page.wait_for_selector("#results a.hit")
            found.append(await page.locator("#results a.hit").evaluate_all("links => links.map(link => link.href)"))
    assert found[0] == found[1]
    assert found[0][0] == f"{site}r/formation-fabmanager"


async def test_a_bot_that_went_away_is_said(browser: Browser, site: str) -> None:
    page = await browser.new_page()
    await page.goto(site)
    await page.context.route("**/search?*", lambda route: route.abort())
    await page.type("#q", SURE)
    await page.wait_for_selector("#found:has-text('La recherche ne répond pas')")
