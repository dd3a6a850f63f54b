"""The service under a systemd that has booted: the guides, followed word for word in a whole Debian."""

import asyncio
import json
import os
import re
import shutil
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.demo.homeserver import Homeserver
from tests.conftest import NewAccount, NewMember
from tests.engine import PACKAGES, ROOT, debian, obstacle, output
from tests.guides import Network, blocks
from tests.running import ASKED
from tests.waiting import PATIENCE

OBSTACLE = obstacle("systemd-container", "debootstrap", "util-linux")
pytestmark = [pytest.mark.soak, pytest.mark.skipif(OBSTACLE is not None, reason=str(OBSTACLE))]
INSTALL, DOCTOR = (one.text for one in blocks("docs/operators.md") if "test_booted_service" in (one.reason or ""))
LATER = [one.text for one in blocks("docs/installer.md") if "test_booted_service" in (one.reason or "")]
FOLLOWED = "journalctl -u concierge -f\n"
NEEDED = ("bot", "deploy", "LICENSE", "README.md", "pyproject.toml", "requirements.lock")  # of the repository
EXPOSURE = 1.5  # of 10, by systemd-analyze
SLOWEST_INSTALL = 900.0  # seconds; pip fetches 150 MB


class Machine:
    """A Debian that systemd has booted, on this machine's network."""

    def __init__(self, nspawn: Process, root: Path) -> None:
        self._nspawn, self.root = nspawn, root

    async def run(self, script: str, seconds: float = PATIENCE) -> str:
        """As root, in the folder of the repository; what it printed. It must succeed."""
        inside = ["nsenter", f"--target={self._init()}", "--all", "--wdns=/root/concierge", "sh", "-euc", script]
        process = await asyncio.create_subprocess_exec(*inside, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT)
        async with asyncio.timeout(seconds):
            said = (await process.communicate())[0].decode()
        assert process.returncode == 0, f"{script}\n{said[-3000:]}"
        return said.strip()

    async def booted(self) -> None:
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    await self.run("systemctl is-active multi-user.target")
                    return
                except (AssertionError, LookupError):
                    assert self._nspawn.returncode is None
                    await asyncio.sleep(0.2)

    def _init(self) -> int:
        """The number that its first process has here. Raises LookupError."""
        waiting = [self._nspawn.pid]
        while waiting:
            process = Path(f"/proc/{waiting.pop()}")
            if re.search(r"^NSpid:\t\d+\t1$", (process / "status").read_text(), re.MULTILINE):
                return int(process.name)
            waiting += map(int, (process / "task" / process.name / "children").read_text().split())
        raise LookupError


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    root = tmp_path / "debian"
    root.mkdir()
    packed = debian("booted", f"{PACKAGES},systemd,systemd-sysv,dbus,sudo")
    output("tar", "--directory", str(root), "--extract", "--file", str(packed))
    place = root / "root" / "concierge"
    place.mkdir(mode=0o755)
    for name in NEEDED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, place / name)
    command = ["systemd-nspawn", f"--directory={root}", "--boot", "--register=no", "--keep-unit", "--console=read-only"]
    environ = {**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}  # systemd 257 refuses the older one
    with (tmp_path / "boot.log").open("wb") as log:
        nspawn = await asyncio.create_subprocess_exec(*command, stdin=DEVNULL, stdout=log, stderr=STDOUT, env=environ)
    machine = Machine(nspawn, root)
    try:
        await machine.booted()
        yield machine
    finally:
        if nspawn.returncode is None:
            nspawn.terminate()
            await nspawn.wait()
        shutil.rmtree(root, ignore_errors=True)  # a gigabyte


async def test_the_guide_ends_with_a_service_that_answers_and_is_started_again(
    machine: Machine, homeserver: Homeserver, member: NewMember, account: NewAccount, knowledge: Path
) -> None:
    ana, bot = await member("ana"), await account("concierge")
    room = await ana.create_room()
    place = machine.root / "root" / "concierge"
    matrix = {"homeserver": homeserver.url, "user": bot.user, "rooms": [room]}
    (place / "config.yaml").write_text(json.dumps({"matrix": matrix}), encoding="utf-8")
    (place / "secrets").mkdir(mode=0o700)
    (place / "secrets" / "matrix_password").write_text(bot.password, encoding="utf-8")
    (place / "var").mkdir(mode=0o700)
    shutil.copytree(knowledge, place / "knowledge")

    cafe = Network(bot, homeserver.url, room, ana)
    assert INSTALL.endswith(FOLLOWED)
    await machine.run(INSTALL.removesuffix(FOLLOWED), SLOWEST_INSTALL)
    await cafe.begins()
    await cafe.answers(ASKED)
    await machine.run(DOCTOR)

    before = await machine.run("systemctl show --property=MainPID --value concierge")
    await machine.run(f"kill -9 {before}")
    await cafe.answers("Où trouver une fiche de poste ?")
    assert await machine.run("systemctl show --property=NRestarts --value concierge") == "1"
    assert await machine.run("systemctl show --property=MainPID --value concierge") not in ("0", before)

    for block in LATER:  # restarted, backed up, upgraded, examined
        await machine.run(block, SLOWEST_INSTALL)
    await cafe.answers("un modele de fiche de poste svp")

    await machine.run("systemctl stop concierge")
    assert await machine.run("systemctl show --property=Result,ExecMainStatus --value concierge") == "success\n0"
    journal = await machine.run("journalctl --unit=concierge --output=cat")
    assert "stopped" in journal
    assert "status=9/KILL" in journal
    assert "\\x" not in journal
    exposure = await machine.run("systemd-analyze security --no-pager concierge")
    assert float(re.findall(r"exposure level for concierge.service: ([\d.]+)", exposure)[0]) <= EXPOSURE
    print(exposure.splitlines()[-1], file=sys.stderr)
