"""Make the environment that the lock file describes, with a line for each step. Standard library only.

usage: environment.py FOLDER LOCK    (`make` calls it, on any Python from 3.11, when the lock has changed)
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

LINES_OF_FAILURE = 15  # of pip's output that are shown if it fails


def main(folder: Path, lock: Path) -> None:
    version = ".".join(map(str, sys.version_info[:3]))
    print(f"1/3 environment in {folder} (Python {version})", flush=True)
    python = make(folder)
    print("2/3 libraries of the lock file (about a minute, 900 MB on disk)", flush=True)
    pip(python, "--require-hashes", "--requirement", str(lock), total=lock.read_text(encoding="utf-8").count("=="))
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


def pip(python: Path, *wanted: str, total: int = 0) -> None:
    """Install packages, with a progress line on a terminal; on failure show the end of pip's output."""
    install = ["install", "--no-input", "--disable-pip-version-check", "--progress-bar=off", *wanted]
    with tempfile.NamedTemporaryFile() as file:
        said = Path(file.name)
        process = subprocess.Popen([python, "-m", "pip", *install], stdout=file, stderr=subprocess.STDOUT)
        while process.poll() is None:
            show(said, total)
            wait(process)
        show(said, 0)
        if process.returncode:
            sys.exit(f"pip could not install them:\n{tail(said)}\nMend it and run make again: it goes on from here.")


def wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=0.5)
    except subprocess.TimeoutExpired:
        return


def show(said: Path, total: int) -> None:
    """Show the progress on one line that is overwritten; clear it if `total` is 0."""
    if not sys.stdout.isatty():
        return
    text = said.read_text(encoding="utf-8", errors="replace")
    step = "installing" if "Installing collected" in text else f"{text.count('Collecting ')} of {total}"
    print(f"\r\033[K    {step}" if total else "\r\033[K", end="", flush=True)


def tail(said: Path) -> str:
    return "\n".join(said.read_text(encoding="utf-8", errors="replace").splitlines()[-LINES_OF_FAILURE:])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
