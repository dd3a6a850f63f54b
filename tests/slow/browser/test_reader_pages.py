"""Every readers' page in a real browser: on a phone and on a desk, light and dark, by keyboard, without scripts."""

from __future__ import annotations

from itertools import product

import pytest
from playwright.async_api import Browser

from tests.browser import WIDTHS, check_page, open_page

PAGES = ("", "t/formations", "r/formation-fabmanager")


@pytest.mark.parametrize("path", PAGES)
async def test_everybody_can_read_it(browser: Browser, site: str, path: str) -> None:
    for width, dark in product(WIDTHS, (False, True)):
        async with open_page(browser, site, width=width, dark=dark) as page:
            await page.goto(site + path)
            await check_page(page)


@pytest.mark.parametrize("path", PAGES)
async def test_it_says_the_same_without_scripts(browser: Browser, site: str, path: str) -> None:
    texts = []
    for scripts in (True, False):
        async with open_page(browser, site, scripts=scripts) as page:
            await page.goto(site + path)
            texts.append(await page.inner_text("main"))
    assert texts[0] == texts[1] != ""
