"""Members with another client than the bot's own machine: matrix-js-sdk (Rust crypto) under Node, in js/client.mjs."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import itertools
import json
import shutil
import subprocess
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.demo.homeserver import Credentials
from tests.waiting import PATIENCE

JS = Path(__file__).parent / "js"
CACHE = Path(__file__).parents[1] / ".cache"
NODE = 20  # the oldest major version that the SDK takes


class Missing(Exception):
    """What the client needs is not on this machine; the text says what."""


def install() -> Path:
    """The client in a folder with its libraries, installed once for each lock file. Raises Missing."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise Missing(f"{program} is not installed")
    version = _run(["node", "--version"]).stdout.strip()
    if int(version.lstrip("v").partition(".")[0]) < NODE:
        raise Missing(f"Node {NODE} or later is needed, this is {version}")
    CACHE.mkdir(exist_ok=True)
    folder = CACHE / f"js-{hashlib.sha256((JS / 'package-lock.json').read_bytes()).hexdigest()[:12]}"
    with (CACHE / "lock").open("w") as lock:  # another test run may be doing the same
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            unfinished = Path(tempfile.mkdtemp(dir=CACHE))
            for name in ("package.json", "package-lock.json"):
                shutil.copy(JS / name, unfinished)
            done = _run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], unfinished)
            if done.returncode:
                shutil.rmtree(unfinished)
                raise Missing(f"npm could not install the client: {done.stderr.strip()[-500:]}")
            unfinished.rename(folder)
        new = folder / ".client.mjs"  # put in its place in one step: another test run may be reading the old one
        shutil.copy(JS / "client.mjs", new)
        new.replace(folder / "client.mjs")
    return folder


def _run(command: list[str], folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603


@dataclass
class Clients:
    """One Node process that holds several clients, each under a name."""

    process: Process
    waiting: dict[int, asyncio.Future[Any]] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    async def do(self, what: str, **more: Any) -> Any:
        number, answer = next(self.numbers), asyncio.get_running_loop().create_future()
        self.waiting[number] = answer
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"id": number, "do": what} | more).encode() + b"\n")
        return await asyncio.wait_for(answer, PATIENCE)  # the client gives up a little earlier itself

    async def listen(self) -> None:
        assert self.process.stdout
        async for line in self.process.stdout:
            answer = json.loads(line)
            waiting = self.waiting.pop(answer["id"])
            if waiting.done():
                continue
            if "failed" in answer:
                waiting.set_exception(AssertionError(answer["failed"]))
            else:
                waiting.set_result(answer["done"])


@asynccontextmanager
async def clients(folder: Path) -> AsyncIterator[Clients]:
    process = await asyncio.create_subprocess_exec(
        "node", "client.mjs", cwd=folder, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=2**22
    )
    made = Clients(process)
    listening = asyncio.create_task(made.listen())
    try:
        yield made
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        process.kill()
        await process.communicate()


@dataclass(frozen=True)
class Person:
    """One device of a member."""

    clients: Clients
    name: str
    user: str
    device: str

    @classmethod
    async def log_in(cls, clients: Clients, url: str, account: Credentials, strict: bool = False) -> Person:
        """`strict`: as Element will be, it has nothing to do with devices that their owner has not signed."""
        name = f"{account.user} {next(clients.numbers)}"
        login = {"url": url, "user": account.user, "password": account.password, "strict": strict}
        return cls(clients, name, account.user, (await clients.do("login", **{"as": name}, **login))["device"])

    async def do(self, what: str, **more: Any) -> Any:
        return await self.clients.do(what, **{"as": self.name}, **more)

    async def say(self, room: str, text: str) -> str:
        return str(await self.do("say", room=room, text=text))

    async def edit(self, room: str, event: str, text: str) -> str:
        return str(await self.do("edit", room=room, event=event, text=text))

    async def redact(self, room: str, event: str) -> str:
        return str(await self.do("redact", room=room, event=event))

    async def react(self, room: str, to: str, key: str) -> str:
        return str(await self.do("react", room=room, to=to, key=key))
