"""Table and alignment learned on all sets but the one that they judge, as `training/learn_confidence.py` does."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks import child, sets
from bot.matching.calibration import CalibrationTable
from bot.matching.embedding_cache import EmbeddingCache

TABLE, ALIGNMENT = "table.json", "alignment.npy"


def measure(way: str, folder: str) -> child.Result:
    """`folder`: gets a folder for each set."""
    from training import ablate_matching as ablation  # needs scikit-learn
    from training import learn_confidence as learning

    semantic = way == "concierge"
    learning.remember_relevances()
    every = learning.read_sets(sets.FOLDER)
    rows, table = learning.measured(every, ablation.prepared(semantic))
    alignments = learning.learn_alignments(rows, table) if semantic else {}
    learning.measure_candidates(rows, table)
    for name in filter(sets.there, sets.SETS):
        others = {other: rows[other] for other in learning.others_of(name, rows)}
        place = Path(folder) / name
        place.mkdir(parents=True, exist_ok=True)
        learned = learning.as_json(learning.learn(others, table, semantic))
        (place / TABLE).write_text(json.dumps(learned), encoding="utf-8")
        if semantic:
            np.save(place / ALIGNMENT, alignments[name])
    return {"messages": sum(len(some) for heaps in rows.values() for some in heaps.values()), "mb": child.peak()}


def read(
    folder: Path, embeddings: EmbeddingCache | None, cache: Path | None
) -> tuple[CalibrationTable, EmbeddingCache | None]:
    """What was learned for one set: the table, and the embeddings in their space."""
    table = CalibrationTable.read(json.loads((folder / TABLE).read_text(encoding="utf-8")))
    if not embeddings:
        return table, None
    space = replace(embeddings.space, alignment=np.load(folder / ALIGNMENT))
    return table, EmbeddingCache(embeddings.encoder, cache, space=space)
