"""Take the documents' pictures of the readers' pages: the shipped answers in Debian's chromium.

.venv/bin/python -m tools.page_pictures docs/images
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from playwright.async_api import Browser, Page

from bot.knowledge.library import Library
from tests.browser import PHONE, open_browser, open_page
from tests.reader_site import TODAY, reader_site, showing

KNOWLEDGE = Path(__file__).parents[1] / "knowledge"
QUESTION = "formation facilitatrise"


async def main(folder: Path) -> None:
    shown = showing(Library(KNOWLEDGE).load(TODAY).knowledge)
    async with reader_site(shown, public_url=None) as site, open_browser() as browser:
        address = str(site.http.base_url)
        await _search(browser, address, folder / "pages-recherche.png", 760, 620, dark=False)
        await _search(browser, address, folder / "pages-telephone.png", PHONE, 620, dark=True)


async def _search(browser: Browser, address: str, file: Path, width: int, height: int, *, dark: bool) -> None:
    """Take a picture of a search with a typo."""
    async with open_page(browser, address, width=width, dark=dark) as page:
        await page.set_viewport_size({"width": width, "height": height})
        await page.goto(address)
        await page.get_by_role("searchbox").press_sequentially(QUESTION)
        await page.locator("#results mark", has_text="facilitat").first.wait_for()
        await _picture(page, file)


async def _picture(page: Page, file: Path) -> None:
    await page.screenshot(path=file, animations="disabled", caret="hide")
    print(file)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
