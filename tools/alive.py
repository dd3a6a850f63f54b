"""Health check of a container: whether the bot is at work. `alive.py FOLDER [PORT]`; exit code 0 or 1.

With a `web` section the bot is asked. Without one, the age of its store decides: the bot writes its position into it
after each poll of the homeserver, twice a minute, so a store unchanged for three minutes means that it hears nothing.
"""

from __future__ import annotations

import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

SILENCE = 180.0  # seconds without a write after which the bot counts as stopped


def trouble(folder: Path, port: int) -> str | None:
    """Return a sentence on the problem, or None."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=5):
            return None
    except urllib.error.HTTPError as error:
        return f"the bot is not ready: {error.read(500).decode(errors='replace')}"
    except OSError:
        pass  # no `web` section, or another port
    written = [file.stat().st_mtime for file in folder.glob("*.db*")]
    if not written:
        return f"no store in {folder}: with PostgreSQL, give the settings a `web` section with port {port}"
    silent = time.time() - max(written)
    return None if silent < SILENCE else f"the store was last written {silent:.0f} s ago"


if __name__ == "__main__":
    found = trouble(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 8080)
    print(found or "at work")
    sys.exit(1 if found else 0)
