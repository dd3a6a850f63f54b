"""Learn `bot/matching/table.json`: what signals weigh in the ranking, what features weigh in the confidence.

usage: python tools/learn_confidence.py EVAL_FOLDER [--judge] [--write]

EVAL_FOLDER holds one folder for each labelled set: `knowledge/*.yaml` and `questions.jsonl`.
--judge   for each set: its measures with a table learned on the *other* sets only
--write   learn on all sets and write the table

Each set gives its questions on its knowledge; the same on a third of its knowledge less (their answers are gone, so
nothing is right: near misses); questions of the other sets, everyday questions and chat (nothing is right); all that
on small knowledge, a few entries cut out of it, as it is where a network begins, and on thin knowledge, with one
phrasing for each entry, as in a public FAQ.
Needs scikit-learn. Seeded; takes a few minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from bot.knowledge.models import Entry, Knowledge
from bot.matching.calibration import CalibrationTable, Logistic
from bot.matching.corpus import Signals
from bot.matching.decision import Thresholds
from bot.matching.discriminant import QuestionClassifier
from bot.matching.features import ENTRY, SCOPE, QueryTerms
from bot.matching.features import features as pair_features
from bot.matching.index import Index, top
from bot.matching.query import Query
from bot.matching.question import FEATURES, TONE, examples, features, question_probability
from bot.matching.split import split_message
from bot.matching.text import clean, fold
from bot.matching.text import words as stems
from bot.matching.use_encoder import UniversalSentenceEncoder
from bot.quality.evaluation import Labelled, judge, measures

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "concierge"
HERE = Path(__file__).parent
TABLE = HERE.parent / "bot" / "matching" / "table.json"
RANKED = ("kriged", "discriminant", "entry_grams")
PLAIN = ("phrasing_grams", "entry_grams", "entry_words")  # the same without the encoder
MOST = 900  # questions of a set that are learned from
CUTS = (3, 6, 12, 25) * 3  # entries that are cut out of each set, as small knowledge
EVERYDAY = ("clinc",)  # sets whose entries are everyday matters: such questions are no strangers there


@dataclass
class Row:
    """One question on one knowledge base, measured."""

    index: Index
    query: Query
    signals: Signals
    question: float  # its probability of being one
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


def learn_question(semantic: bool) -> dict[str, float]:
    """The weights of the question model, from messages written for this project; their tone by cross-validation."""
    heard = examples()
    asks = np.array([example.asks for example in heard])
    values = np.array([list(features(example.text).values()) for example in heard])
    tone = np.zeros(len(heard))
    if semantic:
        vectors = UniversalSentenceEncoder().encode([example.text for example in heard])
        for learned, held in KFold(10, shuffle=True, random_state=7).split(vectors):
            tone[held] = [
                QuestionClassifier(vectors[learned], asks[learned]).log_likelihood_ratio(vector)
                for vector in vectors[held]
            ]
    model = LogisticRegression(C=1.0, max_iter=5000).fit(np.column_stack([values, tone]), asks)
    weights = dict(zip([*FEATURES, TONE], (round(float(w), 2) for w in model.coef_[0]), strict=True))
    return {"bias": round(float(model.intercept_[0]), 2), **weights}


def measure(index: Index, questions: Iterable[Labelled], weights: Mapping[str, float]) -> list[Row]:
    ids = {name: place for place, name in enumerate(index.knowledge.entries)}
    rows = []
    for question in questions:
        right = np.zeros(len(ids), bool)
        right[[ids[name] for name in question.expect if name in ids]] = True
        query = index.corpus.query(split_message(clean(question.text), weights, index.corpus.count_known).whole)
        if not query.is_empty:
            probability = question_probability(question.text, weights, index.corpus.question_score(query))
            rows.append(Row(index, query, index.corpus.signals(query), probability, right))
    return rows


def told(one: Set, chance: random.Random, most: int = 200) -> list[Labelled]:
    """Chat and announcements made of the knowledge's own words: they match well, and nothing is asked."""
    frames = [line.split("\t") for line in (HERE / "told.txt").read_text(encoding="utf-8").splitlines()]
    language = "en" if one.name.startswith(("clinc", "banking")) else "fr"
    frames = [frame for frame in frames if frame[0] == language]
    found = []
    for _ in range(most):
        entry = chance.choice(list(one.knowledge.entries.values()))
        said = chance.choice([entry.title, *entry.questions, *entry.keywords])
        words = [word for word in re.findall(r"[^\W_]+", said) if stems(fold(word))]
        if words:
            start = chance.randrange(len(words))
            a, b = " ".join(words[start : start + chance.choice((1, 2, 2, 3))]), chance.choice(words)
            found.append(Labelled(chance.choice(frames)[1].format(a=a, b=b), frozenset()))
    return found


def everyday(one: Set) -> list[Labelled]:
    """Questions about anything: the weather, a recipe, the capital of Australia."""
    lines = (HERE / "everyday.txt").read_text(encoding="utf-8").splitlines()
    return [] if one.name.startswith(EVERYDAY) else [Labelled(line.split("\t")[1], frozenset()) for line in lines]


