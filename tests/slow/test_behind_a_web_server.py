"""The blocks of docs/pages.md and docs/hosting.md, run by the web servers that they are for: pages pass, what is for
machines does not."""

import asyncio
import getpass
import json
import re
import shutil
import socket
from asyncio.subprocess import DEVNULL, STDOUT
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import httpx
import pytest
import yaml
from aiohttp import web

from bot.demo.homeserver import Homeserver, free_port
from tests.forum.hooks import sign
from tests.reliability.fleet import Served, open_fleet
from tests.waiting import PATIENCE, eventually
from tests.web import HEADER, SECRET, WEBHOOK, answering, listening, running_pages

DOCS, HOSTING = (
    (Path(__file__).parents[2] / "docs" / f"{name}.md").read_text(encoding="utf-8") for name in ("pages", "hosting")
)


def block(language: str, page: str = DOCS) -> str:
    (text,) = re.findall(rf"^ *```{language}\n(.*?)^ *```", page, re.MULTILINE | re.DOTALL)
    return str(text)


def replaced(text: str, *pairs: tuple[str, str]) -> str:
    """Each must be there."""
    for old, new in pairs:
        assert re.search(old, text, re.MULTILINE), old
        text = re.sub(old, new, text, flags=re.MULTILINE)
    return text


def nginx(folder: Path, port: int, bot: str) -> list[str]:
    """Its block as a file of its own, within the least that nginx needs."""
    site = replaced(
        block("nginx"),
        (r"listen 443 ssl;", f"listen 127.0.0.1:{port};"),
        (r"^ *ssl_\w+ .*\n", ""),
        (r"/var/log/nginx/reponses\.log", str(folder / "access.log")),
        (r"127\.0\.0\.1:8080", bot),
    )
    paths = "".join(
        f"{name}_temp_path {folder / name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = f"daemon off; pid {folder}/pid; events {{}} http {{ {paths} include {folder}/site; }}"
    (folder / "site").write_text(site, encoding="utf-8")
    (folder / "nginx.conf").write_text(f"user {getpass.getuser()};\n{main}\n", encoding="utf-8")
    return [_program("nginx"), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]


def nginx_of_workers(folder: Path, port: int, bots: str) -> list[str]:
    """`bots`: the addresses of two workers, with a space between them."""
    command = nginx(folder, port, "concierge")
    one, other = bots.split()
    upstream = replaced(block("nginx", HOSTING), (r"192\.0\.2\.1:8080", one), (r"192\.0\.2\.2:8080", other))
    (folder / "site").write_text(upstream + (folder / "site").read_text(encoding="utf-8"), encoding="utf-8")
    return command


def caddy(folder: Path, port: int, bot: str) -> list[str]:
    site = replaced(
        block("caddy"),
        (r"^reponses\.example\.org", f"http://reponses.example.org:{port}"),
        (r"127\.0\.0\.1:8080", bot),
    )
    (folder / "Caddyfile").write_text(f"{{\n\tadmin off\n\tauto_https off\n}}\n{site}", encoding="utf-8")
    return [_program("caddy"), "run", "--config", str(folder / "Caddyfile")]


def _program(name: str) -> str:
    program = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip(f"there is no {name} here; on Debian and Ubuntu: apt install {name}")
    return program


Server = Callable[[Path, int, str], list[str]]


@asynccontextmanager
async def in_front(server: Server, folder: Path, bot: str) -> AsyncIterator[httpx.AsyncClient]:
    """A visitor's client of the web server, which passes requests on to the address `bot`."""
    folder.mkdir(exist_ok=True)
    port = free_port()
    command = server(folder, port, bot.strip("/").removeprefix("http://"))
    environ = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    process = await asyncio.create_subprocess_exec(*command, env=environ, stdout=DEVNULL, stderr=STDOUT)
    name = {"Host": f"reponses.example.org:{port}"}
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=name) as http:
            await answering(http, "/metrics")
            yield http
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


