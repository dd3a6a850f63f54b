"""The page that lists the networks of a process: who gets to see it, and what it does not say."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio

from bot.demo.homeserver import free_port
from tests.app.test_many_networks import running
from tests.browser import LOOKS, check_page, needs_browser, open_browser, open_page
from tests.running import write_network
from tests.waiting import PATIENCE, eventually


@dataclass
class Hosting:
    """A folder of networks whose homeserver does not answer, and their server."""

    networks: Path
    port: int
    http: httpx.AsyncClient

    def add(self, name: str, **more: Any) -> None:
        matrix = {"homeserver": "http://127.0.0.1:1", "user": "@c:x.example", "rooms": ["#a:x.example"]}
        web = {"address": self.port, "pages": True, "public_url": f"https://{name}.example"}
        write_network(self.networks / name, "password", **{"matrix": matrix, "web": web} | more)

    async def page(self, host: str = "") -> str:
        """What somebody reads under that name, or the status."""
        try:
            answer = await self.http.get("/", headers={"Host": host} if host else {})
        except httpx.TransportError:
            return ""
        return answer.text if answer.status_code == 200 else str(answer.status_code)

    async def until(self, words: str, times: int = 1) -> str:
        async def found() -> str:
            text = await self.page()
            return text if text.count(words) >= times else ""

        return await eventually(found)


@pytest_asyncio.fixture
async def hosting(tmp_path: Path) -> AsyncIterator[Hosting]:
    """With one network, `brest`."""
    (networks := tmp_path / "networks").mkdir()
    port = free_port()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as http:
        here = Hosting(networks, port, http)
        here.add("brest")
        async with running(networks):
            yield here


UNHEARD = "not ready: matrix: not reached yet"


async def test_it_lists_all_networks_and_no_contents_and_each_has_its_pages_under_its_name(hosting: Hosting) -> None:
    hosting.add("caen", answers={"feedback": "perhaps"})
    hosting.add("aix", language="en", web={"address": hosting.port})
    hosting.add("Rennes", web=None)
    page = await hosting.until("matrix: not reached yet", times=3)
    lines = re.findall(r"<li>(.*?)</li>", page, re.DOTALL)
    told = [f"aix {UNHEARD}", f"brest {UNHEARD}", "caen not served by this process", f"Rennes {UNHEARD}"]
    assert [" ".join(re.sub("<[^>]*>", " ", line).split()) for line in lines] == told
    assert re.findall(r'<a href="(h[^"]*)"', page) == ["https://brest.example"]
    for secret in (str(hosting.networks), "feedback", "password", "x.example", "127.0.0.1"):
        assert secret not in page
    styles = await hosting.http.get(re.findall(r'href="(assets/style[^"]*)"', page)[0])
    assert styles.headers["Content-Type"].startswith("text/css")
    assert (await hosting.http.get("/desk")).status_code == 404
    assert (await hosting.http.post("/")).status_code == 405
    own = ("localhost", f"localhost:{hosting.port}", "[::1]:8080", "192.0.2.7", "gateway")
    of_readers = ("brest.example", "BREST.example:443", "brest", "aix", "caen", "caen.example", "brest.example.")
    for host in (*own, *of_readers):
        assert ("caen" in await hosting.page(host)) == (host in own), host
    for host in ("brest.example", "BREST.example:443", "brest"):
        assert "Formations" in await hosting.page(host), host
    for host in ("other.example", "[", "rennes"):
        assert await hosting.page(host) in ("404", "400"), host
    assert await hosting.page("caen") == "503"
    assert (await hosting.http.get("/desk", headers={"Host": "brest.example"})).status_code != 404
    figures = (await hosting.http.get("/metrics")).text
    entries = re.findall(r'^concierge_knowledge_entries{network="(\w+)"} 2', figures, re.MULTILINE)
    assert sorted(entries) == ["aix", "brest"]
    assert len(re.findall("^process_resident_memory_bytes ", figures, re.MULTILINE)) == 1
    missing = (await hosting.http.get("/ready")).text.splitlines()
    assert sorted(missing) == ["aix: matrix: not reached yet", "brest: matrix: not reached yet"]


async def test_alone_it_has_its_pages_there_until_another_comes_whose_readers_never_get_them(hosting: Hosting) -> None:
    await hosting.until("Formations")
    hosting.add("nancy", store=f"sqlite:///{hosting.networks}/brest/var/concierge.db")
    await hosting.until("n’est pas servi par ce programme")
    codes = [await hosting.page(host) for host in ("nancy.example", "nancy", "other.example")]
    assert codes == ["503", "503", "404"]  # another worker may serve it
    assert "Formations" in await hosting.page("brest.example")


@needs_browser
async def test_everybody_can_read_it(hosting: Hosting) -> None:
    hosting.add("caen", answers={"feedback": "perhaps"})
    hosting.add("nancy")
    await hosting.until("not reached yet", times=2)
    async with open_browser() as chrome:
        for width, dark in LOOKS:
            address = f"http://127.0.0.1:{hosting.port}"
            async with open_page(chrome, address, width=width, dark=dark) as page:
                await page.goto(address)
                await check_page(page)
