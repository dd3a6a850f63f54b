"""`concierge ask` from the start of the process to its answer, without and with the cache of embeddings."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks import child, growth

QUESTION = "Où trouver une formation de facilitateur de tiers-lieu ?"
FORBIDDEN = ("nio", "sqlalchemy", "aiohttp", "httpx", "aiosqlite", "alembic", "onnx")  # what `ask` needs none of


def measure(entries: int, runs: int) -> child.Result:
    """Medians. 0 entries: the shipped knowledge. `cold`: neither the encoder nor an embedding is there yet; once."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "knowledge" if entries else growth.ROOT / "knowledge"
        if entries:
            growth.write(growth.grown(entries), folder)
        cache = Path(place) / "cache"
        cold = _ask(folder, cache)
        warm = [_ask(folder, cache) for _ in range(runs)]
        return {"cold": _medians([cold]), "warm": _medians(warm), "imports": _imports(folder, cache)}


def _ask(folder: Path, cache: Path) -> child.Ran:
    return child.run([*_command(folder)], _environment(cache))


def _command(folder: Path, *options: str) -> list[str]:
    return [sys.executable, *options, "-m", "bot", "ask", "--json", "--knowledge", str(folder), QUESTION]


def _environment(cache: Path) -> dict[str, str]:
    return os.environ | {"XDG_CACHE_HOME": str(cache)}


def _medians(runs: list[child.Ran]) -> dict[str, float]:
    return {name: statistics.median(getattr(run, name) for run in runs) for name in ("clock", "processor", "mb")}


def _imports(folder: Path, cache: Path) -> list[str]:
    """What was imported without need."""
    code = f"import sys; from bot.cli import app; app({_command(folder)[3:]!r}, standalone_mode=False); "
    code += f"print(*sorted(set(sys.modules) & set({FORBIDDEN!r})))"
    return child.run([sys.executable, "-c", code], _environment(cache)).output.splitlines()[-1].split()
