"""Pictures in Element's web client, built in a folder outside of the project (`index.html`, `bundles/`, …)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from bot.demo.homeserver import free_port
from tools.pictures.chromium import Page
from tools.pictures.session import Session

DESKTOP, PHONE = (1200, 1000), (420, 900)
PAGES = 5  # screens of a room at most
_PANEL = "document.querySelector('.mx_RoomView_messagePanel.mx_ScrollPanel, .mx_RoomView_messagePanel .mx_ScrollPanel')"
_BARE = """
    .mx_ToastContainer, .mx_RoomView_MessageList > li:has(.mx_GenericEventListSummary) { display: none !important }
"""
SEEN = {"releaseAnnouncementData": {"threadsActivityCentre": True}}
"""Of the account data `im.vector.web.settings`: what is new in the client need not be told again."""

_AS_PHONE = ".mx_LeftPanel_outerWrapper, .mx_LeftPanel_wrapper, .mx_ResizeHandle { display: none !important }"
_SETTLED = "document.querySelectorAll('.mx_EventTile').length > 0 && !document.querySelector('.mx_Spinner')"


@asynccontextmanager
async def served(folder: Path, homeserver: str) -> AsyncIterator[str]:
    """The client's address. It reads the homeserver from `config.json`, which is made up here."""
    server = {"base_url": homeserver, "server_name": "localhost"}
    config = {"default_server_config": {"m.homeserver": server}, "brand": "Element", "default_theme": "light"}

    async def settings(_: web.Request) -> web.Response:
        return web.json_response(config)

    async def page(_: web.Request) -> web.FileResponse:
        return web.FileResponse(folder / "index.html")

    app = web.Application()
    app.add_routes([web.get("/config.json", settings), web.get("/", page), web.static("/", folder)])
    runner, port = web.AppRunner(app), free_port()
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


async def log_in(page: Page, address: str, session: Session) -> None:
    """As if the client had been used before by this person."""
    values = {
        "mx_hs_url": session.homeserver,
        "mx_user_id": session.user,
        "mx_device_id": session.device,
        "mx_access_token": session.token,
        "mx_has_access_token": "true",
        "mx_is_guest": "false",
        "mx_local_settings": json.dumps({"language": "fr", "showHiddenEventsInTimeline": False}),
    }
    await page.call("Page.navigate", url=f"{address}/config.json")
    await page.until("document.readyState == 'complete'")
    await page.evaluate(
        f"Object.entries({json.dumps(values)}).forEach(([key, value]) => localStorage.setItem(key, value))"
    )
    await page.call("Page.navigate", url=f"{address}/")
    await page.until("document.querySelector('.mx_RoomTile')")


async def picture(page: Page, room: str, folder: Path, name: str) -> None:
    """A room from its end upwards, on a desktop and as narrow as on a phone, and a thread of it, if there is one."""
    await page.evaluate(f"location.hash = '#/room/{room}'")
    for suffix, size, style in (("phone", PHONE, _BARE + _AS_PHONE), ("desktop", DESKTOP, _BARE)):
        await page.resize(*size)
        await _style(page, style)
        await page.until(_SETTLED)
        await _pages(page, folder, f"element-{name}-{suffix}")
    if await page.evaluate("!!document.querySelector('.mx_ThreadSummary')"):
        await page.evaluate("document.querySelector('.mx_ThreadSummary').click()")
        await page.until("document.querySelector('.mx_ThreadView .mx_EventTile')")
        await _quiet(page)
        await page.picture(folder / f"element-{name}-thread.png")


async def _pages(page: Page, folder: Path, name: str) -> None:
    """The last screen is 1."""
    await _quiet(page)
    await page.evaluate(f"{_PANEL}.scrollTop = {_PANEL}.scrollHeight")
    for number in range(1, PAGES + 1):
        await _quiet(page)
        await page.picture(folder / f"{name}-{number}.png")
        if await page.evaluate(f"{_PANEL}.scrollTop < 5"):
            return
        await page.evaluate(f"{_PANEL}.scrollTop -= {_PANEL}.clientHeight - 40")


async def _style(page: Page, style: str) -> None:
    await page.evaluate(
        "(document.getElementById('bare') || document.head.appendChild("
        f"Object.assign(document.createElement('style'), {{id: 'bare'}}))).textContent = {json.dumps(style)}"
    )


async def _quiet(page: Page) -> None:
    """A client goes on loading what it shows: it is done when nothing has changed for a while."""
    await page.evaluate("""new Promise(done => {
        let timer = setTimeout(done, 1200);
        new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(done, 600); })
            .observe(document.body, { subtree: true, childList: true });
        setTimeout(done, 6000);
    })""")
