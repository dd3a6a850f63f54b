"""Learn `bot/matching/table.json` and `space.npz`: weights of signals in the ranking, of features in the confidence.

usage: python -m training.learn_confidence EVAL_FOLDER [--judge] [--write] [--most N] [--encoder FOLDER]

EVAL_FOLDER holds one folder for each labelled set: `knowledge/*.yaml` and `questions.jsonl`. Ten more sets, written for
this project, are in `training/learning`.
--judge    print the measures of each set with a table learned on the *other* sets only
--write    learn on all sets and write table and space
--encoder  use another encoder; both files are written into its folder

Each set gives its questions on its knowledge, and heaps of messages that nothing answers: the same questions on two
thirds of its knowledge, phrasings whose rarest words are replaced by those of another field, questions of other sets,
everyday questions, chat. It gives them again on a few of its entries, like a network that begins, and on thin
knowledge, with one phrasing for each entry. Questions that several entries answer (kind `ambiguous`) count as meant for
any of them. Needs scikit-learn. Seeded; takes half an hour, and as long again with --judge.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from bot.arrays import Floats
from bot.encoder import Encoded, Encoder, Kind
from bot.matching import SearchResult
from bot.matching.calibration import LEARNED, TABLE, CalibrationTable, Logistic, shipped_table
from bot.matching.corpus import Corpus
from bot.matching.decision import Thresholds
from bot.matching.documents import document
from bot.matching.embedding_cache import EmbeddingCache
from bot.matching.encoder_folder import load_encoder
from bot.matching.features import QueryTerms
from bot.matching.features import features as candidate_features
from bot.matching.index import WORDS
from bot.matching.judge import LEAST
from bot.matching.vector_space import SPACE, VectorSpace
from bot.quality.evaluation import judge, measures
from bot.reading.examples import messages
from bot.text.folding import clean
from bot.text.shorthands import expand
from training.learn_reading import unseen_asks
from training.learning_heaps import (
    AMBIGUOUS,
    CACHE,
    HERE,
    LEARNING,
    Measuring,
    Row,
    Set,
    Sets,
    heaps_of,
    others_of,
    read_questions,
    read_sets,
)
from training.learning_ranking import learn_alignments, learn_ranking

PACKAGE = HERE.parent / "bot" / "matching"
RANKED = ("nearest", "documents", "entry_grams", WORDS)
PLAIN = ("phrasing_grams", "entry_grams", "entry_words")  # the same without the encoder
SCOPE = ("asks", "nearest", "documents", "lowest", "anywhere", "lead", "length", "name")
ENTRY = ("margin", "share", "documents_margin", "words_margin", "nearest", "verbatim", "exact_margin", "twins", "brief",
         "brief_margin", "name")  # fmt: skip
PLAIN_SCOPE = ("entry_grams", "entry_words", "unknown", "exact", "missing", "asks", "name")
PLAIN_ENTRY = ("margin", "share", "exact", "verbatim", "exact_margin", "twins", "brief", "brief_margin", "name")
JUDGE = ("first", "relevance", "lead", "asks", "tells", "verbatim")
PLAIN_JUDGE = ("first", "asks", "tells", "verbatim")
CLOSE = 5  # first candidates of each question that are used
READ = {"own": 250, "pairs": 400, "room": 400}  # rows of a heap that are judged
READ_ELSE = 60  # rows of any other heap


def learn_space(encoder: Encoder, sets: Iterable[Set]) -> VectorSpace:
    documents = [
        document(entry) for one in sets for entry in list(one.knowledge.entries.values())[:200] if entry.answer
    ]
    samples: dict[Kind, list[Encoded]] = {
        "query": encoder.encode([expand(clean(e.text)) for e in messages()], "query"),
        "passage": encoder.encode(documents, "passage"),
    }
    return VectorSpace.learned(f"{encoder.name}, 4", samples)


def measure_candidates(sets: Sets, table: CalibrationTable) -> None:
    """Compute the features of each row's first candidates."""
    for row in (row for heaps in sets.values() for rows in heaps.values() for row in rows):
        index = row.index.with_table(table)
        terms = QueryTerms.of(index.corpus, row.query, row.question)
        candidates = index.candidates(terms, row.signals)
        values = candidate_features(index.corpus, candidates, terms, row.signals, CLOSE)
        row.candidates = [
            ({name: float(some[at]) for name, some in values.items()}, bool(row.right[place]))
            for at, place in enumerate(candidates.places[:CLOSE])
        ]


