"""The bot's HTTP server, alone or with a whole bot behind it, and the forum's signed pushes."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from aiohttp import web

from bot.app import main, server
from bot.config.loading import load
from bot.demo.homeserver import free_port
from tests.waiting import PATIENCE, beside

SECRET = "a secret of the forum"
WEBHOOK, HEADER = "/hooks/discourse", "X-Discourse-Event-Signature"
BODY = '{"post":{"id":13,"raw":"Où trouver une formation ?"}}'.encode()
# made with: printf '%s' "$BODY" | openssl dgst -sha256 -hmac "$SECRET"
RIGHT = "sha256=44e4f8be8f51be399997748cf076ee7fc4c0fb09ea0b4003504ada11b94143ce"


@dataclass
class Door:
    """`asked`: whether it is ready; `free`: to say so."""

    http: httpx.AsyncClient
    rings: list[float] = field(default_factory=list)
    missing: Sequence[str] = ()
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    free: asyncio.Event = field(default_factory=asyncio.Event)

    async def push(self, body: bytes = BODY, signature: str | bytes | None = RIGHT, **headers: str) -> int:
        named: dict[str, str | bytes] = {name.replace("_", "-"): value for name, value in headers.items()}
        if signature is not None:
            named[HEADER] = signature
        return (await self.http.post(WEBHOOK, content=body, headers=named)).status_code  # type: ignore[arg-type]


async def answering(http: httpx.AsyncClient, url: str = server.HEALTH) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            with suppress(httpx.TransportError):
                await http.get(url)
                return
            await asyncio.sleep(0.02)


@asynccontextmanager
async def listening(app: web.Application) -> AsyncIterator[str]:
    """The address of a server of an application, without a slash at its end."""
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def nothing_missing() -> Sequence[str]:
    return ()


async def no_metrics(accept: str) -> tuple[bytes, str]:
    return b"", "text/plain"


@asynccontextmanager
async def door(secret: str | None = SECRET) -> AsyncIterator[Door]:
    port = free_port()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        here = Door(http)
        here.free.set()

        def ring() -> None:
            here.rings.append(asyncio.get_running_loop().time())

        hooks = [server.Webhook("discourse", secret, HEADER, ring)] if secret else []

        async def ready() -> Sequence[str]:
            here.asked.set()
            await here.free.wait()
            return here.missing

        app = server.application(ready, no_metrics)
        for hook in hooks:
            server.add_webhook(app, hook)
        async with beside(server.serve(app, "127.0.0.1", port)):
            await answering(http)
            yield here


@asynccontextmanager
async def running(tmp_path: Path, knowledge: Path, port: int, **more: Any) -> AsyncIterator[httpx.AsyncClient]:
    settings = {"knowledge": str(knowledge), "matching": {"encoder": False}, "web": {"address": port}} | more
    (tmp_path / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    secrets = {"CONCIERGE_DISCOURSE_WEBHOOK_SECRET": SECRET, "CONCIERGE_DISCOURSE_API_KEY": "the-bots-key"}
    secrets["CONCIERGE_MATRIX_PASSWORD"] = "secret"
    stop = asyncio.Event()
    task = asyncio.create_task(main.run(load(tmp_path / "config.json", secrets), stop=stop))
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as http:
            yield http
    finally:
        stop.set()
        assert await task == 0


@asynccontextmanager
async def running_pages(tmp_path: Path, knowledge: Path) -> AsyncIterator[str]:
    """The address of a running bot's pages, which can be read; it ends in a slash. Its forum cannot be reached."""
    port = free_port()
    forum = {"url": f"http://127.0.0.1:{free_port()}", "username": "concierge", "moderators_group": "equipe"}
    async with running(tmp_path, knowledge, port, discourse=forum, web={"address": port, "pages": True}) as http:
        await answering(http)
        async with asyncio.timeout(PATIENCE):
            while (await http.get("/")).status_code != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        yield f"http://127.0.0.1:{port}/"
