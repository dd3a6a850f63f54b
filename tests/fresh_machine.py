"""A machine that nobody has prepared, as far as a folder can be one: somebody else with an empty home, Python without a
package, and copies of the repository. There is no network: pip finds the versions of this environment as wheels."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT
from tempfile import TemporaryDirectory
from typing import Any

from tests.terminal import Terminal, terminal
from tests.wheels import EXTRAS, PLAIN, PYPROJECT, ROOT, closure, pack

INSTALLATION = "python3 -m venv venv\nvenv/bin/pip install .\n"  # as the guides have it
NOBODY = 65534  # whose programs run where the tests are root's
COPIED = ".gitignore bot deploy knowledge LICENSE NOTICE Makefile README.md pyproject.toml requirements.lock".split()
WANTED = [*PLAIN, *PYPROJECT["build-system"]["requires"], *EXTRAS["demo"], *EXTRAS["postgresql"]]


@asynccontextmanager
async def installed() -> AsyncIterator[FreshMachine]:
    """With the program in `repository/venv`, installed as README says, and the name `concierge` for it."""
    with TemporaryDirectory(prefix="concierge-plain-") as folder:
        machine = FreshMachine(Path(folder))
        repository = machine.repository("repository")
        await machine.run(INSTALLATION, repository)
        (machine.programs / "concierge").symlink_to(repository / "venv" / "bin" / "concierge")
        yield machine


class FreshMachine:
    def __init__(self, root: Path) -> None:
        root.chmod(0o755)
        self.root = root
        python, self._user = _somebody()
        self._wheels, self.programs = self.folder("wheels"), self.folder("bin")
        for found in closure(WANTED).values():
            pack(found, self._wheels)
        (self.programs / "python3").write_text(f'#!/bin/sh\nexec {python} "$@"\n', encoding="utf-8")
        (self.programs / "python3").chmod(0o755)
        self.home = self.own(self.folder("home"))

    def folder(self, name: str) -> Path:
        (self.root / name).mkdir()
        return self.root / name

    def repository(self, name: str) -> Path:
        """A copy of it."""
        folder = self.folder(name)
        for part in COPIED:
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            copy(ROOT / part, folder / part)
        return self.own(folder)

    def own(self, place: Path) -> Path:
        """Whoever works on this machine now owns it."""
        for path in (place, *place.rglob("*")) if self._user else ():
            os.lchown(path, NOBODY, NOBODY)
        return place

    async def run(self, line: str, folder: Path) -> str:
        """What a line of shell printed. It must succeed."""
        return await asyncio.to_thread(self._run, line, folder)

    def _run(self, line: str, folder: Path) -> str:
        command = ["bash", "-e", "-o", "pipefail", "-c", line]
        ran = subprocess.run(command, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, **self._options(folder))  # noqa: S603
        said = ran.stdout.decode()
        assert ran.returncode == 0, f"{line}\n{said}"
        return str(said)

    def types(self, lines: str, folder: Path) -> AbstractAsyncContextManager[Terminal]:
        """Lines of shell on a terminal, up to the first one that fails."""
        return terminal(["bash", "-e", "-c", lines], **self._options(folder))

    def _options(self, folder: Path) -> dict[str, Any]:
        env = {
            "PATH": f"{self.programs}:/usr/bin:/bin",
            "HOME": str(self.home),
            "TERM": "dumb",
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self._wheels),
            "PIP_IGNORE_REQUIRES_PYTHON": "1",  # its Python may be of an earlier month than that of our wheels
            "PIP_NO_COMPILE": "0",  # it does not, and takes half the time: to pip this is the value of `compile`
        }
        return {"cwd": folder, "env": env, "umask": 0o077, **self._user}


def _somebody() -> tuple[str, dict[str, Any]]:
    """A Python of our version, which our wheels fit, and whose processes these are. Root becomes nobody, unless only
    root can run such a Python."""
    name = f"python3.{sys.version_info.minor}"
    own = f"{sys.base_prefix}/bin/{name}"
    nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": list[int]()}
    for python in (own, shutil.which(name, path="/usr/local/bin:/usr/bin")) if os.getuid() == 0 else ():
        if python and _runs(python, nobody):
            return python, nobody
    return own, {}


def _runs(python: str, whose: dict[str, Any]) -> bool:
    try:
        return subprocess.run([python, "-c", "import ensurepip, venv"], **whose).returncode == 0  # noqa: S603
    except PermissionError:
        return False