def learn_scope(sets: Sets, names: Sequence[str]) -> Logistic:
    """Learn whether anything is right, on the best candidate of each message; heaps weigh as in `HEAPS`."""
    pile = Pile()
    for name, heaps in sets.items():
        for heap, rows in heaps.items():
            for inside in (True, False):
                values = [row.candidates[0][0] for row in rows if bool(row.right.any()) == inside]
                pile.add(values, [inside] * len(values), HEAPS[heap] * SETS.get(name, 1.0))
    return pile.learn(names, balanced(np.array(pile.weights), np.array(pile.right)))


def balanced(weights: np.ndarray, inside: np.ndarray, outside: float = 0.25) -> np.ndarray:
    """Scale the weights: messages that nothing answers weigh `outside` together, the others the rest."""
    factors = np.where(inside, (1 - outside) / weights[inside].sum(), outside / weights[~inside].sum())
    return weights * factors


def learn_entry(sets: Sets, names: Sequence[str]) -> Logistic:
    """Learn which entry is right, given that one is, on the first candidates of answered questions."""
    pile = Pile()
    for name, heaps in sets.items():
        for heap, weight in ANSWERED.items():
            pairs = [pair for row in heaps.get(heap, []) if row.right.any() for pair in row.candidates]
            pile.add([values for values, _ in pairs], [right for _, right in pairs], weight * SETS.get(name, 1.0))
    return pile.learn(names, np.array(pile.weights))


@dataclass
class Pile:
    """Training data: features of many pairs, their classes and weights."""

    values: list[dict[str, float]] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)

    def add(self, values: Sequence[dict[str, float]], right: Sequence[bool], weight: float) -> None:
        self.values += values
        self.right += right
        self.weights += [weight / len(values)] * len(values) if values else []

    def learn(self, names: Sequence[str], weights: np.ndarray) -> Logistic:
        matrix = np.array([[row.get(name, np.nan) for name in names] for row in self.values])
        mean, spread = np.nanmean(matrix, axis=0), np.nanstd(matrix, axis=0) + 1e-3
        standard = np.nan_to_num((matrix - mean) / spread).clip(-4, 4)
        model = LogisticRegression(C=0.1, max_iter=5000).fit(
            standard, self.right, sample_weight=weights / weights.mean()
        )
        rows = zip(names, mean, spread, model.coef_[0], strict=True)
        values = {name: (round(float(m), 4), round(float(s), 4), round(float(w), 3)) for name, m, s, w in rows}
        return Logistic(values, round(float(model.intercept_[0]), 3))


HEAPS = {  # weight of each kind of rows
    "own": 0.75, "known": 0.1, AMBIGUOUS: 0.2, "told": 0.7, "chat": 0.15, "orphans": 0.3, "foreign": 0.4,
    "everyday": 1.0, "substituted": 0.4,
    "small": 0.4, "small orphans": 0.16, "small nothing": 0.12, "small everyday": 0.4,
    "thin": 0.15, "thin orphans": 0.1, "thin everyday": 0.1, "pairs": 1.0, "room": 1.0,
}  # fmt: skip
CALLED = HEAPS | {"told": 2.1, "pairs": 5.0, "room": 2.0}  # the same for the judge
ROOM = {  # and for its judge of rooms
    "own": 0.75, "known": 0.1, AMBIGUOUS: 0.1, "told": 0.7, "chat": 0.5, "orphans": 0.2, "foreign": 0.2,
    "everyday": 0.5, "substituted": 0.2,
    "small": 0.4, "small orphans": 0.1, "small nothing": 0.1, "small everyday": 0.2,
    "thin": 0.15, "thin orphans": 0.1, "thin everyday": 0.1, "pairs": 9.0, "room": 3.0,
}  # fmt: skip
ANSWERED = {"own": 1.0, "known": 0.2, AMBIGUOUS: 0.4, "thin": 0.4}  # the same for `learn_entry`
OUTSIDE, IN_ROOM = 0.25, 0.7  # share of messages without an answer: of those that call, and in a room
SETS = {"clinc150-5shot": 0.6, "clinc150-50shot": 0.6}  # weights of sets; all others weigh 1


