"""The size of the container image beyond its base, by the engine's own account. `make image` makes it."""

from __future__ import annotations

import re
import shutil
import subprocess

from benchmarks import child

ENGINE = next(filter(None, map(shutil.which, ("docker", "podman"))), "")
FIRST_OF_OURS = "useradd --uid 10001"
"""The first line of the Dockerfile's last stage: older layers are the base's, whichever one that was."""
UNITS = {"": 1.0, "B": 1.0, "kB": 1e3, "MB": 1e6, "GB": 1e9}  # podman gives a unit whatever it is asked, docker none


def is_there() -> bool:
    return bool(ENGINE) and not _run("image", "inspect", "concierge").returncode


def measure() -> child.Result:
    """MB (10⁶ bytes) of the layers that the Dockerfile adds."""
    layers = _run("history", "--human=false", "--no-trunc", "--format={{.Size}} {{.CreatedBy}}", "concierge").stdout
    total = 0.0
    for layer in layers.splitlines():  # the newest first
        size, _, command = layer.partition(" ")
        total += _bytes(size)
        if FIRST_OF_OURS in command:
            break
    return {"mb": total / 1e6}


def _bytes(size: str) -> float:
    number, unit = re.findall(r"([\d.]+)(\w*)", size)[0]
    return float(number) * UNITS[unit]


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([ENGINE, *arguments], capture_output=True, text=True, check=False)
