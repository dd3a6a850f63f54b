"""The watchdog ends a process that is held up, as the first one of a container too; others: tests/reliability."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

HELD_UP = """
import asyncio, sys, time
from pathlib import Path
from bot.app import watchdog

watchdog.LIMIT = 0.5

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


@pytest.mark.skipif(not has_namespaces(), reason="this machine makes no namespaces")
def test_the_first_process_of_a_container_ends_and_says_where_it_is_held_up(tmp_path: Path) -> None:
    command = [*NAMESPACE, sys.executable, "-c", HELD_UP, str(tmp_path / "watchdog.txt")]
    assert subprocess.run(command, timeout=120, check=False).returncode == signal.SIGPROF  # noqa: S603
    assert "in hold_up" in (tmp_path / "watchdog.txt").read_text(encoding="utf-8")
