"""What each part of the matching is worth: the ablation table of `docs/matching.md`.

usage: python tools/ablate_matching.py EVAL_FOLDER

Each row leaves one part out, learns ranking and confidence anew on the other sets, and judges on the set left out: so
the rest may make up for what is missing. Takes about fifteen minutes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import learn_confidence as learning
import numpy as np

from bot.matching.calibration import CalibrationTable
from bot.matching.features import QueryTerms, features
from bot.matching.index import top
from bot.matching.spelling import Vocabulary
from bot.matching.split import SplitMessage, SubQuestion

Measured = Mapping[str, dict[str, list[learning.Row]]]
PRECISION = 0.9


def without(module_list: tuple[str, ...], *names: str) -> tuple[str, ...]:
    return tuple(name for name in module_list if name not in names)


FEATURES: dict[str, dict[str, Any]] = {  # what is left out of the learning; what was measured stays
    "all of it": {},
    "without kriging": {
        "RANKED": without(learning.RANKED, "kriged"),
        "SCOPE": without(learning.SCOPE, "ahead", "heard_of"),
        "ENTRY": without(learning.ENTRY, "ahead"),
    },
    "kriging in the ranking alone": {
        "SCOPE": without(learning.SCOPE, "ahead", "heard_of"),
        "ENTRY": without(learning.ENTRY, "ahead"),
    },
    "without the discriminant": {"RANKED": without(learning.RANKED, "discriminant")},
    "without n-grams over all of an entry's text": {"RANKED": without(learning.RANKED, "entry_grams")},
    "with the nearest phrasing and rare words": {"RANKED": (*learning.RANKED, "nearest", "entry_words")},
    "confidence without words: unknown, akin, apart": {
        "SCOPE": without(learning.SCOPE, "unknown", "akin", "apart"),
        "ENTRY": without(learning.ENTRY, "akin"),
    },
    "confidence without question likeness": {"SCOPE": without(learning.SCOPE, "asks")},
    "confidence learned without near misses and made-up chat": {
        "HEAPS": {"own": 1.0, "told": 0.0, "chat": 0.0, "orphans": 0.0, "foreign": 0.0}
    },
}
TEXTS: dict[str, tuple[Any, str, Callable[..., Any]]] = {  # what changes the measuring itself
    "without mending typos": (Vocabulary, "correct", lambda self, text: {}),
    "the whole message instead of its question": (
        learning,
        "split_message",
        lambda text, *rest: SplitMessage(SubQuestion(" ".join(text.split()))),
    ),
}


def main() -> None:
    folder = Path(sys.argv[1])
    sets = {one.name: learning.read_set(one) for one in sorted(folder.iterdir()) if one.is_dir()}
    print("| | top1 | top3 | answered at 0.90 | brier | tierslieux: top1 | top3 | answered | brier |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    measured = measure(sets, True)
    for name, changes in FEATURES.items():
        with changed(changes):
            show(name, measured, True)
    for name, (owner, attribute, instead) in TEXTS.items():
        with patch.object(owner, attribute, instead):
            show(name, measure(sets, True), True)
    show("`semantic: false`: words, n-grams and typos alone", measure(sets, False), False)


@contextmanager
def changed(values: Mapping[str, Any]) -> Iterator[None]:
    with patch.multiple(learning, **values) if values else patch.object(learning, "MOST", learning.MOST):
        yield


def measure(sets: Mapping[str, learning.Set], semantic: bool) -> Measured:
    blank = CalibrationTable(
        {}, learning.Logistic({}, 0.0), learning.Logistic({}, 0.0), learning.learn_question(semantic)
    )
    return {n: learning.rows_of(s, [o for o in sets.values() if o is not s], blank, semantic) for n, s in sets.items()}


def show(name: str, measured: Measured, semantic: bool) -> None:
    question = learning.learn_question(semantic)
    found = {}
    for left_out, heaps in measured.items():
        others = {n: r for n, r in measured.items() if n[:5] != left_out[:5]}
        found[left_out] = judged(heaps["own"], learning.learn(others, question))
    figures = [*np.mean(list(found.values()), axis=0), *found["tierslieux"]]
    print(f"| {name} | {' | '.join(f'{figure:.3f}' for figure in figures)} |", flush=True)


def judged(rows: list[learning.Row], table: CalibrationTable) -> tuple[float, float, float, float]:
    """top1, top3, the share answered at a precision of `PRECISION`, brier."""
    inside, right, near, sure = [], [], [], []
    for row in rows:
        scores = row.signals.score(table.ranking)
        asked = QueryTerms.of(row.index.corpus, row.query, row.question)
        places = top(scores, 8)
        ranked = sorted(
            ((table.probability(features(row.index.corpus, p, asked, row.signals, scores)), p) for p in places),
            reverse=True,
        )
        inside.append(bool(row.right.any()))
        right.append(bool(row.right[ranked[0][1]]))
        near.append(any(row.right[place] for _, place in ranked[:3]))
        sure.append(ranked[0][0])
    order = np.argsort(-np.array(sure), kind="stable")
    hits = np.cumsum(np.array(right)[order])
    precise = hits / np.arange(1, len(hits) + 1) >= PRECISION
    answered = hits[precise].max() / sum(inside) if precise.any() else 0.0
    brier = float(np.mean((np.array(sure) - np.array(right)) ** 2))
    asked_us = np.array(inside)
    return float(np.mean(np.array(right)[asked_us])), float(np.mean(np.array(near)[asked_us])), float(answered), brier


if __name__ == "__main__":
    main()
