"""Learn `bot/matching/table.json`: what signals weigh in the ranking, what features weigh in the confidence.

usage: python tools/learn_confidence.py EVAL_FOLDER [--judge] [--write]

EVAL_FOLDER holds one folder for each labelled set: `knowledge/*.yaml` and `questions.jsonl`.
--judge   for each set: its measures with a table learned on the *other* sets only
--write   learn on all sets and write the table

Each set gives three kinds of rows: its questions on its knowledge; the same on a third of its knowledge less (their
answers are gone, so nothing is right: near misses); questions of the other sets (nothing is right).
Needs scikit-learn. Seeded; takes a few minutes.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from sklearn.linear_model import LogisticRegression

from bot.decision import Limits
from bot.evaluation import Labelled, judge, measures
from bot.knowledge import Entry, Knowledge
from bot.matching.confidence import Table
from bot.matching.index import Index
from bot.matching.parts import take_apart
from bot.matching.question import FEATURES, features, likeness
from bot.matching.signals import Reading, Signals
from bot.matching.text import clean

HERE = Path(__file__).parent
TABLE = HERE.parent / "bot" / "matching" / "table.json"
RANKED = ("nearest", "discriminant", "phrasing_grams", "entry_grams", "entry_words")
MOST = 900  # questions of a set that are learned from
CANDIDATES = 3


@dataclass
class Row:
    """One question on one knowledge base, measured."""

    index: Index
    reading: Reading
    signals: Signals
    asks: float
    right: np.ndarray  # bool for each entry


@dataclass
class Set:
    name: str
    knowledge: Knowledge
    questions: list[Labelled]


def read_set(folder: Path) -> Set:
    entries = {}
    for file in sorted((folder / "knowledge").glob("*.yaml")):
        for raw in yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader).get("entries", []):  # noqa: S506
            entries[raw["id"]] = Entry.model_validate(raw)
    lines = (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return Set(folder.name, Knowledge(entries), [Labelled.read(json.loads(line)) for line in lines if line.strip()])


def learn_question() -> dict[str, float]:
    """The weights of the question model, from messages written for this project."""
    rows = [json.loads(line) for line in (HERE / "messages.jsonl").read_text(encoding="utf-8").splitlines()]
    values = np.array([list(features(row["text"]).values()) for row in rows])
    model = LogisticRegression(C=1.0, max_iter=5000).fit(values, [row["asks"] for row in rows])
    weights = dict(zip(FEATURES, (round(float(w), 2) for w in model.coef_[0]), strict=True))
    return {"bias": round(float(model.intercept_[0]), 2), **weights}


def measure(index: Index, questions: Iterable[Labelled], weights: Mapping[str, float]) -> list[Row]:
    ids = {name: place for place, name in enumerate(index.knowledge.entries)}
    rows = []
    for question in questions:
        right = np.zeros(len(ids), bool)
        right[[ids[name] for name in question.expect if name in ids]] = True
        asks = likeness(question.text, weights)
        whole = take_apart(clean(question.text), weights, index.corpus.weight).whole
        reading = index.corpus.read(whole)
        if len(reading.words) or len(reading.grams):
            rows.append(Row(index, reading, index.corpus.signals(reading), asks, right))
    return rows


def rows_of(one: Set, others: Sequence[Set], table: Table, semantic: bool, seed: int = 7) -> dict[str, list[Row]]:
    chance = random.Random(seed)  # noqa: S311
    cache = Path.home() / ".cache" / "concierge"
    whole = Index(one.knowledge, semantic=semantic, cache=cache, table=table)
    chosen = chance.sample(one.questions, min(MOST, len(one.questions)))
    kept = {n: e for n, e in one.knowledge.entries.items() if chance.random() > 1 / 3}
    fewer = Index(Knowledge(kept), semantic=semantic, cache=cache, previous=whole, table=table)
    orphans = [q for q in chosen if q.expect and not q.expect & kept.keys()]
    foreign = [q for o in others if o.name[:5] != one.name[:5] for q in chance.sample(o.questions, 40)]
    none = [Labelled(q.text, frozenset()) for q in foreign]
    return {
        "own": measure(whole, chosen, table.question),
        "orphans": measure(fewer, orphans[:250], table.question),
        "foreign": measure(whole, none, table.question),
    }


def learn_ranking(sets: Sequence[list[Row]], names: Sequence[str]) -> dict[str, float]:
    """Listwise softmax over the entries of each question, each set weighing the same."""
    stacks = []
    for rows in sets:
        rows = [row for row in rows if row.right.any()]
        values = np.array([[getattr(row.signals, name) for name in names] for row in rows], dtype=np.float32)
        stacks.append((values, np.array([row.right for row in rows])))
    spread = np.mean([values.std(axis=(0, 2)) for values, _ in stacks], axis=0) + 1e-6
    weights = momentum = speed = np.zeros(len(names))
    for step in range(1, 401):
        slope = 1e-3 * weights
        for values, right in stacks:
            scores = np.tensordot(values, weights / spread, axes=(1, 0))
            odds = np.exp(scores - scores.max(axis=1, keepdims=True))
            share, hit = odds / odds.sum(1, keepdims=True), odds * right / (odds * right).sum(1, keepdims=True)
            slope = slope + np.einsum("qe,qse->s", share - hit, values) / spread / len(values) / len(stacks)
        momentum, speed = 0.9 * momentum + 0.1 * slope, 0.99 * speed + 0.01 * slope**2
        weights = weights - 0.05 * momentum / (1 - 0.9**step) / (np.sqrt(speed / (1 - 0.99**step)) + 1e-8)
    return {name: round(float(w), 3) for name, w in zip(names, weights / spread, strict=True)}


def confidence_rows(rows: Sequence[Row], ranking: Mapping[str, float]) -> tuple[list[dict[str, float]], list[bool]]:
    values, right = [], []
    for row in rows:
        scores = row.signals.score(ranking)
        for place in np.argsort(-scores, kind="stable")[:CANDIDATES]:
            values.append(row.index.corpus.features(int(place), row.reading, row.signals, scores, row.asks))
            right.append(bool(row.right[place]))
    return values, right


def learn(sets: Mapping[str, dict[str, list[Row]]], question: Mapping[str, float], strength: float = 0.3) -> Table:
    names = [n for n in RANKED if any(getattr(r.signals, n).any() for s in sets.values() for r in s["own"][:5])]
    ranking = learn_ranking([s["own"] for s in sets.values()], names)
    values: list[list[float]] = []
    right: list[bool] = []
    weights: list[float] = []
    features_used: list[str] = []
    for kinds in sets.values():
        for kind, rows in kinds.items():
            found, labels = confidence_rows(rows, ranking)
            if not found:
                continue
            features_used = list(found[0])
            values += [list(f.values()) for f in found]
            right += labels
            weights += [SHARE[kind] / len(found)] * len(found)
    matrix = np.array(values)
    mean, spread = matrix.mean(0), matrix.std(0) + 1e-3
    scaled = ((matrix - mean) / spread).clip(-4, 4)
    model = LogisticRegression(C=strength, max_iter=5000)
    model.fit(scaled, right, sample_weight=np.array(weights) * len(weights) / sum(weights))
    rows = zip(features_used, mean, spread, model.coef_[0], strict=True)
    table = {name: (round(float(m), 4), round(float(s), 4), round(float(w), 3)) for name, m, s, w in rows}
    return Table(ranking, table, round(float(model.intercept_[0]), 3), question)


SHARE = {"own": 1.0, "orphans": 0.25, "foreign": 0.1}  # what each kind of rows weighs within a set


def as_json(table: Table) -> dict[str, Any]:
    return {
        "ranking": dict(table.ranking),
        "confidence": {name: list(row) for name, row in table.confidence.items()},
        "bias": table.bias,
        "question": dict(table.question),
    }


KEYS = ("top1", "top3", "in_scope", "helped", "precision", "rejected", "false_answers", "mcc", "mcc_best", "brier")


def show(name: str, found: Mapping[str, float], addressed: bool) -> None:
    figures = "  ".join(f"{key} {found[key]:.3f}" for key in KEYS if key in found)
    print(f"{name:16} {'addressed' if addressed else 'overheard'}  {figures}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--judge", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--lexical", action="store_true", help="without the encoder")
    parser.add_argument("--only", default="", help="judge only these sets, comma-separated")
    args = parser.parse_args()
    sets = {folder.name: read_set(folder) for folder in sorted(args.folder.iterdir()) if folder.is_dir()}
    tables = {}
    for semantic in (False,) if args.lexical else (True,) if not args.write else (True, False):
        tables["semantic" if semantic else "lexical"] = as_json(work(sets, semantic, args))
    if args.write:
        TABLE.write_text(json.dumps(tables, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def work(sets: Mapping[str, Set], semantic: bool, args: argparse.Namespace) -> Table:
    question = learn_question()
    blank = Table({}, {}, 0.0, question)
    rows = {n: rows_of(s, [o for o in sets.values() if o is not s], blank, semantic) for n, s in sets.items()}
    shipped = learn(rows, question)
    if args.judge:
        for name, one in sets.items():
            if args.only and name not in args.only.split(","):
                continue
            family = name[:5]  # two sizes of one set are one set
            table = learn({n: r for n, r in rows.items() if n[:5] != family}, question)
            for label, used in (("left out", table), ("shipped", shipped)):
                index = Index(one.knowledge, semantic=semantic, cache=Path.home() / ".cache/concierge", table=used)
                found = [index.search(q.text) for q in one.questions]
                for addressed in (True, False):
                    rows_judged = judge(one.questions, found, Limits(), addressed)
                    show(f"{name[:12]} {label[:3]}", measures(rows_judged), addressed)
    return shipped


if __name__ == "__main__":
    sys.exit(main())
