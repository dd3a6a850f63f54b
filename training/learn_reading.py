"""Learn `bot/reading/weights.npz`, the reading of messages, from the examples. `make reading` runs it.

usage: python -m training.learn_reading [--check] [--encoder FOLDER]

--check    show how the voices in `training/judged`, which are never learned from, are read; write nothing
--encoder  use another encoder; the weights are written into its folder

Deterministic on one machine. Takes seven to ten minutes on two cores.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.arrays import Floats
from bot.conversation.policy import GOES_ON
from bot.matching.embedding_cache import reading_vector
from bot.matching.encoder_folder import load_embeddings
from bot.reading import ACTS, SAID, Said
from bot.reading.calls import cut_call
from bot.reading.examples import ASKING, CALLING, KINDS, MessageExample, messages, read, shipped
from bot.reading.model import ASKED, NONE, WEIGHTS, Heads, ReadingModel, shipped_model
from bot.reading.read import Reader
from bot.reading.regression import Rows, fit, softmax
from bot.reading.text_columns import NOUN, PLACE, WIDTH, call_columns, columns
from bot.text.folding import clean
from training import learn_clothes, learn_joints
from training.pairs import read_pairs

HERE = Path(__file__).parent
PACKAGE = HERE.parent / "bot" / "reading"
CACHE = HERE.parent / ".venv" / "encoder"
SETS = HERE / "sets"
CHOOSING = "nadine"  # the voice that limits and features were chosen on; the others are only reported

STEPS, PENALTY, LEXICAL_PENALTY = 240, 1e-4, 3e-5  # chosen on `CHOOSING`; the steps are enough to converge
ASKS_STEPS, ASKS_PENALTY = 120, 3e-4
CALLS_STEPS, CALLS_PENALTY = 60, 1e-3  # chosen on the learned voices, each left out in turn
MESSAGE = 0.3  # weight of a message of `messages.jsonl` beside an example: they are many, and no acts
OTHERS, OTHER = 9000, 0.3  # questions of `training/sets`, and the weight of each
PAIRED = 0.5  # weight of a message of the pairs in the same sets
TELLING, TO_PEOPLE = ("knows", "remark"), ("person", "habit", "newest")
"""Kinds of a pair's trap that ask nothing, and that only people can answer."""
OF_THE_BOT = ("about_bot", "data", "more", "sources")
"""Acts in the form of questions to the bot: `inquires` learns nothing from them."""
ELSEWHERE = 0.2  # weight of what was said to nobody, in learning what asks after words of the bot
KIND = 0.5  # weight of an example of a kind that is no act by itself
BATCH = 64  # texts that are encoded together
FOLDS = 4  # of the messages, in `unseen_asks`
OWN = 0.5  # share of an example's weight in the state that it was written for; the rest is spread over all possible
ROOM = "room"  # label of a message that people say to each other
SELDOM = 0.1  # share that is spread over all states: people say anything at any time
AFTER: Mapping[str, Sequence[Said]] = {  # the usual states before a label; others follow any state
    "agree": ("offer", "confirm"),
    "refuse": ("offer", "confirm"),
    "pick": ("offer",),
    "more": ("answer", "offer"),
    "complaint": ("answer", "offer", "confirm", "unknown"),
    "dead_link": ("nothing", "answer", "offer"),
    "sources": ("answer", "offer"),
    "ack": ("answer", "unknown"),
    **dict.fromkeys(("question_people", "question_person", "knows", "telling", "opinion"), ("nothing",)),
    **dict.fromkeys(("announcement", "logistics", ROOM), ("nothing",)),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--encoder", type=Path)
    arguments = parser.parse_args()
    if arguments.check:
        for semantic in (True, False):
            print("\n".join(report(semantic)))
        return
    folder = arguments.encoder
    model = learned(folder, list(shipped()))
    target = (folder or PACKAGE) / WEIGHTS
    model.write(target)
    print(f"{target}: {target.stat().st_size:,} bytes, for the encoder {model.encoder}")


def learned(folder: Path | None, examples: Sequence[MessageExample]) -> ReadingModel:
    heard = heard_by(folder, examples)
    calls, lexical_calls = _learned_calls(folder, examples)
    return ReadingModel(
        load_embeddings(folder, CACHE).encoder.name,
        _learned_heads(heard, heard.columns, PENALTY, calls),
        _learned_heads(heard, np.ascontiguousarray(heard.columns[:, -WIDTH:]), LEXICAL_PENALTY, lexical_calls),
        learn_clothes.learned(),
        learn_joints.learned(),
    )


def _learned_heads(heard: Heard, table: Floats, penalty: float, calls: Floats) -> Heads:
    """Learn from some columns of the texts. `penalty`: of the acts."""
    acts, acts_asked = (_fitted(table, *_act_rows(heard, states), penalty, STEPS) for states in (SAID_FREELY, ASKED))
    weighted = heard.weights, heard.weights_on
    asking = (_fitted_asks(table, one, weights) for one in (heard.asks, heard.inquires) for weights in weighted)
    return Heads(acts, acts_asked, *asking, calls)


@dataclass(frozen=True, slots=True)
class Heard:
    """Training data: `examples`, all of `messages.jsonl`, questions of other fields, and their pairs."""

    examples: Sequence[MessageExample]
    columns: Floats  # (n_texts, dimensions + WIDTH)
    asks: Sequence[int]  # 0, 1: of each text
    inquires: Sequence[int | None]  # the same, of people too; None: nothing is learned from it
    weights: Sequence[float]  # of each text, in learning whether it asks

    @property
    def weights_on(self) -> Sequence[float]:
        """The same where the bot has just said something to its author."""
        states = [one.said for one in self.examples] + ["nothing"] * (len(self.weights) - len(self.examples))
        return [ELSEWHERE * one if said == "nothing" else one for one, said in zip(self.weights, states, strict=True)]


def heard_by(folder: Path | None, examples: Sequence[MessageExample]) -> Heard:
    said, others, pairs = [one for one in examples if one.label not in CALLING], _asked(), _paired()
    every = (*(one.text for one in (*said, *messages())), *others, *(text for text, _ in pairs))
    texts = [clean(text).strip() or "." for text in every]
    asks = [
        *(int(one.label in ASKING) for one in said),
        *(int(one.asks) for one in messages()),
        *[1] * len(others),
        *(int(kind not in (*TELLING, *TO_PEOPLE)) for _, kind in pairs),
    ]
    inquires = [
        *(None if one.label in OF_THE_BOT else int(one.label.startswith("question")) for one in said),
        *(None if "?" in one.text and not one.asks else int(one.asks) for one in messages()),
        *[1] * len(others),
        *[None] * len(pairs),
    ]
    weights = [1.0] * len(said) + [MESSAGE] * len(messages()) + [OTHER] * len(others) + [PAIRED] * len(pairs)
    return Heard(said, columns(texts, encoded(folder, texts)), asks, inquires, weights)


def _paired() -> Sequence[tuple[str, str]]:
    """Return the messages of pairs that differ by one thing, with the kind of those that no entry answers."""
    pairs = (pair for folder in sorted(SETS.iterdir()) for pair in read_pairs(folder))
    return [text for pair in pairs for text in ((pair.asked, ""), (pair.trap, pair.kind))]


def _asked() -> Sequence[str]:
    """Return questions of many fields, many of them situations without a question mark. Seeded."""
    lines = (line for file in sorted(SETS.glob("*/questions.jsonl")) for line in file.read_text("utf-8").splitlines())
    return random.Random(1).sample([str(json.loads(line)["text"]) for line in lines], OTHERS)  # noqa: S311


def _fitted_asks(table: Floats, asks: Sequence[int | None], weights: Sequence[float]) -> Floats:
    known = [(at, asked) for at, asked in enumerate(asks) if asked is not None]
    texts, classes = [at for at, _ in known], [asked for _, asked in known]
    shifts = [np.ones(1, np.float32)] * len(known)
    return _fitted(table, texts, shifts, classes, [weights[at] for at in texts], ASKS_PENALTY, ASKS_STEPS)


def unseen_asks(folder: Path | None) -> Mapping[str, Mapping[str, float]]:
    """Return the probabilities that messages of `messages.jsonl` ask, from readings that have not seen them.

    The keys are `semantic` and `lexical`.
    """
    heard = heard_by(folder, shipped())
    first = len(heard.examples)
    folds = {number: number % FOLDS for number in range(first, first + len(messages()))}
    found: dict[str, dict[str, float]] = {}
    for name, table in (("semantic", heard.columns), ("lexical", np.ascontiguousarray(heard.columns[:, -WIDTH:]))):
        found[name] = {}
        for fold in range(FOLDS):
            seen = [None if folds.get(at) == fold else asks for at, asks in enumerate(heard.asks)]
            weights = _fitted_asks(table, seen, heard.weights)
            left_out = [at for at, its in folds.items() if its == fold]
            chances = softmax(table[left_out] @ weights[:-1] + weights[-1])[:, 1].tolist()
            found[name] |= {messages()[at - first].text: one for at, one in zip(left_out, chances, strict=True)}
    return found


SAID_FREELY = frozenset(SAID) - ASKED
_ACT_NUMBERS: Mapping[str, int] = {act: number for number, act in enumerate(ACTS)}
LearnedRows = tuple[list[int], list[Floats], list[int], list[float]]
"""For each row: number of its text, shifts, class, weight."""


def _fitted(
    table: Floats,
    texts: list[int],
    shifts: list[Floats],
    classes: list[int],
    weights: list[float],
    penalty: float,
    steps: int,
) -> Floats:
    n_shifts = len(shifts[0])
    start = np.zeros((table.shape[1] + n_shifts, max(classes) + 1), np.float32)
    used, numbers = np.unique(np.array(texts, np.int64), return_inverse=True)
    sizes = np.array(weights, np.float32)
    rows = Rows(table[used], numbers, np.stack(shifts), np.array(classes, np.int64), sizes)
    return fit(rows, start, penalty, steps)


def _act_rows(heard: Heard, states: Set[Said]) -> LearnedRows:
    """Return the rows of a group of states, each example after every state that it may follow."""
    rows: LearnedRows = ([], [], [], [])
    for number, (label, own, weight) in enumerate(_labels(heard)):
        after = AFTER.get(label, SAID)
        for state, shift in zip(SAID, np.eye(len(SAID), dtype=np.float32), strict=True):
            share = OWN * (state == own) + SELDOM / len(SAID) + (1 - OWN - SELDOM) * (state in after) / len(after)
            if state in states:
                kind = _ACT_NUMBERS.get(KINDS.get(label, label), NONE)
                for column, value in zip(rows, (number, shift, kind, weight * share), strict=True):
                    column.append(value)  # type: ignore[arg-type]
    return rows


def _labels(heard: Heard) -> Iterator[tuple[str, Said, float]]:
    """Yield label, state and weight of each text."""
    yield from ((one.label, one.said, KIND if one.label in KINDS else 1.0) for one in heard.examples)
    yield from (("" if asks else ROOM, "nothing", MESSAGE) for asks in heard.asks[len(heard.examples) :])


def _learned_calls(folder: Path | None, examples: Sequence[MessageExample]) -> Sequence[Floats]:
    named = [one for one in examples if one.label in CALLING]
    texts = [re.sub(r"\b[Xx]\b", PLACE, clean(one.text)) for one in named]
    calls, count = [int(one.label == CALLING[0]) for one in named], len(named)
    rows: LearnedRows = list(range(count)), [np.ones(1, np.float32)] * count, calls, [1.0] * count
    return [
        _fitted(np.stack(list(map(call_columns, texts, vectors))), *rows, CALLS_PENALTY, CALLS_STEPS)
        for vectors in (encoded(folder, [text.replace(PLACE, NOUN) for text in texts]), [None] * count)
    ]


def encoded(folder: Path | None, texts: Sequence[str]) -> Floats:
    """Return the vectors that texts are read from, one a row, with a process for each processor."""
    workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    order = sorted(range(len(texts)), key=lambda number: len(texts[number]))  # less padding
    shares = [order[first::workers] for first in range(workers)]
    load_embeddings(folder, CACHE)  # makes the encoder's folder, once
    with ProcessPoolExecutor(workers) as pool:
        found = list(pool.map(_encoded, [folder] * workers, [[texts[number] for number in share] for share in shares]))
    vectors = np.zeros((len(texts), found[0].shape[1]), np.float32)
    for share, rows in zip(shares, found, strict=True):
        vectors[share] = rows
    return vectors


def _encoded(folder: Path | None, texts: Sequence[str]) -> Floats:
    embeddings = load_embeddings(folder, CACHE)
    batches = (texts[first : first + BATCH] for first in range(0, len(texts), BATCH))
    return np.array([reading_vector(one) for batch in batches for one in embeddings.questions(batch)], np.float32)


def report(semantic: bool) -> Iterator[str]:
    """Report how each judging voice is read.

    Shares: of acts recognised, of questions and of others taken for acts, of statements by people who know that pass
    where nine of ten questions do, of calls and of nouns heard as calls; after words of the bot, of what asks and what
    does not, taken for a question that goes on.
    """
    embeddings = load_embeddings(None, CACHE)
    reader = embeddings.reader if semantic else Reader(shipped_model(), None)
    shown = "acts | questions | others | knows | calls | nouns | goes on | does not"
    yield f"{'with the encoder' if semantic else 'on n-grams alone'}: {shown}"
    by_act: dict[str, list[bool]] = defaultdict(list)
    for file in sorted((HERE / "judged").glob("*.jsonl")):
        lines = read(file)
        read_as = [(one, reader.read(one.text, one.said)) for one in lines if one.label not in CALLING]
        acts = [(one.act, found.act == one.act) for one, found in read_as if one.act]
        for act, is_right in acts if file.stem != CHOOSING else []:
            by_act[act].append(is_right)
        questions = [found for one, found in read_as if one.label in ASKING]
        others = [found.act is not None for one, found in read_as if not one.act and one.label not in ASKING]
        limit = np.quantile([found.asks for found in questions], 0.1) if questions else 1.0
        knows = [found.asks >= limit for one, found in read_as if one.label == "knows"]
        calls = [(one.label, cut_call(one.text, ["X"], reader=reader)[1]) for one in lines if one.label in CALLING]
        talk = [(one.label, found.asks >= GOES_ON) for one, found in read_as if one.said != "nothing"]
        shares = (
            [is_right for _, is_right in acts],
            [found.act is not None for found in questions],
            others,
            knows,
            *([is_heard for label, is_heard in calls if label == kind] for kind in CALLING),
            [goes_on for label, goes_on in talk if label in ASKING],
            [goes_on for label, goes_on in talk if label not in (*ASKING, *OF_THE_BOT)],
        )
        yield f"{file.stem:12} " + " | ".join(f"{np.mean(share):.3f}" if share else "  –  " for share in shares)
    yield "by act, the voices that nothing was chosen on: " + ", ".join(
        f"{act} {np.mean(right):.2f}" for act, right in sorted(by_act.items())
    )


if __name__ == "__main__":
    main()
