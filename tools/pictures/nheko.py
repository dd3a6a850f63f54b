"""Pictures in nheko, a Qt client, on a virtual display of its own.

Debian's packages: nheko, xvfb, openbox, xdotool, imagemagick, fonts-noto-color-emoji.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.pictures.session import Session

SIZE = "1000x1000x24"
PATIENCE = 60.0  # seconds
_CANCEL = ("933", "961")  # where it offers to set up encryption, in a window of this size
_PAUSE = 4.0  # seconds that a room takes to be drawn; nheko tells nobody when it is done
_FULL_SCREEN = """\
<openbox_config xmlns="http://openbox.org/3.4/rc"><applications>
<application class="*"><decor>no</decor><maximized>yes</maximized></application>
</applications></openbox_config>
"""
_SETTINGS = """\
[General]
run_without_secure_secrets_service=true

[auth]
access_token={session.token}
device_id={session.device}
home_server={session.homeserver}
user_id={session.user}
"""


@dataclass(frozen=True)
class Nheko:
    environment: Mapping[str, str]

    async def picture(self, room: str, file: Path) -> None:
        """The end of the room of this name, found by the quick switcher."""
        await self._run("xdotool", "key", "Escape", "ctrl+k")
        await asyncio.sleep(1)
        await self._run("xdotool", "type", "--delay", "60", room[:4])
        await asyncio.sleep(1)
        await self._run("xdotool", "key", "Return")
        await asyncio.sleep(_PAUSE)
        await self._run("import", "-window", "root", str(file))

    async def ready(self) -> None:
        """Its window is there and fills the display."""
        async with asyncio.timeout(PATIENCE):
            while await self._run("xdotool", "search", "--onlyvisible", "--class", "nheko"):  # noqa: ASYNC110
                await asyncio.sleep(0.5)
        await asyncio.sleep(_PAUSE)
        await self._run("xdotool", "mousemove", *_CANCEL, "click", "1")
        await asyncio.sleep(1)

    async def _run(self, *command: str) -> int:
        process = await asyncio.create_subprocess_exec(
            *command, env=self.environment, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )
        return await process.wait()


@asynccontextmanager
async def opened(session: Session) -> AsyncIterator[Nheko]:
    """Logged in as if used before, in a home of its own."""
    async with AsyncExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory(prefix="concierge-nheko-", ignore_cleanup_errors=True))
        _write(Path(home, ".config/openbox/rc.xml"), _FULL_SCREEN)
        _write(Path(home, ".config/nheko/nheko.conf"), _SETTINGS.format(session=session))
        display = await stack.enter_async_context(_display())
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "DISPLAY": display,
            "LANGUAGE": "fr",
            "LANG": "C.UTF-8",
        }
        client = Nheko(environment | {"XDG_RUNTIME_DIR": home, "QT_QUICK_BACKEND": "software"})
        await stack.enter_async_context(_started("openbox", client.environment))
        await stack.enter_async_context(_started("nheko", client.environment))
        await client.ready()
        yield client


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")


@asynccontextmanager
async def _display() -> AsyncIterator[str]:
    """Xvfb chooses a free number and writes it into the pipe."""
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", SIZE, "-nolisten", "tcp"]
    process = await asyncio.create_subprocess_exec(*command, pass_fds=[writer], stderr=asyncio.subprocess.DEVNULL)
    os.close(writer)
    try:
        with os.fdopen(reader) as pipe:
            number = await asyncio.to_thread(pipe.readline)
        yield f":{number.strip()}"
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def _started(program: str, environment: Mapping[str, str]) -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(
        program, env=environment, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