@pytest.mark.parametrize("server", [nginx, caddy])
async def test_pages_and_webhook_pass_and_nothing_for_machines(tmp_path: Path, knowledge: Path, server: Server) -> None:
    async with running_pages(tmp_path, knowledge) as address, in_front(server, tmp_path / "web", address) as http:
        for path in ("/", "/t/formations", "/r/fiche-de-poste", "/assets/style.css", "/feed.xml", "/api/ask?q=fiche"):
            assert (await http.get(path)).status_code == 200, path
        assert "fiche-de-poste" in (await http.get("/?q=une+fiche+de+poste+secrète")).text
        body = b'{"post":{"id":13}}'
        pushed = await http.post(WEBHOOK, content=body, headers={HEADER: sign(SECRET, body)})
        assert pushed.status_code == 200
        for path in "/metrics /health /ready /metrics?x=1 //metrics /./metrics /%6Detrics /t/../ready".split():
            answer = await asyncio.to_thread(_raw, http, path)
            assert " 404 " in answer.partition("\r\n")[0], path
            assert "concierge_" not in answer
    logs = "".join(file.read_text(encoding="utf-8") for file in (tmp_path / "web").glob("access*"))
    assert server is caddy or "/r/fiche-de-poste" in logs
    assert "secr" not in logs


def _raw(http: httpx.AsyncClient, path: str) -> str:
    """The answer to a path as it stands, which clients would tidy up."""
    host, port = http.base_url.host, http.base_url.port
    with socket.create_connection((host, port or 80), PATIENCE) as connection:
        head = f"GET {path} HTTP/1.1\r\nHost: reponses.example.org:{port}\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode())
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode(errors="replace")


async def test_the_pages_of_each_network_are_found_at_whichever_worker_serves_it(
    homeserver: Homeserver, postgres: str, tmp_path: Path
) -> None:
    async with open_fleet(homeserver, tmp_path, postgres, workers=2, networks=4) as fleet:
        ports = [free_port() for _ in fleet.workers]
        for worker, port in zip(fleet.workers, ports, strict=True):
            worker.networks = Path(shutil.copytree(worker.networks, tmp_path / f"networks{port}"))
            for file in worker.networks.glob("*/config.yaml"):
                web = {"address": port, "pages": True, "public_url": f"https://{file.parent.name}.example.org"}
                own = {"name": file.parent.name.upper(), "web": web}
                file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | own), encoding="utf-8")
            await worker.start()
        await fleet.introduced()
        for worker in fleet.workers:
            await worker.serves(2)
        bots = " ".join(f"127.0.0.1:{port}" for port in ports)
        async with in_front(nginx_of_workers, tmp_path / "web", bots) as http:

            async def is_shown(network: Served) -> bool:
                page = await http.get("/", headers={"Host": f"{network.name}.example.org"})
                return page.status_code == 200 and network.name.upper() in page.text

            for network in fleet.networks:
                await eventually(partial(is_shown, network))
            for network in 3 * fleet.networks:  # nginx asks the workers by turns
                assert await is_shown(network)


@pytest.mark.parametrize("server", [nginx, caddy])
async def test_the_bot_learns_who_really_asked(tmp_path: Path, server: Server) -> None:
    """What a visitor writes in X-Forwarded-For themselves must not come through."""
    seen: list[str] = []

    async def note(request: web.Request) -> web.Response:
        seen.append(",".join(request.headers.getall("X-Forwarded-For", ())))
        return web.Response()

    app = web.Application()
    app.add_routes([web.get("/", note)])
    async with listening(app) as url, in_front(server, tmp_path, url) as http:
        await http.get("/", headers={"X-Forwarded-For": "203.0.113.7"})
    assert seen == ["127.0.0.1"]


def test_the_files_for_forges_are_yaml_and_publish_what_the_command_writes() -> None:
    files = [yaml.safe_load(text) for text in re.findall(r"^```yaml\n(# \..*?)^```", DOCS, re.MULTILINE | re.DOTALL)]
    github, gitlab, forgejo = files
    steps = github["jobs"]["publish"]["steps"]
    assert any("concierge site public " in step.get("run", "") for step in steps)
    assert any(step.get("with") == {"path": "public"} for step in steps)
    assert gitlab["pages"]["artifacts"]["paths"] == ["public"]
    assert any(line.startswith("concierge site public ") for line in gitlab["pages"]["script"])
    assert "concierge site public " in forgejo["jobs"]["publish"]["steps"][0]["run"]