def cut_out(one: Set, table: CalibrationTable, semantic: bool, chance: random.Random) -> dict[str, list[Row]]:
    """The same on a few entries of its knowledge, several times."""
    found: dict[str, list[Row]] = {}
    for size in CUTS:
        few = {name: one.knowledge.entries[name] for name in chance.sample(list(one.knowledge.entries), size)}
        index = Index(Knowledge(few), semantic=semantic, cache=CACHE, table=table)
        heaps = {
            "small": [q for q in one.questions if q.expect & few.keys()],
            "small orphans": [q for q in one.questions if q.expect and not q.expect & few.keys()],
            "small nothing": [q for q in one.questions if not q.expect],
            "small everyday": everyday(one),
        }
        for name, heap in heaps.items():
            found.setdefault(name, []).extend(measure(index, chance.sample(heap, min(60, len(heap))), table.question))
    return found


def thinned(one: Set, table: CalibrationTable, semantic: bool, chance: random.Random) -> dict[str, list[Row]]:
    """The same where each entry has one phrasing."""
    entries = one.knowledge.entries.items()
    thin = {name: entry.model_copy(update={"questions": [chance.choice(entry.questions)]}) for name, entry in entries}
    kept = {name: entry for name, entry in thin.items() if chance.random() > 1 / 3}
    whole, fewer = (Index(Knowledge(some), semantic=semantic, cache=CACHE, table=table) for some in (thin, kept))
    chosen = chance.sample(one.questions, min(MOST, len(one.questions)))
    orphans = [q for q in chosen if q.expect and not q.expect & kept.keys()]
    return {
        "thin": measure(whole, chosen, table.question),
        "thin orphans": measure(fewer, orphans[:250], table.question),
        "thin everyday": measure(whole, everyday(one), table.question),
    }


