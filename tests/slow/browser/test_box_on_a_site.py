"""The lines of docs/pages.md on a site of another address, in a real browser."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser

from tests.web import listening

DOCS = Path(__file__).parents[3] / "docs" / "pages.md"
PLACEHOLDER = "https://reponses.example.org"


def snippet() -> str:
    [html] = re.findall(r"```html\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    return str(html)


@pytest_asyncio.fixture(loop_scope="session")
async def elsewhere(site: str) -> AsyncIterator[str]:
    """A page of somebody's site with the box, of another port and so of another origin; it names the bot's address."""
    page = snippet().replace(PLACEHOLDER, site.rstrip("/"))

    async def show(_: web.Request) -> web.Response:
        return web.Response(text=f"<!doctype html><title>Notre réseau</title>{page}", content_type="text/html")

    app = web.Application()
    app.add_routes([web.get("/", show)])
    async with listening(app) as url:
        yield f"{url}/"


def test_it_is_as_short_as_the_guide_says() -> None:
    lines = snippet().splitlines()
    assert len(lines) <= 12
    assert PLACEHOLDER in lines[2]


async def test_the_box_answers_on_another_site(browser: Browser, site: str, elsewhere: str) -> None:
    page = await browser.new_page()
    await page.goto(elsewhere)
    await page.fill("input", "quelle formation pour devenir fabmanager ?")
    await page.press("input", "Enter")
    await page.wait_for_selector("#said a")
    assert await page.get_attribute("#said a >> nth=0", "href") == f"{site}r/formation-fabmanager"
    assert "UTBM" in await page.inner_text("#said")
    await page.fill("input", "xylophone quantique")
    await page.press("input", "Enter")
    await page.wait_for_function("document.getElementById('said').textContent.startsWith('Aucune')")
