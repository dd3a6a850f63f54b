"""Tables of the confidence, each learned without the set that it is to judge, as `tools/learn_confidence.py` learns."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from benchmarks import child, sets

TOOLS = child.ROOT / "tools"


def measure(way: str, folder: str) -> child.Result:
    """`folder`: gets a file for each set."""
    sys.path.insert(0, str(TOOLS))
    import ablate_matching as ablation
    import learn_confidence as learning

    semantic = way == "concierge"
    read = learning.read_sets(sets.FOLDER)
    rows, table = learning.measured(read, ablation.prepared(read, semantic))
    for name in filter(sets.there, sets.SETS):
        others = {other: rows[other] for other in learning.others_of(name, rows)}
        _write(table_file(folder, name), learning.as_json(learning.learn(others, table, semantic)))
    return {"messages": sum(len(some) for heaps in rows.values() for some in heaps.values()), "mb": child.peak()}


def table_file(folder: str, name: str) -> Path:
    return Path(folder) / f"{name}.json"


def _write(file: Path, table: dict[str, object]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(table), encoding="utf-8")
