"""Which links are called dead, moved or doubtful: a real web server on this machine, asked as any other."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from aiohttp import web

from bot.cli.links import check_links
from bot.links import check, is_public
from bot.wording import wording

KNOWLEDGE = """\
theme: "Liens"
entries:
  - id: ancien
    title: "Un ancien lien"
    questions: ["Où est passé l'ancien lien ?"]
    links: [{{title: "Ancien", url: "{url}/gone"}}, {{title: "Ailleurs", url: "{url}/old"}}]
"""


class Site:
    """Answers by path, and remembers who was asked how."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.method, request.path))
        match request.path:
            case "/old":
                raise web.HTTPMovedPermanently("/new")
            case "/for-now":
                raise web.HTTPFound("/new")
            case "/loop":
                raise web.HTTPFound("/loop")
            case "/inside":
                raise web.HTTPFound("http://10.0.0.1/")
            case "/no-head" if request.method == "HEAD":
                return web.Response(status=405)
            case "/gone" | "/busy" | "/closed" as path:
                return web.Response(status={"/gone": 404, "/busy": 503, "/closed": 403}[path])
        return web.Response(text="ok")


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", site.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield site
    await runner.cleanup()


def here(address: str) -> bool:
    return address == "127.0.0.1"


@pytest.mark.parametrize(
    ("path", "state", "detail"),
    [
        ("/fine", "right", "200"),
        ("/no-head", "right", "200"),
        ("/for-now", "right", "200"),
        ("/old", "moved", "/new"),
        ("/gone", "dead", "404"),
        ("/busy", "unsure", "503"),
        ("/closed", "unsure", "403"),
        ("/loop", "unsure", "too many redirects"),
        ("/inside", "unsure", "private address"),
    ],
)
async def test_what_a_link_leads_to(site: Site, path: str, state: str, detail: str) -> None:
    [checked] = await check([site.url + path], allowed=here)
    assert (checked.state, detail in checked.detail) == (state, True)


async def test_a_private_address_is_not_even_knocked_at(site: Site) -> None:
    [checked] = await check([f"{site.url}/fine"])
    assert checked.state == "unsure"
    assert site.asked == []


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "::1", "fe80::1%eth0"])
def test_addresses_inside_a_network_are_not_public(address: str) -> None:
    assert not is_public(address)


async def test_nobody_listening_is_no_dead_link() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        [checked] = await check([f"http://127.0.0.1:{free.getsockname()[1]}/"], allowed=here)
    assert checked.state == "unsure"


async def test_without_any_network_no_link_is_called_dead() -> None:
    found = await check(["https://nowhere.invalid/", "https://elsewhere.invalid/"])
    assert {checked.state for checked in found} == {"unsure"}


async def test_mail_addresses_are_left_alone() -> None:
    assert await check(["mailto:ana@example.org"]) == []


async def test_a_dead_link_is_told_with_its_place(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "liens.yaml").write_text(KNOWLEDGE.format(url=site.url), encoding="utf-8")
    [dead] = await asyncio.to_thread(check_links, tmp_path, date(2026, 11, 24), wording("fr"), here)
    assert dead.say(wording("fr")).startswith(f"{tmp_path / 'liens.yaml'}:3: ")
    assert f"{site.url}/gone" in dead.say(wording("fr"))
    assert f"{site.url}/new" in capsys.readouterr().out
