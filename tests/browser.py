"""Pages in a real browser, Debian's Chromium driven by Playwright, and what is asked of every page of the bot.

async with open_page(browser, address, width=PHONE, dark=True) as page:
    await page.goto(address)
    await check_page(page)
"""

import json
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from playwright.async_api import Browser, ConsoleMessage, Page, Request, async_playwright, expect

from tests.french import slips
from tests.waiting import PATIENCE

PHONE, DESKTOP, HEIGHT = 360, 1280, 800  # pixels
LOOKS = ((PHONE, False), (DESKTOP, True))
"""Width, and whether it is dark: colours do not depend on the width."""
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NO_BROWSER = "there is no chromium here; on Debian and Ubuntu: apt install chromium"
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
]
MILLISECONDS = 1000 * PATIENCE
expect.set_options(timeout=MILLISECONDS)
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason=NO_BROWSER)

_CONTROLS = """() => {
  window.reached = [];
  document.addEventListener('keyup', () => reached.push(focused()), true);
  const focused = () => {
    const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
    const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1;
    const within = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    const isSeen = within && (outlined || style.boxShadow !== 'none');
    return isSeen ? controls.findIndex(it => it === one || (it.type === 'radio' && it.name === one.name)) : -1;
  };
  const all = document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]:not([tabindex^="-"])');
  const radios = new Set();
  window.controls = [...all].filter(one => {
    if (one.disabled || !one.checkVisibility()) return false;
    if (one.type !== 'radio') return true;
    const known = radios.has(one.name);
    radios.add(one.name);
    return !known;
  });
  document.activeElement.blur();
  return window.controls.map(one => one.outerHTML.slice(0, 120));
}"""
_WORDS = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [document.title];
  for (let node; (node = walker.nextNode());) {
    const parent = node.parentElement;
    const isProse = !parent.closest('script, style, code, pre, textarea, [lang=en]');
    if (isProse && node.data.trim() && parent.checkVisibility())
      found.push(node.data);
  }
  for (const one of document.querySelectorAll('[aria-label], [placeholder], [title], [alt]'))
    for (const name of ['aria-label', 'placeholder', 'title', 'alt'])
      if (one.getAttribute(name)) found.push(one.getAttribute(name));
  return found.map(text => text.replace(/[ \\t\\r\\n]+/g, ' ').trim());
}"""


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS, timeout=MILLISECONDS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def open_page(
    browser: Browser, address: str, *, width: int = DESKTOP, dark: bool = False, scripts: bool = True, **more: Any
) -> AsyncIterator[Page]:
    """A page of a visitor of their own, not gone anywhere yet; `address`: of the site. `more`: as for
    `Browser.new_context`. In the end nothing was asked of any other host, and the console has no complaint: no error
    of a script, nothing that the content security policy refused.
    """
    context = await browser.new_context(
        viewport={"width": width, "height": HEIGHT},
        color_scheme="dark" if dark else "light",
        java_script_enabled=scripts,
        locale="fr-FR",
        **more,
    )
    context.set_default_timeout(MILLISECONDS)
    page, trouble = await context.new_page(), list[str]()
    page.on("request", lambda request: trouble.extend(_foreign(request, address)))
    page.on("console", lambda message: trouble.extend(_complaint(message, page)))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    try:
        yield page
        assert not trouble, f"{page.url}: {trouble}"
    finally:
        await context.close()


def _foreign(request: Request, address: str) -> list[str]:
    site, asked = urlsplit(address), urlsplit(request.url)
    is_own = asked.scheme in ("data", "blob") or (asked.scheme, asked.netloc) == (site.scheme, site.netloc)
    return [] if is_own else [f"asked of another host: {request.url}"]


def _complaint(message: ConsoleMessage, page: Page) -> list[str]:
    """A page that answers 404 on purpose is no fault."""
    is_of_page = message.text.startswith("Failed to load resource") and message.location["url"] == page.url
    return (
        [f"{message.text} {message.location['url']}"] if message.type in ("error", "warning") and not is_of_page else []
    )


async def check_page(page: Page, *, prose: bool = True) -> None:
    """All that is asked of a page as it stands now; by keyboard unless it is a phone's. `prose`: its French as well."""
    faults: dict[str, object] = {
        "scrolls sideways, by pixels": await overflow(page),
        "axe": await axe(page),
        "Tab does not reach it, or its focus is not seen": [] if is_phone(page) else await unreachable(page),
        "French typography": await typography(page) if prose else {},
    }
    found = {name: fault for name, fault in faults.items() if fault}
    assert not found, f"{page.url}: {json.dumps(found, ensure_ascii=False, indent=1)}"


async def check_looks(page: Page, *, prose: bool = True) -> None:
    """The same on a phone and on a large screen, in light and in dark."""
    for width, dark in LOOKS:
        await look(page, width, dark=dark)
        await check_page(page, prose=prose)


async def look(page: Page, width: int, *, dark: bool = False) -> None:
    await page.set_viewport_size({"width": width, "height": HEIGHT})
    await page.emulate_media(color_scheme="dark" if dark else "light")


def is_phone(page: Page) -> bool:
    """It has no Tab key."""
    return page.viewport_size is not None and page.viewport_size["width"] <= PHONE


async def overflow(page: Page) -> int:
    """Pixels that the page is wider than its window."""
    return int(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


async def axe(page: Page) -> list[str]:
    """What axe, all its rules on, finds: the rule and the element. It fetches the style sheets anew, which it cannot do
    from a disk, for a phone alone: they are the same on a large screen."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    options = {"resultTypes": ["violations"], "preload": is_phone(page) and not page.url.startswith("file:")}
    found = await page.evaluate("options => axe.run(options).then(result => result.violations)", options)
    return [f"{one['id']}: {node['html']} {node.get('failureSummary', '')}" for one in found for node in one["nodes"]]


async def unreachable(page: Page) -> list[str]:
    """The controls that Tab does not reach, or where the focus cannot be seen."""
    controls: list[str] = await page.evaluate(_CONTROLS)
    stops = len(controls) + 3 * sum('type="date"' in control for control in controls)  # day, month, year, calendar
    for _ in range(stops + 1):  # one more where a browser begins at the document
        await page.keyboard.press("Tab")
    seen = await page.evaluate("reached")
    return [control for number, control in enumerate(controls) if number not in seen]


async def typography(page: Page) -> dict[str, list[str]]:
    """The visible texts, by node, and labels that are not set as French is; code and addresses aside."""
    texts = [re.sub(r"\S+@\S+|\bmailto:\S+", "x", text) for text in await page.evaluate(_WORDS)]
    return {text: found for text in texts if (found := slips(text))}
