"""Learn `follow_up` in `bot/matching/table.json`: what a message after an answer means, or that nothing answers it.

usage: python -m training.learn_follow_ups [--write]

Learned from `training/learning/*/follow_ups.jsonl`: an entry that was given, what the same person writes next, and the
entries that answer it. Six organisations are learned from; of these the figures are of each by what the others taught.
Four only judge. Multinomial logistic regression over what the message may mean and nothing, with a ridge; needs scipy.
Learn it after the confidence (`training/learn_confidence.py`), which it uses.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from bot.arrays import Doubles
from bot.matching.calibration import TABLE, Features, Logistic
from bot.matching.decision import Thresholds
from bot.matching.encoder_folder import load_embeddings
from bot.matching.follow_up import STANDS_OUT, meanings
from bot.matching.index import Index
from bot.messages import NOWHERE
from training.learning_heaps import CACHE, HERE, JUDGES, LEARNING, read_knowledge

RIDGE = 0.5  # 2 and 0.5 are as good on the organisations that are learned from
FILE = HERE.parent / "bot" / "matching" / TABLE


@dataclass(frozen=True, slots=True)
class Case:
    """A message after an answer: what it may mean, with the features of each, and which of these answer it."""

    organisation: str
    features: Features
    is_right: Sequence[bool]
    is_answerable: bool


def read_cases(is_semantic: bool) -> Iterable[Case]:
    embeddings = load_embeddings(None, CACHE) if is_semantic else None
    for file in sorted(LEARNING.glob("*/follow_ups.jsonl")):
        name = file.parent.name
        folder = HERE.parent / "knowledge" if name == "shipped" else file.parent
        index = Index(read_knowledge(folder), embeddings=embeddings)
        for line in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
            found = meanings(index.encode(line["text"]), index.knowledge.entries[line["given"]], NOWHERE)
            is_right = [match.id in line["expect"] for match in found.matches]
            if is_right:
                yield Case(name, found.features, is_right, bool(line["expect"]))


def fit(cases: Sequence[Case]) -> Logistic:
    names = list(cases[0].features)
    rows = [np.stack([case.features[name] for name in names], axis=1) for case in cases]
    mean, deviation = np.concatenate(rows).mean(axis=0), np.concatenate(rows).std(axis=0)
    deviation = np.where(deviation > 0, deviation, 1.0)
    standardised = [(some - mean) / deviation for some in rows]
    targets = [np.append(case.is_right, not any(case.is_right)).astype(float) for case in cases]

    def loss(weights: Doubles) -> tuple[float, Doubles]:
        total, gradient = RIDGE * float(weights[1:] @ weights[1:]), 2 * RIDGE * weights
        gradient[0] = 0
        for some, target in zip(standardised, targets, strict=True):
            logits = np.append(some @ weights[1:] + weights[0], 0.0)
            chance = np.exp(logits - np.logaddexp.reduce(logits))
            right = float(chance @ target)
            total -= float(np.log(right))
            beyond = (chance - chance * target / right)[:-1]
            gradient += np.append(beyond.sum(), some.T @ beyond)
        return total, gradient

    found = minimize(loss, np.zeros(len(names) + 1), jac=True, method="L-BFGS-B").x
    learned = zip(mean.tolist(), deviation.tolist(), found[1:].tolist(), strict=True)
    return Logistic(dict(zip(names, learned, strict=True)), float(found[0]))


def show(name: str, cases: Sequence[Case], learned: dict[str, Logistic]) -> None:
    """`learned`: for each organisation."""
    limits, right, wrong, helped = Thresholds(), 0, 0, 0
    for case in cases:
        found = learned[case.organisation].chances(case.features)
        best = np.argsort(-found)[:3]
        if found[best[0]] >= limits.confident:
            right += case.is_right[best[0]]
            wrong += not case.is_right[best[0]]
        elif found[best[0]] >= STANDS_OUT and found[best].sum() >= limits.suggest:
            helped += any(case.is_right[at] for at in best)
    asked = sum(case.is_answerable for case in cases)
    share = right / max(1, right + wrong)
    print(f"{name}: {right / asked:.3f} answered rightly, precision {share:.3f}, {(right + helped) / asked:.3f} helped")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    tables = json.loads(FILE.read_text(encoding="utf-8"))
    for kind in ("semantic", "lexical"):
        cases = list(read_cases(kind == "semantic"))
        learned_from = [case for case in cases if case.organisation not in JUDGES]
        names = {case.organisation for case in learned_from}
        left_out = {name: fit([case for case in learned_from if case.organisation != name]) for name in names}
        whole = fit(learned_from)
        show(f"{kind}, left out", learned_from, left_out)
        show(f"{kind}, judges", [one for one in cases if one.organisation in JUDGES], dict.fromkeys(JUDGES, whole))
        features = {name: list(row) for name, row in whole.rows.items()}
        tables[kind]["follow_up"] = {"features": features, "bias": whole.bias}
    if args.write:
        FILE.write_text(json.dumps(tables, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
