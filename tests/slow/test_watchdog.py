"""The watchdog ends a process that is held up, wherever that runs."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

HELD_UP = """
import asyncio, os, sys, time
from pathlib import Path
from bot.app import watchdog

watchdog.LIMIT = 0.5
if sys.argv[2] == "1":
    os.getpid = lambda: 1

async def hold_up():
    with watchdog.Watchdog(Path(sys.argv[1])) as dog:
        asyncio.get_running_loop().create_task(dog.run())
        await asyncio.sleep(0.1)
        end = time.process_time() + 20
        while time.process_time() < end:
            pass

asyncio.run(hold_up())
"""
NAMESPACE = ("unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc")


def has_namespaces() -> bool:
    return bool(shutil.which("unshare")) and not subprocess.run([*NAMESPACE, "true"], capture_output=True).returncode  # noqa: S603


def ends(file: Path, pid: int, *inside: str) -> int:
    command = [*inside, sys.executable, "-c", HELD_UP, str(file), str(pid)]
    return subprocess.run(command, timeout=120, check=False).returncode  # noqa: S603


@pytest.mark.parametrize(("pid", "code"), [(0, -signal.SIGPROF), (1, signal.SIGPROF)])
def test_a_process_that_is_held_up_ends_and_says_where(tmp_path: Path, pid: int, code: int) -> None:
    assert ends(tmp_path / "watchdog.txt", pid) == code
    assert "in hold_up" in (tmp_path / "watchdog.txt").read_text(encoding="utf-8")


@pytest.mark.skipif(not has_namespaces(), reason="this machine makes no namespaces")
def test_so_does_the_first_process_of_a_container(tmp_path: Path) -> None:
    assert ends(tmp_path / "watchdog.txt", 0, *NAMESPACE) == signal.SIGPROF
    assert "in hold_up" in (tmp_path / "watchdog.txt").read_text(encoding="utf-8")