def learn(sets: Sets, table: CalibrationTable, is_semantic: bool, left_out: Container[str] = ()) -> CalibrationTable:
    """Learn scope, entry and judge; the ranking is that of `table`. `left_out`: features that are not used.

    Words alone cannot recognise a replaced word: without the encoder that heap is left out.
    """
    names = (SCOPE, ENTRY, JUDGE) if is_semantic else (PLAIN_SCOPE, PLAIN_ENTRY, PLAIN_JUDGE)
    scope, entry, judge = ([name for name in some if name not in left_out] for some in names)
    if not is_semantic:
        sets = {
            name: {heap: rows for heap, rows in heaps.items() if heap != "substituted"} for name, heaps in sets.items()
        }
    table = replace(table, scope=learn_scope(sets, scope), entry=learn_entry(sets, entry))
    read_rows(sets, table)
    called, overheard = (learn_judge(sets, judge, *some) for some in ((CALLED, OUTSIDE), (ROOM, IN_ROOM)))
    return replace(table, called=called, overheard=overheard)


def read_rows(sets: Sets, table: CalibrationTable) -> None:
    """Compute the judge's features for some rows of each heap, evenly spaced: a heap is ordered by source."""
    for heaps in sets.values():
        for heap, rows in heaps.items():
            for row in evenly(rows, READ.get(heap, READ_ELSE)):
                found = first_result(row, table)
                row.is_right = found.matches[0].id in {
                    row.index.entries[place].id for place in np.flatnonzero(row.right)
                }
                values = row.index.judge_features(found, row.query) if found.confidence >= LEAST else None
                row.judged = {name: float(some[0]) for name, some in values.items()} if values else None


def remember_relevances() -> None:
    """Cache the relevance of each message and entry."""
    known: dict[tuple[int, int, str], float | None] = {}
    read = Corpus.relevance

    def relevance(self: Corpus, place: int, query: Any) -> float | None:
        key = id(self), place, query.text
        if key not in known:
            known[key] = read(self, place, query)
        return known[key]

    Corpus.relevance = relevance  # type: ignore[method-assign]


def first_result(row: Row, table: CalibrationTable) -> SearchResult:
    """Return the search result before it is judged."""
    index = row.index.with_table(table)
    return index.first_result("", QueryTerms.of(index.corpus, row.query, row.question), row.signals)


