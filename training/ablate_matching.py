"""Ablation table of `docs/matching.md`: the worth of each part of the matching, with the judge on.

usage: python -m training.ablate_matching EVAL_FOLDER

The sets are measured once. Each row then leaves one part out, learns again, and judges each set of EVAL_FOLDER with
what was learned on the other sets: so the other parts may compensate. The ranking is learned on all sets. Prints means
over the sets of EVAL_FOLDER, then the figures of tierslieux. Takes about an hour.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean

import numpy as np

from bot.matching import SearchResult
from bot.matching.calibration import CalibrationTable, shipped_table
from bot.matching.decision import Thresholds
from bot.matching.encoder_folder import load_embeddings
from bot.matching.index import WORDS
from bot.matching.judge import judged
from bot.quality.evaluation import Labelled, judge, measures
from training import learn_confidence as learning
from training import learning_heaps, learning_ranking

MEASURES = ("top1", "in_scope", "precision", "at_90", "at_95", "brier")
SHOWN = "tierslieux"
OWN_SETS = ("shipped", *(file.parent.name for file in sorted(learning_heaps.LEARNING.glob("*/knowledge.yaml"))))
WORD_FEATURES = ("words_margin", "lowest", "anywhere", "lead", "length")


@dataclass(frozen=True, slots=True)
class Without:
    """The parts that a row leaves out: signals of the ranking, features, training data."""

    ranked: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    heaps: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    alignment: bool = False


ROWS = {
    "all of it": Without(),
    "without the whole entry": Without(ranked=("documents",), features=("documents", "documents_margin")),
    "cosine instead of the alignment": Without(alignment=True),
    "without the nearest phrasing": Without(ranked=("nearest",), features=("nearest",)),
    "without n-grams": Without(ranked=("entry_grams",)),
    "without words (late interaction)": Without(ranked=(WORDS,), features=WORD_FEATURES),
    "without whether it asks": Without(features=("asks",)),
    "without reading message and entry together": Without(features=("relevance", "lead")),
    "without features of brief questions": Without(features=("exact_margin", "twins", "brief", "brief_margin")),
    "learned without pairs": Without(heaps=("pairs",)),
    "learned without rooms": Without(heaps=("room",)),
    "learned without substituted near misses": Without(heaps=("substituted",)),
    "learned without the own sets": Without(sets=OWN_SETS),
}


def main() -> None:
    sets = learning.read_sets(Path(sys.argv[1]))
    rows, table = learning.measured(sets, prepared())
    learning.learn_alignments(rows, table)
    learning.remember_relevances()
    names = " | ".join(MEASURES)
    print(f"| | {names} | {SHOWN}: {names} |", f"|---|{'--:|' * 2 * len(MEASURES)}", sep="\n")
    for name, without in ROWS.items():
        show(name, figures(rows, table, without))


def prepared(semantic: bool = True) -> learning.Measuring:
    """Return the set-up for measuring with the shipped space, without an alignment."""
    if not semantic:
        return learning.Measuring(shipped_table(False), None, {})
    embeddings = load_embeddings(None, learning.CACHE)
    way = learning.Measuring(shipped_table(True), embeddings, learning.unseen_asks(None)["semantic"])
    return way.with_alignment(np.eye(embeddings.encoder.dimensions, dtype=np.float32))


def figures(rows: learning.Sets, table: CalibrationTable, without: Without) -> dict[str, dict[str, float]]:
    """Return the measures of each judged set."""
    own = [heaps["own"] for name, heaps in rows.items() if name not in without.sets]
    ranking = learning.learn_ranking(own, less(learning.RANKED, without.ranked))
    table = replace(table, ranking={WORDS: 0.0, **ranking})
    copies = {n: {heap: [replace(row) for row in some] for heap, some in heaps.items()} for n, heaps in rows.items()}
    if without.alignment:
        learning_ranking.align((row for heaps in copies.values() for some in heaps.values() for row in some), None)
    learning.measure_candidates(copies, table)
    found = {}
    for name in less(rows, OWN_SETS):
        others = less(learning.others_of(name, rows), without.sets)
        learned_from = {one: {h: copies[one][h] for h in less(copies[one], without.heaps)} for one in others}
        learned = learning.learn(learned_from, table, True, without.features)
        results = [_result(row, learned) for row in copies[name]["own"]]
        labelled = [Labelled("", _right(row)) for row in copies[name]["own"]]
        found[name] = measures(judge(labelled, results, Thresholds(), True))
    return found


def _right(row: learning.Row) -> frozenset[str]:
    return frozenset(row.index.entries[place].id for place in np.flatnonzero(row.right))


def _result(row: learning.Row, table: CalibrationTable) -> SearchResult:
    first = learning.first_result(row, table)
    return (
        judged(first, table, row.index.judge_features(first, row.query))
        if first.confidence >= learning.LEAST
        else first
    )


def less(names: Iterable[str], left_out: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in left_out)


def show(name: str, found: Mapping[str, Mapping[str, float]]) -> None:
    values = [mean(one[measure] for one in found.values()) for measure in MEASURES]
    values += [found[SHOWN][measure] for measure in MEASURES]
    print(f"| {name} | {' | '.join(f'{value:.3f}' for value in values)} |", flush=True)


if __name__ == "__main__":
    main()
