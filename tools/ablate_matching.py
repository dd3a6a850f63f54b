"""What each part of the matching is worth: the ablation table of `docs/matching.md`.

usage: python tools/ablate_matching.py EVAL_FOLDER

The sets are measured once. Each row then leaves one part out, learns anew, and judges each set of EVAL_FOLDER by a
confidence learned on the other sets: so the rest may make up for what is missing. The ranking is learned on all sets.
Prints means over the sets of EVAL_FOLDER, then the figures of tierslieux. Takes about an hour.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean
from typing import Any
from unittest.mock import patch

import learn_confidence as learning
import learning_heaps
import learning_ranking
import numpy as np

from bot.arrays import Floats
from bot.matching import corpus
from bot.matching.calibration import CalibrationTable, Logistic, shipped_table
from bot.matching.encoder_folder import load_embeddings
from bot.matching.index import WORDS
from bot.matching.spelling import Vocabulary
from bot.matching.split import SplitMessage, split_message
from bot.quality.evaluation import Labelled, LabelledResult, measures

MEASURES = ("top1", "top3", "at_90", "at_95", "brier")
SHOWN = "tierslieux"
OWN_SETS = ("shipped", *(file.parent.name for file in sorted(learning_heaps.LEARNING.glob("*/knowledge.yaml"))))
BRIEF_FEATURES = ("exact_margin", "twins", "brief", "brief_margin", "brief_words")
WORD_FEATURES = ("words", "words_margin", "rarest", "lowest", "without", "elsewhere", "anywhere", "lead", "length")
ALWAYS = Logistic({}, 50.0)  # a probability of 1
RIGHT, WRONG = "right", "wrong"


@dataclass(frozen=True, slots=True)
class Without:
    """What a row leaves out: signals of the ranking, features of the confidence, what it is learned from."""

    ranked: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    heaps: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    question: bool = False  # the factor of who clearly tells or chats
    alignment: bool = False


ROWS = {
    "all of it": Without(),
    "without documents": Without(ranked=("documents",), features=("documents", "documents_margin")),
    "cosine instead of the alignment": Without(alignment=True),
    "without the discriminant": Without(ranked=("discriminant",)),
    "without the density (nearest phrasings)": Without(ranked=("density",), features=("nearest", "spread")),
    "without n-grams": Without(ranked=("entry_grams",)),
    "without words (late interaction) in ranking and confidence": Without(ranked=(WORDS,), features=WORD_FEATURES),
    "confidence without word features": Without(features=WORD_FEATURES),
    "confidence without whether it asks": Without(features=("asks",), question=True),
    "learned without substituted near misses": Without(heaps=("substituted",)),
    "confidence without features of brief questions": Without(features=BRIEF_FEATURES),
    "learned without ambiguous questions": Without(heaps=(learning.AMBIGUOUS,)),
    "learned without the own sets": Without(sets=OWN_SETS),
}


def _question_alone(text: str, *rest: Any) -> SplitMessage:
    question = split_message(text, *rest).question
    return SplitMessage(question, (question,))


TEXTS: dict[str, tuple[Any, str, Callable[..., Any]]] = {  # what changes the measuring: of the sets' own questions
    "without mending typos": (Vocabulary, "correct", lambda self, text: {}),
    "shorthands as typed": (corpus, "expand", lambda text: text),
    "the question with its context instead of the whole message": (learning_heaps, "split_message", _question_alone),
}


def main() -> None:
    sets = learning.read_sets(Path(sys.argv[1]))
    way = prepared(sets)
    rows, table = learning.measured(sets, way)
    alignments = learning.learn_alignments(rows, table)
    learning.measure_candidates(rows, table)
    names = " | ".join(MEASURES)
    print(f"| | {names} | {SHOWN}: {names} |", f"|---|{'--:|' * 2 * len(MEASURES)}", sep="\n")
    for name, without in ROWS.items():
        show(name, judged(rows, table, without))
    for name, (owner, attribute, instead) in TEXTS.items():
        with patch.object(owner, attribute, instead):
            changed = {one: {**heaps, "own": own_rows(sets, one, way, alignments[one])} for one, heaps in rows.items()}
        show(name, judged(*ranked_anew(changed, table, Without()), Without()))


def prepared(sets: Mapping[str, learning.Set], semantic: bool = True) -> learning.Measuring:
    """To measure with the space that is shipped, without an alignment."""
    embeddings = load_embeddings(None, learning.CACHE)
    if not semantic:
        return learning.Measuring(shipped_table(False), None, {})
    way = learning.Measuring(shipped_table(True), embeddings, learning.unseen_asks(None)["semantic"])
    return way.with_alignment(np.eye(embeddings.encoder.dimensions, dtype=np.float32))


def own_rows(
    sets: Mapping[str, learning.Set], name: str, way: learning.Measuring, alignment: Floats
) -> list[learning.Row]:
    others = [sets[other] for other in learning.others_of(name, sets)]
    _, rows = next(learning.heaps_of(sets[name], others, way))
    learning_ranking.align(rows, alignment)
    return rows


def ranked_anew(
    rows: learning.Sets, table: CalibrationTable, without: Without
) -> tuple[dict[str, dict[str, list[learning.Row]]], CalibrationTable]:
    """Copies of the rows with other candidates, and the table with their ranking."""
    names = less(learning.RANKED, without.ranked)
    own = [heaps["own"] for name, heaps in rows.items() if name not in without.sets]
    table = replace(table, ranking={WORDS: 0.0, **learning.learn_ranking(own, names)})
    copies = {n: {heap: [replace(row) for row in some] for heap, some in heaps.items()} for n, heaps in rows.items()}
    if without.alignment:
        learning_ranking.align((row for heaps in copies.values() for some in heaps.values() for row in some), None)
    learning.measure_candidates(copies, table)
    return copies, table


def judged(rows: learning.Sets, table: CalibrationTable, without: Without) -> dict[str, dict[str, float]]:
    """The measures of each set that is judged."""
    if without.ranked or without.sets or without.alignment:
        rows, table = ranked_anew(rows, table, without)
    found = {}
    for name in less(rows, OWN_SETS):
        others = less(learning.others_of(name, rows), without.sets)
        learned_from = {one: {h: rows[one][h] for h in less(rows[one], without.heaps)} for one in others}
        found[name] = measures(results(rows[name]["own"], learned(learned_from, table, without), without.question))
    return found


def learned(rows: learning.Sets, table: CalibrationTable, without: Without) -> CalibrationTable:
    scope, entry = (less(names, without.features) for names in (learning.SCOPE, learning.ENTRY))
    return replace(table, scope=learning.learn_scope(rows, scope), entry=learning.learn_entry(rows, entry))


def results(rows: Iterable[learning.Row], table: CalibrationTable, without_factor: bool) -> list[LabelledResult]:
    changed = patch("bot.matching.calibration.QUESTION_FACTOR", ALWAYS) if without_factor else nullcontext()
    with changed:
        return [_result(row, table) for row in rows]


def _result(row: learning.Row, table: CalibrationTable) -> LabelledResult:
    """Of the entries it is only told which are right."""
    sure = [(float(table.probability(values)), right) for values, right in row.candidates]
    sure.sort(key=lambda pair: -pair[0])
    expected = frozenset({RIGHT} if row.right.any() else ())
    ids = tuple(RIGHT if right else WRONG for _, right in sure)
    return LabelledResult(Labelled("", expected), "silent", "", ids, sure[0][0])


def less(names: Iterable[str], left_out: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in left_out)


def show(name: str, found: Mapping[str, Mapping[str, float]]) -> None:
    figures = [mean(one[measure] for one in found.values()) for measure in MEASURES]
    figures += [found[SHOWN][measure] for measure in MEASURES]
    print(f"| {name} | {' | '.join(f'{figure:.3f}' for figure in figures)} |", flush=True)


if __name__ == "__main__":
    main()
