"""Bots in processes of their own, started in milliseconds: forked from one that has loaded the program already.

`python -m tests.reliability.nest SOCKET` takes a connection for each bot: what to start in one line of JSON, then a
byte for each signal to send it; it gives back the process id and, in the end, how it ended. With the connection ends
the bot.
"""

import asyncio
import contextlib
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

LOADED = "bot.app.main bot.cli typer.main httpcore anyio._backends._asyncio tests.reliability.dying".split()
"""What each bot would load for itself."""


class Hatched:
    """A bot of the nest, with what is needed of `asyncio.subprocess.Process`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pid: int) -> None:
        self.pid, self._writer = pid, writer
        self.returncode: int | None = None
        self._ended = asyncio.create_task(self._end(reader))

    @classmethod
    async def start(cls, nest: Path, **what: Any) -> Self:
        """`what`: see `_hatch`."""
        reader, writer = await asyncio.open_unix_connection(nest)
        writer.write(json.dumps(what).encode() + b"\n")
        return cls(reader, writer, int(await reader.readline()))

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    async def wait(self) -> int:
        """Its exit code, or the negative number of the signal that ended it."""
        return await asyncio.shield(self._ended)

    def _send(self, number: int) -> None:
        if self.returncode is not None:
            raise ProcessLookupError
        self._writer.write(bytes([number]))

    async def _end(self, reader: asyncio.StreamReader) -> int:
        self.returncode = int(await reader.readline())
        self._writer.close()
        return self.returncode


@contextlib.contextmanager
def open_nest(folder: Path) -> Iterator[Path]:
    """Its socket, in the folder."""
    path = folder / "nest"
    command = [sys.executable, "-m", "tests.reliability.nest", str(path)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        try:
            yield path
        finally:
            process.kill()


def _keep(path: str) -> None:
    for name in LOADED:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the keepers
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        print("ready", flush=True)
        while True:
            connection, _ = listening.accept()
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                listening.close()
                _attend(connection)
            connection.close()


def _attend(connection: socket.socket) -> None:
    """The keeper of one bot: its parent, between it and the test."""
    what = json.loads(connection.makefile("rb", buffering=0).readline())
    pid = os.fork()
    if pid == 0:
        connection.close()
        _hatch(**what)
    connection.sendall(f"{pid}\n".encode())
    ended = os.pidfd_open(pid)
    sources: list[Any] = [connection, ended]
    while ended not in select.select(sources, [], [])[0]:
        for number in connection.recv(16) or [signal.SIGKILL]:
            os.kill(pid, number)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with contextlib.suppress(OSError):
        connection.sendall(f"{code}\n".encode())
    os._exit(0)


def _hatch(
    settings: str, environment: dict[str, str], output: str, point: str | None = None, command: Sequence[str] = ("run",)
) -> None:
    """What `python -m bot run` does, or another command. With `point` it ends itself there: see `dying`."""
    from bot.cli import main
    from tests.reliability.dying import arm

    log = os.open(output, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for number in (1, 2):
        os.dup2(log, number)
    os.environ.update(environment)
    sys.argv[1:] = [*command, "--config", settings]
    code: object = 1
    try:
        if point:
            arm(point)
        main()
    except SystemExit as end:
        code = end.code
    finally:
        sys.stdout.flush()
        os._exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    _keep(sys.argv[1])