def evenly(rows: Sequence[Row], most: int) -> list[Row]:
    return [rows[at * len(rows) // most] for at in range(most)] if len(rows) > most else list(rows)


def learn_judge(sets: Sets, names: Sequence[str], heaps: Mapping[str, float], outside: float) -> Logistic:
    """Learn whether the entry found answers. `heaps`: their weights; `outside`: share of messages without an answer."""
    pile, inside, seen = Pile(), [], []
    for name, by_heap in sets.items():
        for heap, rows in by_heap.items():
            some = evenly(rows, READ.get(heap, READ_ELSE))
            pile.add(
                [row.judged or {} for row in some], [row.is_right for row in some], heaps[heap] * SETS.get(name, 1.0)
            )
            inside += [bool(row.right.any()) for row in some]
            seen += [row.judged is not None for row in some]
    weights = balanced(np.array(pile.weights), np.array(inside), outside)
    return pile.learn(names, np.where(seen, weights, 0))


def measured(sets: Mapping[str, Set], way: Measuring) -> tuple[dict[str, dict[str, list[Row]]], CalibrationTable]:
    """Measure the rows of all heaps without an alignment, and learn the ranking on all sets: it is five numbers."""
    rows: dict[str, dict[str, list[Row]]] = {}
    for name, one in sets.items():
        rows[name] = {}
        for heap, some in heaps_of(one, [sets[other] for other in others_of(name, sets)], way):
            rows[name].setdefault(heap, []).extend(some)
        print(f"  {name}: {sum(map(len, rows[name].values()))} messages", file=sys.stderr, flush=True)
    ranking = learn_ranking([heaps["own"] for heaps in rows.values()], RANKED if way.embeddings else PLAIN)
    return rows, replace(way.table, ranking=ranking)


def as_json(table: CalibrationTable) -> dict[str, Any]:
    logistics: dict[str, Logistic] = {name: getattr(table, name) for name in LEARNED}
    return {
        "ranking": dict(table.ranking),
        **{
            name: {"features": {feature: list(row) for feature, row in one.rows.items()}, "bias": one.bias}
            for name, one in logistics.items()
        },
    }


KEYS = ("top1", "top3", "in_scope", "helped", "precision", "rejected", "false_answers", "mcc", "mcc_best", "brier",
        "at_90", "at_95")  # fmt: skip


def show(name: str, values: Mapping[str, float], addressed: bool) -> None:
    figures = "  ".join(f"{key} {values[key]:.3f}" for key in KEYS if key in values)
    print(f"{name:26} {'addressed' if addressed else 'overheard'}  {figures}", flush=True)


def judge_sets(
    sets: Mapping[str, Set],
    rows: Sets,
    table: CalibrationTable,
    shipped: CalibrationTable,
    way: Measuring,
    found: Mapping[str, Floats],
    most: int,
) -> None:
    """Print each set's measures with what was learned on the others, and with the shipped table and alignment.

    `table`: its ranking is used; `found`: the alignments.
    """
    more = {"tierslieux": ("other authors", read_questions(LEARNING / "tierslieux" / "questions.jsonl"))}
    for name, one in sets.items():
        left_out = learn({other: rows[other] for other in others_of(name, rows)}, table, way.embeddings is not None)
        chosen = random.Random(7).sample(one.questions, min(most, len(one.questions)))  # noqa: S311
        piles = ((name, chosen), more.get(name, ("", [])), (f"{name}, ambiguous", one.ambiguous))
        for label, used, alignment in (("left out", left_out, name), ("shipped", shipped, "")):
            index = way.with_alignment(found.get(alignment)).index(one.knowledge.entries, one).with_table(used)
            for title, questions in piles:
                results = [index.search(question.text) for question in questions]
                for addressed in (True, False) if questions else ():
                    show(f"{title} {label}", measures(judge(questions, results, Thresholds(), addressed)), addressed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--judge", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--encoder", type=Path, help="folder of another encoder")
    parser.add_argument("--most", type=int, default=100_000, help="questions of a set that are judged")
    args = parser.parse_args()
    remember_relevances()
    sets = read_sets(args.folder)
    blank = Logistic({}, 0.0)
    encoder = load_encoder(args.encoder, CACHE)
    space, untaught = learn_space(encoder, sets.values()), CalibrationTable({}, *[blank] * len(LEARNED))
    unseen = unseen_asks(args.encoder)
    ways = [
        Measuring(untaught, EmbeddingCache(encoder, CACHE, space=space), unseen["semantic"]),
        Measuring(untaught, None, unseen["lexical"]),
    ]
    tables: dict[str, Any] = {"encoder": encoder.name}
    judging = []
    for one in ways:
        rows, table = measured(sets, one)
        found = learn_alignments(rows, table) if one.embeddings else {}
        measure_candidates(rows, table)
        shipped = learn(rows, table, one.embeddings is not None)
        kept = shipped_table(one.embeddings is not None).follow_up  # learned afterwards, by another program
        shipped = replace(shipped, follow_up=kept)
        tables["semantic" if one.embeddings else "lexical"] = as_json(shipped)
        space = replace(space, alignment=found.get("", space.alignment))
        judging.append((rows, table, shipped, one, found))
    if args.write:
        folder = args.encoder or PACKAGE
        np.savez_compressed(folder / SPACE, **space.arrays())
        (folder / TABLE).write_text(json.dumps(tables, indent=1) + "\n", encoding="utf-8")
    for some in judging if args.judge else ():
        judge_sets(sets, *some, args.most)


if __name__ == "__main__":
    main()
