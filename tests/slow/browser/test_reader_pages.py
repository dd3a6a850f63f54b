"""Every readers' page of a running bot in a real browser: on a phone and on a desk, light and dark, by keyboard alone,
and without scripts."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser import DESKTOP, LOOKS, PHONE, check_page, open_page

PAGES = (
    "",
    "t/formations",
    "r/formation-fabmanager",
    "?q=formation+facilitatrise",
    "?q=xylophone",
    "r/nowhere",
    "no/where",
)
ASKED, FOUND = "formation facilitatrise", "r/formation-facilitateur"


async def type_in(page: Page, text: str) -> None:
    await page.get_by_role("searchbox").press_sequentially(text)
    await page.wait_for_url(f"**/?q={quote(text)}")
    await expect(page.locator("#results")).to_have_attribute("aria-busy", "false")
    await expect(page.get_by_role("status")).to_contain_text("trouvée")


@pytest.mark.parametrize("path", PAGES)
async def test_everybody_can_read_it(browser: Browser, site: str, path: str) -> None:
    for width, dark in LOOKS:
        async with open_page(browser, site, width=width, dark=dark) as page:
            await page.goto(site + path)
            await expect(page.get_by_role("heading", level=1)).to_be_visible()
            await check_page(page)


@pytest.mark.parametrize("path", PAGES)
async def test_it_says_the_same_without_scripts(browser: Browser, site: str, path: str) -> None:
    texts = []
    for scripts in (True, False):
        async with open_page(browser, site, scripts=scripts) as page:
            await page.goto(site + path)
            texts.append(" ".join((await page.inner_text("main")).split()))
    assert texts[0] == texts[1] != ""


async def test_an_address_that_leads_nowhere_leads_back(browser: Browser, site: str) -> None:
    async with open_page(browser, site) as page:
        answer = await page.goto(f"{site}r/nowhere")
        assert answer is not None
        assert answer.status == 404
        await page.locator("main a").click()
        await page.wait_for_url(site)


async def test_results_come_while_somebody_types_and_can_be_read_by_everybody(browser: Browser, site: str) -> None:
    for width, dark in LOOKS:
        async with open_page(browser, site, width=width, dark=dark) as page:
            await page.goto(site)
            await type_in(page, ASKED)
            await expect(page.locator("#results a.hit").first).to_have_attribute("href", FOUND)
            await check_page(page)


async def test_results_can_be_walked_by_the_keyboard_alone(browser: Browser, site: str) -> None:
    async with open_page(browser, site) as page:
        await page.goto(site)
        await page.get_by_role("searchbox").focus()
        await type_in(page, ASKED)
        await page.keyboard.press("ArrowDown")
        await expect(page.locator("#results a.hit").first).to_be_focused()
        await page.keyboard.press("ArrowUp")
        await expect(page.get_by_role("searchbox")).to_be_focused()
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await page.wait_for_url(site + FOUND)
        await page.go_back()
        await expect(page.get_by_role("searchbox")).to_have_value(ASKED)


async def test_the_form_finds_without_scripts_from_any_page(browser: Browser, site: str) -> None:
    async with open_page(browser, site, scripts=False, width=PHONE) as page:
        await page.goto(f"{site}t/formations")
        await page.get_by_role("searchbox").fill(ASKED)
        await page.get_by_role("searchbox").press("Enter")
        await expect(page.locator("#results a.hit").first).to_have_attribute("href", FOUND)
        await expect(page.get_by_role("searchbox")).to_have_value(ASKED)


async def test_words_can_be_twice_as_large(browser: Browser, site: str) -> None:
    """As on a screen of half the width (WCAG 1.4.10: 320 px)."""
    for path in PAGES:
        async with open_page(browser, site, width=320) as page:
            await page.goto(site + path)
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide <= 320, path


async def test_what_is_printed_is_the_answer_alone(browser: Browser, site: str) -> None:
    async with open_page(browser, site, width=DESKTOP, dark=True) as page:
        await page.goto(f"{site}r/formation-fabmanager")
        await page.emulate_media(media="print")
        for part in ("header", "footer", "form", "details"):
            await expect(page.locator(part).first).to_be_hidden()
        await expect(page.locator("article")).to_be_visible()
        assert await page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
