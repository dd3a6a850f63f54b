"""A Chromium without a window, driven by the DevTools protocol (https://chromedevtools.github.io/devtools-protocol/)."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

PATIENCE = 60.0  # seconds
_ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--lang=fr", "--remote-debugging-port=0"]


@dataclass
class Page:
    socket: aiohttp.ClientWebSocketResponse
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Raises AssertionError with what the browser says."""
        number = next(self._numbers)
        await self.socket.send_json({"id": number, "method": method, "params": params})
        async with asyncio.timeout(PATIENCE):
            while (answer := await self.socket.receive_json()).get("id") != number:
                pass
        assert "error" not in answer, answer["error"]  # noqa: S101
        result: dict[str, Any] = answer["result"]
        return result

    async def evaluate(self, expression: str) -> Any:
        result = await self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        return result["result"].get("value")

    async def until(self, expression: str) -> None:
        """Raises TimeoutError."""
        async with asyncio.timeout(PATIENCE):
            while not await self.evaluate(f"!!({expression})"):  # noqa: ASYNC110
                await asyncio.sleep(0.2)

    async def resize(self, width: int, height: int, mobile: bool = False) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1.5, "mobile": mobile}
        await self.call("Emulation.setDeviceMetricsOverride", **metrics)

    async def picture(self, file: Path) -> None:
        shot = await self.call("Page.captureScreenshot", format="png")
        file.write_bytes(base64.b64decode(shot["data"]))  # noqa: ASYNC240


@asynccontextmanager
async def open_page(program: str = "chromium") -> AsyncIterator[Page]:
    """A browser with a profile of its own."""
    with tempfile.TemporaryDirectory(prefix="concierge-chromium-", ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            program, *_ARGUMENTS, f"--user-data-dir={profile}", "about:blank",
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            port = await _port(Path(profile, "DevToolsActivePort"))
            async with aiohttp.ClientSession() as http:
                async with http.get(f"http://127.0.0.1:{port}/json/list") as answer:
                    targets = json.loads(await answer.text())
                address = next(target["webSocketDebuggerUrl"] for target in targets if target["type"] == "page")
                async with http.ws_connect(address, max_msg_size=0) as socket:
                    yield Page(socket)
        finally:
            process.terminate()
            await process.wait()


async def _port(file: Path) -> str:
    async with asyncio.timeout(PATIENCE):
        while not file.exists() or not file.read_text():  # noqa: ASYNC110, ASYNC240
            await asyncio.sleep(0.1)
    return file.read_text().splitlines()[0]  # noqa: ASYNC240
