"""The pages as files, opened from a disk in a real browser: nothing is fetched, and the search finds."""

from datetime import date

import pytest
from playwright.async_api import Browser, Page, expect

from bot.knowledge.library import Library
from bot.locale import wording
from bot.pages import site_folder
from bot.pages.publication import Publication
from bot.pages.static_site import SUFFIX, site_files
from bot.pages.templates import Templates
from bot.text.folding import fold, words
from tests.browser import check_looks, open_page
from tests.slow.browser.conftest import KNOWLEDGE

PAGES = ("index.html", "t/formations.html", "r/formation-fabmanager.html")
FOUND = {
    "formation facilitatrise": "r/formation-facilitateur.html",
    "qui paye le poste": "r/qui-paie.html",
    "FICHES DE POSTE FABMANAGEURS": "r/fiche-fabmanager.html",
    "servise civik tuteur": "r/service-civique-tutorat.html",
    "benevole salarie difference": "r/benevole-salarie-volontaire.html",
    "c koi un fablab": "r/fablab.html",
    "tierslieu c koi": "r/tiers-lieu.html",
    "on fait quoi dans un fab lab": "r/fablab.html",
}
DISK = "file://"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the folder, with a slash."""
    folder, today = tmp_path_factory.mktemp("site"), date(2026, 11, 28)
    shown = Publication(Library(KNOWLEDGE).load(today).knowledge, frozenset(), today)
    site_folder.replace(folder, site_files(shown, Templates(wording("fr"), "Concierge", suffix=SUFFIX)))
    return f"{DISK}{folder}/"


async def type_in(page: Page, text: str) -> None:
    box = page.get_by_role("searchbox")
    await box.fill("")
    await box.press_sequentially(text)
    await expect(page.get_by_role("status")).to_contain_text("réponse")


async def test_everybody_can_read_the_pages_and_the_results_from_a_disk(browser: Browser, site: str) -> None:
    async with open_page(browser, DISK) as page:
        for path in PAGES:
            await page.goto(site + path)
            await check_looks(page)
        await page.goto(f"{site}index.html")
        await type_in(page, "formation")
        await check_looks(page)
        hits, box = page.locator("#results a"), page.get_by_role("searchbox")
        await box.focus()
        for key, focused in (("Down", hits.first), ("Down", hits.nth(1)), ("Up", hits.first), ("Up", box)):
            await page.keyboard.press(f"Arrow{key}")
            await expect(focused).to_be_focused()


async def test_the_search_finds_in_spite_of_typos_and_other_endings(browser: Browser, site: str) -> None:
    async with open_page(browser, DISK) as page:
        for text, answer in FOUND.items():
            await page.goto(f"{site}index.html")
            await type_in(page, text)
            await expect(page.locator("#results a").first).to_have_attribute("href", answer)
        await page.locator("#results a").first.click()
        await page.wait_for_url(site + answer)
        await page.go_back()
        await expect(page.get_by_role("searchbox")).to_have_value(text)
        await expect(page.locator("#results a").first).to_have_attribute("href", answer)
        await page.goto(f"{site}r/formation-fabmanager.html")  # from any page
        await page.get_by_role("searchbox").fill(text)
        await page.get_by_role("searchbox").press("Enter")
        await expect(page.locator("#results a").first).to_have_attribute("href", answer)
        await expect(page.get_by_role("searchbox")).to_have_value(text)


async def test_the_index_is_loaded_at_the_first_key_and_nothing_found_is_said(browser: Browser, site: str) -> None:
    asked: list[str] = []
    async with open_page(browser, DISK) as page:
        page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
        await page.goto(f"{site}index.html")
        assert "static-search.js" in asked
        assert "search-index.js" not in asked
        status, theme = page.get_by_role("status"), page.get_by_role("link", name="Formations", exact=True)
        await type_in(page, "xylophone quantique")
        await expect(status).to_contain_text("Aucune réponse")
        await expect(theme).to_be_visible()
        assert asked.count("search-index.js") == asked.count("minisearch-7.2.0.js") == 1
        await page.get_by_role("searchbox").fill("")
        await expect(status).to_have_text("")
        await expect(theme).to_be_visible()
        await expect(page.locator("#results a")).to_have_count(0)


async def test_without_scripts_the_themes_lead_to_every_answer(browser: Browser, site: str) -> None:
    async with open_page(browser, DISK, scripts=False) as page:
        await page.goto(f"{site}index.html")
        await expect(page.get_by_role("searchbox")).to_have_count(0)
        await page.get_by_role("link", name="Formations", exact=True).click()
        await expect(page.get_by_role("searchbox")).to_have_count(0)
        await page.locator("main a[href*='formation-fabmanager']").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("fabmanager")


async def test_words_are_read_in_the_browser_as_the_bot_reads_them(browser: Browser, site: str) -> None:
    """Its tables are the bot's; so its stems must be."""
    text = " ".join(path.read_text(encoding="utf-8") for path in sorted(KNOWLEDGE.glob("*.yaml")))
    plain = sorted({word for word in fold(text).split() if word.isalnum() and word.isascii()})
    async with open_page(browser, DISK) as page:
        await page.goto(f"{site}index.html")
        await type_in(page, "formation")
        assert len(plain) > 2000
        stems = await page.evaluate(
            "async words => { const index = await conciergeSearch.open(); return words.map(index.terms); }", plain
        )
    different = {
        word: (mine, theirs) for word, theirs in zip(plain, stems, strict=True) if (mine := words(word)) != theirs
    }
    assert different == {}
