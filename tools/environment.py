"""Make the environment that the lock file describes, with a line for each step. Standard library only.

usage: environment.py FOLDER LOCK    (`make` calls it, on any Python from 3.11, when the lock has changed)

uv installs the lock as it stands, in seconds, and removes what is not in it (https://docs.astral.sh/uv/reference/cli/#uv-pip-sync).
Where there is no wheel of uv, or it cannot run or reach anything, pip installs the same lock.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SETUP = Path(__file__).parents[1] / "requirements-setup.lock"
LINES_OF_FAILURE = 15  # of the output that are shown if an installation fails


def main(folder: Path, lock: Path) -> None:
    version = ".".join(map(str, sys.version_info[:3]))
    print(f"1/3 environment in {folder} (Python {version})", flush=True)
    python = make(folder)
    print("2/3 libraries of the lock file (900 MB on disk)", flush=True)
    if failure := by_uv(python, lock):
        print(f"    with pip, which takes a minute or more, since uv cannot: {failure.splitlines()[-1]}", flush=True)
        pip(python, "--require-hashes", "--requirement", str(lock))
    print("3/3 concierge", flush=True)
    pip(python, "--no-deps", "--no-build-isolation", "--editable", ".")


def make(folder: Path) -> Path:
    """Create the environment, again if it is broken (moved, or its Python removed); return its Python."""
    python = folder / "bin" / "python"
    anew = ["--clear"] if folder.exists() and not runs(python) else []
    subprocess.run([sys.executable, "-m", "venv", *anew, folder], check=True)
    return python


def runs(python: Path) -> bool:
    return python.exists() and subprocess.run([python, "-c", "import pip"], capture_output=True).returncode == 0


def by_uv(python: Path, lock: Path) -> str:
    """Install the lock with uv; return why it could not, or ""."""
    sync = [
        "pip",
        "sync",
        "--quiet",
        "--system-certs",
        "--require-hashes",
        "--build-constraints",
        SETUP,
        "--python",
        python,
    ]
    return install(python, "--only-binary=:all:", "--require-hashes", "--requirement", str(SETUP)) or run(
        python.with_name("uv"), *sync, lock
    )


def pip(python: Path, *wanted: str) -> None:
    """Install packages, or end with the last lines of pip's output."""
    if failure := install(python, *wanted):
        end = "\n".join(failure.splitlines()[-LINES_OF_FAILURE:])
        sys.exit(f"pip could not install them:\n{end}\nMend it and run make again: it goes on from here.")


def install(python: Path, *wanted: str) -> str:
    return run(
        python, "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--progress-bar=off", *wanted
    )


def run(program: Path, *arguments: str | Path) -> str:
    """Run it; return its output if it failed, else ""."""
    try:
        ran = subprocess.run([program, *arguments], capture_output=True, encoding="utf-8", errors="replace")
    except OSError as failure:  # another machine's binary, or a folder in which nothing may be executed
        return str(failure)
    return (ran.stdout + ran.stderr).strip() or f"{program.name} failed without a word" if ran.returncode else ""


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
