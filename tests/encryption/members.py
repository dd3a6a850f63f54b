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
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from threading import Thread
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


class Clients:
    """One Node process that holds several clients, each under a name. A thread reads it, for the loops of all tests."""

    def __init__(self, folder: Path) -> None:
        self.numbers = itertools.count(1)
        self._waiting: dict[int, Future[Any]] = {}
        self._process = Popen(["node", "client.mjs"], cwd=folder, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)  # noqa: S607
        self._reader = Thread(target=self._listen, daemon=True)
        self._reader.start()

    async def do(self, what: str, **more: Any) -> Any:
        number, answer = next(self.numbers), Future[Any]()
        self._waiting[number] = answer
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"id": number, "do": what} | more).encode() + b"\n")
        self._process.stdin.flush()
        return await asyncio.wait_for(asyncio.wrap_future(answer), PATIENCE)  # the client gives up a little earlier

    def end(self) -> None:
        self._process.kill()
        self._reader.join()
        self._process.communicate()

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            answer = json.loads(line)
            waiting = self._waiting.pop(answer["id"])
            if not waiting.set_running_or_notify_cancel():
                continue
            if "failed" in answer:
                waiting.set_exception(AssertionError(answer["failed"]))
            else:
                waiting.set_result(answer["done"])


@asynccontextmanager
async def clients(folder: Path) -> AsyncIterator[Clients]:
    made = Clients(folder)
    try:
        yield made
    finally:
        made.end()


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
