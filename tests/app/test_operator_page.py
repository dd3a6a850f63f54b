"""The page that lists the networks of a process: who gets to see it, and what it does not say."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.demo.homeserver import free_port
from tests.app.test_many_networks import running
from tests.browser import LOOKS, check_page, needs_browser, open_browser, open_page
from tests.running import FORMATION
from tests.waiting import PATIENCE, eventually


@pytest.fixture
def networks(tmp_path: Path) -> Path:
    (folder := tmp_path / "networks").mkdir()
    return folder


def add(networks: Path, name: str, port: int, **more: Any) -> None:
    """One whose homeserver does not answer."""
    folder = networks / name
    (folder / "knowledge").mkdir(parents=True)
    (folder / "secrets").mkdir()
    (folder / "secrets" / "matrix_password").write_text("password", "utf-8")
    (folder / "knowledge" / "a.yaml").write_text(FORMATION, "utf-8")
    matrix = {"homeserver": "http://127.0.0.1:1", "user": "@c:x.example", "rooms": ["#a:x.example"]}
    web = {"address": port, "pages": True, "public_url": f"https://{name}.example"}
    settings = {"matrix": matrix, "matching": {"encoder": False}, "web": web} | more
    (folder / "config.yaml").write_text(json.dumps(settings), "utf-8")


async def test_it_lists_all_networks_and_no_contents(networks: Path) -> None:
    port = free_port()
    add(networks, "brest", port, language="en")
    add(networks, "caen", port, answers={"feedback": "perhaps"})
    add(networks, "nancy", port, web={"address": port})
    add(networks, "Rennes", port, web=None)
    address = f"http://127.0.0.1:{port}"
    async with running(networks), httpx.AsyncClient(base_url=address, timeout=PATIENCE) as http:

        async def shown(host: str = "") -> str:
            try:
                answer = await http.get("/", headers={"Host": host} if host else {})
            except httpx.TransportError:
                return ""
            return answer.text if answer.status_code == 200 else str(answer.status_code)

        def is_overview(text: str) -> bool:
            return '<ul class="themes">' in text and "caen" in text

        async def all_have_started() -> bool:
            return (await shown()).count("matrix: not reached yet") == 3

        await eventually(all_have_started)
        page = await shown()
        lines = re.findall(r"<li>(.*?)</li>", page, re.DOTALL)
        assert [re.sub(r"<[^>]*>|\s+", " ", line).split() for line in lines] == [
            ["brest", *"not ready: matrix: not reached yet".split()],
            ["caen", *"not served by this process".split()],
            ["nancy", *"not ready: matrix: not reached yet".split()],
            ["Rennes", *"not ready: matrix: not reached yet".split()],
        ]
        assert re.findall(r'<a href="(h[^"]*)"', page) == ["https://brest.example"]
        for secret in (str(networks), "feedback", "password", "x.example", "127.0.0.1"):
            assert secret not in page
        styles = await http.get(re.findall(r'href="(assets/style[^"]*)"', page)[0])
        assert styles.headers["Content-Type"].startswith("text/css")
        assert (await http.get("/desk")).status_code == 404
        assert (await http.post("/")).status_code == 405

        for host in ("localhost", f"localhost:{port}", "[::1]:8080", "192.0.2.7", "gateway"):
            assert is_overview(await shown(host)), host
        for host in ("brest.example", "BREST.example:443", "brest", "nancy", "caen", "caen.example", "brest.example."):
            assert not is_overview(await shown(host)), host
        for host in ("other.example", "[", "rennes"):
            assert await shown(host) in ("404", "400"), host
        assert await shown("caen") == "503"


async def test_a_network_alone_has_its_pages_there_until_another_comes_even_a_faulty_one(networks: Path) -> None:
    port = free_port()
    add(networks, "brest", port)
    address = f"http://127.0.0.1:{port}"
    async with running(networks), httpx.AsyncClient(base_url=address, timeout=PATIENCE) as http:

        async def has_its_pages() -> bool:
            try:
                return "Formations" in (await http.get("/")).text
            except httpx.TransportError:
                return False

        async def lists_both() -> bool:
            page = (await http.get("/")).text
            return "brest" in page and "caen" in page

        await eventually(has_its_pages)
        add(networks, "caen", port, answers={"feedback": "perhaps"})
        await eventually(lists_both)


async def test_readers_of_one_that_is_not_served_do_not_get_the_pages_of_the_other(networks: Path) -> None:
    port = free_port()
    add(networks, "brest", port)
    add(networks, "nancy", port, store=f"sqlite:///{networks}/brest/var/concierge.db")
    address = f"http://127.0.0.1:{port}"
    async with running(networks), httpx.AsyncClient(base_url=address, timeout=PATIENCE) as http:

        async def shown(host: str) -> str:
            try:
                answer = await http.get("/", headers={"Host": host})
            except httpx.TransportError:
                return ""
            return answer.text if answer.status_code == 200 else str(answer.status_code)

        async def has_its_pages() -> bool:
            return "Formations" in await shown("brest.example")

        await eventually(has_its_pages)
        codes = [await shown(host) for host in ("nancy.example", "nancy", "other.example")]
        assert codes == ["503", "503", "404"]  # another worker may serve it
        assert "n’est pas servi par ce programme" in await shown("localhost")


@needs_browser
@pytest.mark.parametrize(("width", "dark"), LOOKS)
async def test_everybody_can_read_it(networks: Path, width: int, dark: bool) -> None:
    port = free_port()
    add(networks, "brest", port)
    add(networks, "caen", port, answers={"feedback": "perhaps"})
    add(networks, "nancy", port)
    address = f"http://127.0.0.1:{port}"
    async with (
        running(networks),
        httpx.AsyncClient(base_url=address, timeout=PATIENCE) as http,
        open_browser() as chrome,
    ):

        async def is_there() -> bool:
            try:
                return "not reached yet" in (await http.get("/")).text
            except httpx.TransportError:
                return False

        await eventually(is_there)
        async with open_page(chrome, address, width=width, dark=dark) as page:
            await page.goto(address)
            await check_page(page)
