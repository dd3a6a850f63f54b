"""A Synapse homeserver on this machine, for the demo and the tests."""

import asyncio
import base64
import contextlib
import itertools
import json
import os
import random
import secrets
import shutil
import signal
import socket
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import aiohttp

# Below the ephemeral ports, which the system may give to somebody else meanwhile. Processes that start one after the
# other have ports of their own, and none is given twice: until its server starts, it looks free to everybody.
_PORTS = range(10_000 + os.getpid() % 32, 32_768, 32)
_ports = itertools.cycle(random.SystemRandom().sample(_PORTS, len(_PORTS)))


def free_port() -> int:
    """A port on 127.0.0.1 for a server that starts later. Raises OSError."""
    for port in itertools.islice(_ports, 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("no port from 10000 to 32767 can be used on 127.0.0.1")


_PATIENCE = 60.0  # seconds until Synapse must respond; it takes 2 on a common machine
_TIMEOUT = aiohttp.ClientTimeout(total=1)
_GRACE = 5.0  # seconds between SIGTERM and SIGKILL
_OPEN = {"per_second": 10_000, "burst_count": 10_000}
_ALWAYS_OPEN = {  # tests register dozens of accounts, with `limits` as well
    "rc_registration": _OPEN,
    "rc_login": {"address": _OPEN, "account": _OPEN, "failed_attempts": _OPEN},
    "rc_room_creation": _OPEN,
    "rc_key_requests": _OPEN,
}
_OPEN_UNLESS_LIMITED = {
    "rc_message": _OPEN,
    "rc_admin_redaction": _OPEN,
    "rc_joins": {"local": _OPEN, "remote": _OPEN},
    "rc_joins_per_room": _OPEN,
    "rc_invites": {"per_room": _OPEN, "per_user": _OPEN, "per_issuer": _OPEN},
    "rc_profile": _OPEN,
    "rc_user_directory": _OPEN,
}
_LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"output": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"level": "WARNING", "handlers": ["output"]},
}


class HomeserverError(Exception):
    """Synapse did not start; the message has the end of its log."""


@dataclass(frozen=True, slots=True)
class Credentials:
    user: str  # the full user id
    device: str
    password: str = field(repr=False)
    access_token: str = field(repr=False)


class Homeserver:
    """`async with Homeserver() as server:` starts Synapse, and stops it at the end.

    `folder`: for the data; None: a temporary one. `limits`: Synapse's default rate limits on messages, joins and
    invitations hold. `stop()` and `start()` keep address and data.
    """

    name = "localhost"  # the part of user ids after the colon

    def __init__(self, folder: Path | None = None, *, port: int = 0, limits: bool = False) -> None:
        self._limits = limits
        self._is_temporary = folder is None
        self._folder = folder.absolute() if folder else Path(tempfile.mkdtemp(prefix="concierge-homeserver-"))
        self.log = self._folder / "homeserver.log"
        self._port = port or free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            await self.stop()
        finally:
            self._remove()

    async def start(self) -> None:
        """Raises HomeserverError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if not (self._folder / "homeserver.yaml").exists():
            # JSON is valid YAML.
            (self._folder / "homeserver.yaml").write_text(json.dumps(self._settings(), indent=1), encoding="utf-8")
            (self._folder / "log.yaml").write_text(json.dumps(_LOGGING), encoding="utf-8")
        removed = str(self._folder) if self._is_temporary else "-"
        argv = [sys.executable, "-m", "bot.demo.parent_watch", "synapse.app.homeserver", removed]
        argv += ["--config-path", str(self._folder / "homeserver.yaml")]
        # Without settings of ours or of another Synapse; with this project, even if it is not installed.
        others = {name: value for name, value in os.environ.items() if not name.startswith(("SYNAPSE_", "CONCIERGE_"))}
        paths = filter(None, [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH")])
        try:
            # In a session of its own, Ctrl-C at the terminal does not reach it, and it is stopped in order.
            with self.log.open("ab") as output:
                self._process = await asyncio.create_subprocess_exec(
                    *argv, stdin=asyncio.subprocess.PIPE, stdout=output, stderr=output, start_new_session=True,
                    cwd=self._folder, env=others | {"PYTHONPATH": os.pathsep.join(paths)},
                )  # fmt: skip
            await self._wait_until_ready()
        except BaseException:
            await self.stop()
            self._remove()
            raise

    async def stop(self) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        try:
            _signal(process, signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_GRACE):
                    await process.wait()
        finally:
            if process.returncode is None:
                _signal(process, signal.SIGKILL)
                await process.wait()

    async def register(self, name: str, password: str) -> Credentials:
        account = {"username": name, "password": password, "auth": {"type": "m.login.dummy"}}
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{self.url}/_matrix/client/v3/register", json=account) as response,
        ):
            result = await response.json()
        if "access_token" not in result:
            raise ValueError(f"the homeserver refuses the account {name}: {result.get('error', result)}")
        return Credentials(result["user_id"], result["device_id"], password, result["access_token"])

    def _remove(self) -> None:
        if self._is_temporary:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _settings(self) -> dict[str, Any]:
        seed = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        listener = {
            "port": self._port,
            "bind_addresses": ["127.0.0.1"],
            "type": "http",
            "resources": [{"names": ["client"], "compress": False}],
        }
        return {
            "server_name": self.name,
            "public_baseurl": f"{self.url}/",
            "listeners": [listener],
            "database": {"name": "sqlite3", "args": {"database": str(self._folder / "homeserver.db")}},
            "log_config": str(self._folder / "log.yaml"),
            "signing_key": f"ed25519 a_demo {seed}",
            "macaroon_secret_key": secrets.token_hex(16),
            "report_stats": False,
            "trusted_key_servers": [],
            "enable_registration": True,
            "enable_registration_without_verification": True,
            "bcrypt_rounds": 4,  # fast; no real passwords here
            "presence": {"enabled": False},
            "caches": {"sync_response_cache_duration": "0s"},
            **_ALWAYS_OPEN,
            **({} if self._limits else _OPEN_UNLESS_LIMITED),
        }

    async def _wait_until_ready(self) -> None:
        problem = f"Synapse did not answer at {self.url} within {_PATIENCE:g} seconds."
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE), aiohttp.ClientSession(timeout=_TIMEOUT) as http:
                while self._process is not None and self._process.returncode is None:
                    with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                        async with http.get(f"{self.url}/_matrix/client/versions") as response:
                            if response.status == 200:
                                return
                    await asyncio.sleep(0.05)
                problem = "Synapse ended while it was starting."
        log_end = "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
        raise HomeserverError(f"{problem}\n{log_end}")


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