def rows_of(
    one: Set, others: Sequence[Set], table: CalibrationTable, semantic: bool, seed: int = 7
) -> dict[str, list[Row]]:
    chance = random.Random(seed)  # noqa: S311
    whole = Index(one.knowledge, semantic=semantic, cache=CACHE, table=table)
    chosen = chance.sample(one.questions, min(MOST, len(one.questions)))
    kept = {n: e for n, e in one.knowledge.entries.items() if chance.random() > 1 / 3}
    fewer = Index(Knowledge(kept), semantic=semantic, cache=CACHE, table=table)
    orphans = [q for q in chosen if q.expect and not q.expect & kept.keys()]
    foreign = [q for o in others if o.name[:5] != one.name[:5] for q in chance.sample(o.questions, 40)]
    none = [Labelled(q.text, frozenset()) for q in foreign]
    chat = [Labelled(e.text, frozenset()) for e in examples() if not e.asks]
    return {
        "own": measure(whole, chosen, table.question),
        "told": measure(whole, told(one, chance), table.question),
        "chat": measure(whole, chat, table.question),
        "orphans": measure(fewer, orphans[:250], table.question),
        "foreign": measure(whole, none, table.question),
        "everyday": measure(whole, everyday(one), table.question),
        **cut_out(one, table, semantic, chance),
        **thinned(one, table, semantic, chance),
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


def confidence_rows(
    rows: Sequence[Row], table: CalibrationTable, most: int
) -> tuple[list[dict[str, float]], list[bool]]:
    values, right = [], []
    for row in rows:
        scores = row.signals.score(table.ranking)
        asked = QueryTerms.of(row.index.corpus, row.query, row.question)
        for place in top(scores, most):
            values.append(pair_features(row.index.corpus, place, asked, row.signals, scores))
            right.append(bool(row.right[place]))
    return values, right


def learn(sets: Mapping[str, dict[str, list[Row]]], question: Mapping[str, float]) -> CalibrationTable:
    semantic = any(row.signals.discriminant.any() for kinds in sets.values() for row in kinds["own"][:5])
    blank = Logistic({}, 0.0)
    table = CalibrationTable(
        learn_ranking([s["own"] for s in sets.values()], RANKED if semantic else PLAIN), blank, blank, question
    )
    return CalibrationTable(table.ranking, learn_scope(sets, table), learn_entry(sets, table), question)


def learn_scope(sets: Mapping[str, dict[str, list[Row]]], table: CalibrationTable) -> Logistic:
    """Is anything right? On the best entry of each message; the heaps weigh as in `HEAPS`, set by set."""
    pile = Pile([], [], [])
    for name, kinds in sets.items():
        for kind, rows in kinds.items():
            for inside in (True, False):
                chosen = [row for row in rows if bool(row.right.any()) == inside]
                values, _ = confidence_rows(chosen, table, 1)
                pile.add(values, [inside] * len(values), HEAPS[kind] * SETS.get(name, 1.0))
    weights = np.array(pile.weights)
    inside = np.array(pile.right)
    weights[inside] *= (1 - OUTSIDE) / weights[inside].sum()
    weights[~inside] *= OUTSIDE / weights[~inside].sum()
    return pile.learn([n for n in SCOPE if _varies(pile, n)], weights)


def learn_entry(sets: Mapping[str, dict[str, list[Row]]], table: CalibrationTable) -> Logistic:
    """Which entry is right, given that one is: on the first few entries of the questions with an answer."""
    pile = Pile([], [], [])
    for name, kinds in sets.items():
        for kind, weight in ANSWERED.items():
            values, right = confidence_rows([row for row in kinds[kind] if row.right.any()], table, CLOSE)
            pile.add(values, right, weight * SETS.get(name, 1.0))
    return pile.learn([n for n in ENTRY if _varies(pile, n)], np.array(pile.weights))


@dataclass
class Pile:
    """Features of many pairs, what is true of each, and what each weighs."""

    values: list[dict[str, float]]
    right: list[bool]
    weights: list[float]

    def add(self, values: Sequence[dict[str, float]], right: Sequence[bool], weight: float) -> None:
        self.values += values
        self.right += right
        self.weights += [weight / len(values)] * len(values) if values else []

    def learn(self, names: Sequence[str], weights: np.ndarray) -> Logistic:
        matrix = np.array([[row[name] for name in names] for row in self.values])
        mean, spread = matrix.mean(0), matrix.std(0) + 1e-3
        model = LogisticRegression(C=0.1, max_iter=5000)
        model.fit(((matrix - mean) / spread).clip(-4, 4), self.right, sample_weight=weights / weights.mean())
        rows = zip(names, mean, spread, model.coef_[0], strict=True)
        found = {name: (round(float(m), 4), round(float(s), 4), round(float(w), 3)) for name, m, s, w in rows}
        against = [name for name in GOOD if name in found and found[name][2] < 0]  # others say the same better
        kept = [name for name in names if name not in against]
        return self.learn(kept, weights) if against else Logistic(found, round(float(model.intercept_[0]), 3))


def _varies(pile: Pile, name: str) -> bool:
    return len({row[name] for row in pile.values[:500]}) > 1


HEAPS = {  # what each kind of rows weighs
    "own": 0.75, "told": 0.7, "chat": 0.15, "orphans": 0.3, "foreign": 0.1, "everyday": 0.3,
    "small": 0.4, "small orphans": 0.16, "small nothing": 0.12, "small everyday": 0.12,
    "thin": 0.15, "thin orphans": 0.1, "thin everyday": 0.1,
}  # fmt: skip
GOOD = ("score", "asks")  # more of these must not lower the confidence
ANSWERED = {"own": 1.0, "thin": 0.4}  # the same for `learn_entry`
OUTSIDE = 0.1  # share of messages that the knowledge does not answer, as the confidence supposes it
SETS = {"clinc150-5shot": 0.6, "clinc150-50shot": 0.6}  # two sizes of one set
CLOSE = 5  # entries of each question that `learn_entry` looks at


def as_json(table: CalibrationTable) -> dict[str, Any]:
    return {
        "ranking": dict(table.ranking),
        "scope": {"features": {n: list(row) for n, row in table.scope.rows.items()}, "bias": table.scope.bias},
        "entry": {"features": {n: list(row) for n, row in table.entry.rows.items()}, "bias": table.entry.bias},
        "question": dict(table.question),
    }


KEYS = ("top1", "top3", "in_scope", "helped", "precision", "rejected", "false_answers", "mcc", "mcc_best", "brier")


def show(name: str, found: Mapping[str, float], addressed: bool) -> None:
    figures = "  ".join(f"{key} {found[key]:.3f}" for key in KEYS if key in found)
    print(f"{name:26} {'addressed' if addressed else 'overheard'}  {figures}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--judge", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--lexical", action="store_true", help="without the encoder")
    parser.add_argument("--most", type=int, default=100_000, help="questions of a set that are judged")
    args = parser.parse_args()
    sets = {folder.name: read_set(folder) for folder in sorted(args.folder.iterdir()) if folder.is_dir()}
    tables = {}
    for semantic in (False,) if args.lexical else (True, False):
        tables["semantic" if semantic else "lexical"] = as_json(work(sets, semantic, args))
    if args.write:
        TABLE.write_text(json.dumps(tables, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def work(sets: Mapping[str, Set], semantic: bool, args: argparse.Namespace) -> CalibrationTable:
    question = learn_question(semantic)
    blank = CalibrationTable({}, Logistic({}, 0.0), Logistic({}, 0.0), question)
    rows = {n: rows_of(s, [o for o in sets.values() if o is not s], blank, semantic) for n, s in sets.items()}
    shipped = learn(rows, question)
    if args.judge:
        for name, one in sets.items():
            others = {n: r for n, r in rows.items() if n[:5] != name[:5]}  # two sizes of one set are one set
            index = Index(one.knowledge, semantic=semantic, cache=CACHE, table=shipped)
            chosen = random.Random(7).sample(one.questions, min(args.most, len(one.questions)))  # noqa: S311
            for label, used in (("left out", learn(others, question)), ("shipped", shipped)):
                found = [index.with_table(used).search(q.text) for q in chosen]
                for addressed in (True, False):
                    show(f"{name} {label}", measures(judge(chosen, found, Thresholds(), addressed)), addressed)
    return shipped


if __name__ == "__main__":
    sys.exit(main())
