"""Learn `bot/matching/adapter.npz`: what is added to the encoder's matrices, so that questions lie near their entries.

usage: python tools/learn_encoder.py [--steps N] [--threads N]

Learned from the sets in `tools/encoder_sets`, which were written for this project and serve nothing else. So the
confidence, which is learned afterwards (`tools/learn_confidence.py`), and all figures are of sets that the encoder has
not seen. Each step takes entries of one set, half of which resemble each other, with a question and a phrasing of each.
By softmax over these entries, question and phrasing shall find the entry, and each other. The same is asked of the mean
likeness of the question's words to their nearest ones in the entry. A phrasing whose rarest words are replaced shall be
further away than the phrasing itself, and so shall near misses, which were written for the entries that they resemble.
Some texts are misspelled.

Needs PyTorch (2.13 was used), which the bot does not. Seeded; takes twenty minutes with two cores. Then learn the
confidence, and raise the version in `DEFAULT` (`bot/matching/encoder_folder.py`), so that no cache keeps the encoder of
before.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from encoder_model import Encoded, Model
from learning_heaps import CACHE, HERE, Set, foreign_words, read_own_sets, replaced
from torch import Tensor
from torch.nn.functional import normalize, softplus

from bot.matching.documents import document
from bot.matching.e5_weights import ADAPTER, E5Weights
from bot.matching.encoder_folder import DEFAULT, load_encoder, weights_file
from bot.matching.shorthands import expand
from bot.matching.text import clean
from bot.matching.tokenizer import Tokenizer, read_tokenizer

FOLDER = HERE / "encoder_sets"
RANK, RATE, WARMING = 8, 7e-4, 20
ENTRIES = 24  # of a step
SHARPNESS = 1 / 0.07  # of the softmax over cosines
REPLACED, WORDS = 0.4, 0.4  # what these two aims weigh beside that of whole texts
MISSPELLED = 0.3  # of the questions; half as many of the phrasings
TOKENS = {"query": 64, "passage": 96}  # of a text; the rest is not read


@dataclass(frozen=True, slots=True)
class Example:
    """Texts of one entry. `also`: places of all entries that the question is meant for; `missed`: what it resembles and
    does not answer."""

    place: int
    question: str
    phrasing: str
    also: frozenset[int]
    missed: str | None


class Examples:
    """Of one set, at random."""

    def __init__(
        self,
        one: Set,
        missed: Sequence[tuple[str, str]],
        others: Sequence[Set],
        tokens: Tokens,
        chance: random.Random,
    ) -> None:
        """`missed`: texts, each with the entry that it resembles."""
        self._chance, self._tokens = chance, tokens
        self.entries = list(one.knowledge.entries.values())
        places = {entry.id: place for place, entry in enumerate(self.entries)}
        self._questions: dict[int, list[tuple[str, frozenset[int]]]] = {}
        for question in one.questions:
            meant = frozenset(places[name] for name in question.expect)
            for place in meant:
                self._questions.setdefault(place, []).append((clean(question.text), meant))
        self._missed: dict[int, list[str]] = {}
        for text, near in missed:
            self._missed.setdefault(places[near], []).append(clean(text))
        self._foreign = foreign_words(one, others, tokens.rarity)
        self.documents = [tokens.of(document(entry), "passage") for entry in self.entries]
        self.likeness = np.eye(len(self.entries), dtype=np.float32)

    def some(self, most: int) -> list[Example]:
        """Half of them the nearest ones to one of them."""
        asked = sorted(self._questions)
        first = self._chance.choice(asked)
        near = sorted(asked, key=lambda place: -self.likeness[first, place])[: most // 2]
        rest = [place for place in asked if place not in near]
        return [self._example(place) for place in near + self._chance.sample(rest, min(len(rest), most - len(near)))]

    def _example(self, place: int) -> Example:
        question, also = self._chance.choice(self._questions[place])
        entry = self.entries[place]
        missed = self._chance.choice(self._missed.get(place, [None]))
        return Example(place, question, clean(self._chance.choice([entry.title, *entry.questions])), also, missed)

    def tokens(self, text: str, misspelled: float) -> list[int]:
        text = expand(text)
        return self._tokens.of(misspell(text, self._chance) if self._chance.random() < misspelled else text, "query")

    def replaced(self, text: str) -> list[int] | None:
        other = replaced(text, self._foreign, self._tokens.rarity, self._chance)
        return self._tokens.of(expand(other), "query") if other else None


class Tokens:
    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self.begin, self.end, self.padding = tokenizer.marks

    def of(self, text: str, kind: str) -> list[int]:
        numbers = [number for _, number in self._tokenizer.tokens(f"{kind}: {text}")]
        return [self.begin, *numbers[: TOKENS[kind] - 2], self.end]

    def skipped(self, kind: str) -> int:
        """Tokens before the text itself."""
        return 1 + len(self._tokenizer.tokens(f"{kind}: "))

    def rarity(self, word: str) -> float:
        return -self._tokenizer.log_probability(word.lower())


def misspell(text: str, chance: random.Random) -> str:
    """As typed on a phone: a letter too few, too many, exchanged or wrong, no accents, no capitals."""
    words = text.split()
    for _ in range(chance.choice((1, 1, 2, 2, 3))):
        at = chance.randrange(len(words))
        words = chance.choice((_plain, _small, _mistyped, _mistyped, _mistyped, _mistyped))(words, at, chance)
    return " ".join(words)


def _plain(words: list[str], at: int, chance: random.Random) -> list[str]:
    return ["".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c)) for word in words]


def _small(words: list[str], at: int, chance: random.Random) -> list[str]:
    return [word.lower() for word in [*words[:-1], words[-1].rstrip("?!.") or words[-1]]]


def _mistyped(words: list[str], at: int, chance: random.Random) -> list[str]:
    word = words[at]
    if len(word) < 4:
        return words
    letter = chance.randrange(1, len(word) - 1)
    start, here, end = word[:letter], word[letter], word[letter + 1 :]
    ways = (
        start + end,
        start + end[0] + here + end[1:],
        start + here + here + end,
        start + chance.choice("aeiorstnl") + end,
    )
    return [*words[:at], chance.choice(ways), *words[at + 1 :]]


class Aims:
    """What a step is judged by."""

    def __init__(self, rarity: Tensor, skipped: tuple[int, int]) -> None:
        """`rarity`: of each token; `skipped`: tokens before a question and before a document."""
        self._rarity, self._skipped = rarity, skipped

    def texts(self, questions: Tensor, phrasings: Tensor, documents: Tensor, missed: Tensor, right: Tensor) -> Tensor:
        same = torch.eye(len(right), dtype=torch.bool)
        asked, is_right = torch.cat([questions, missed]), _beside(right.T, len(missed))
        return (
            _found(questions @ phrasings.T, right)
            + _found(questions @ documents.T, right)
            + _found(phrasings @ asked.T, is_right)
            + _found(documents @ asked.T, is_right)
            + 0.5 * _found(phrasings @ documents.T, same)
        )

    def replaced(self, others: Tensor, phrasings: Tensor, questions: Tensor, documents: Tensor) -> Tensor:
        """All four: of the same entries."""
        from_document = ((others - phrasings) * documents).sum(1)
        from_question = ((others - phrasings) * questions).sum(1)
        return softplus(from_document * SHARPNESS).mean() + 0.5 * softplus(from_question * SHARPNESS).mean()

    def words(self, questions: Encoded, documents: Encoded, right: Tensor) -> Tensor:
        """`questions`: near misses behind them."""
        asked, is_asked = self._words(questions, self._skipped[0])
        told, is_told = self._words(documents, self._skipped[1])
        cosines = torch.einsum("qak,dbk->qdab", asked, told).masked_fill(~is_told[None, :, None, :], -1).amax(3)
        weights = self._rarity[questions.ids[:, self._skipped[0] :]] * is_asked
        shares = weights / weights.sum(1, keepdim=True).clamp(min=1e-6)
        found = (cosines * shares[:, None, :]).sum(2)
        return _found(found[: len(right)], right) + _found(found.T, _beside(right.T, len(found) - len(right)))

    @staticmethod
    def _words(encoded: Encoded, skipped: int) -> tuple[Tensor, Tensor]:
        """States less their mean, of length 1, and which of them are words: not the mark of the end."""
        states, is_word = encoded.states[:, skipped:], encoded.is_text[:, skipped:].clone()
        is_word[torch.arange(len(is_word)), (is_word.sum(1) - 1).clamp(min=0)] = False
        return normalize(states - states[is_word].mean(0).detach(), dim=2), is_word


def _found(cosines: Tensor, right: Tensor) -> Tensor:
    shares = torch.log_softmax(cosines * SHARPNESS, 1)
    return -torch.logsumexp(shares.masked_fill(~right, -1e9), 1).mean()


def _beside(right: Tensor, wrong: int) -> Tensor:
    """With as many columns more, which are never right."""
    return torch.cat([right, torch.zeros(len(right), wrong, dtype=torch.bool)], dim=1)


def _centred(vectors: Tensor, mean: Tensor) -> Tensor:
    return normalize(vectors - mean.detach(), dim=1)


def read_missed(folder: Path) -> list[tuple[str, str]]:
    lines = [json.loads(line) for line in (folder / "missed.jsonl").read_text(encoding="utf-8").splitlines()]
    return [(line["text"], line["near"]) for line in lines]


def step_loss(model: Model, aims: Aims, some: Examples) -> Tensor:
    chosen = some.some(ENTRIES)
    right = torch.tensor([[other.place in example.also for other in chosen] for example in chosen])
    missed = [some.tokens(example.missed, MISSPELLED) for example in chosen if example.missed]
    questions = model.encode([*(some.tokens(example.question, MISSPELLED) for example in chosen), *missed])
    phrasings = model.encode([some.tokens(example.phrasing, MISSPELLED / 2) for example in chosen]).vectors
    documents = model.encode([some.documents[example.place] for example in chosen])
    mean = torch.cat([questions.vectors, phrasings]).mean(0)
    both, said = _centred(questions.vectors, mean), _centred(phrasings, mean)
    asked = both[: len(chosen)]
    told = _centred(documents.vectors, documents.vectors.mean(0))
    near = {row: tokens for row, example in enumerate(chosen) if (tokens := some.replaced(example.phrasing))}
    others, rows = _centred(model.encode([*near.values()]).vectors, mean), list(near)
    return (
        aims.texts(asked, said, told, both[len(chosen) :], right)
        + REPLACED * aims.replaced(others, said[rows], asked[rows], told[rows])
        + WORDS * aims.words(questions, documents, right)
    )


def learn(model: Model, aims: Aims, sets: Sequence[Examples], steps: int, chance: random.Random) -> None:
    for one in sets:
        one.likeness = _likeness(model, one.documents)
    values = list(model.adapter.values())
    optimizer = torch.optim.AdamW(values, lr=RATE, weight_decay=0.01)
    pace = lambda step: min(1, (step + 1) / WARMING) * (1 - step / (steps + 1))  # noqa: E731
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, pace)
    losses = []
    for step in range(1, steps + 1):
        loss = step_loss(model, aims, chance.choice(sets))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(values, 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        if step % 20 == 0:
            print(f"step {step}: {np.mean(losses[-20:]):.3f}", file=sys.stderr, flush=True)


def _likeness(model: Model, documents: Sequence[Sequence[int]]) -> np.ndarray:
    with torch.no_grad():
        parts = [model.encode(documents[at : at + ENTRIES]).vectors for at in range(0, len(documents), ENTRIES)]
    vectors = torch.cat(parts)
    return (vectors @ vectors.T).numpy()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=220)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--write", type=Path, default=HERE.parent / "bot" / "matching" / ADAPTER)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(7)
    chance = random.Random(7)  # noqa: S311
    load_encoder(None, CACHE)  # makes the folder with the tokenizer
    tokens = Tokens(read_tokenizer(CACHE / DEFAULT / "tokenizer.json"))
    file = weights_file()
    if file is None:
        sys.exit("The package with the encoder's weights is not installed.")
    weights = E5Weights.read(file, {})
    sets = read_own_sets(FOLDER)
    examples = [
        Examples(one, read_missed(FOLDER / name), [o for o in sets.values() if o is not one], tokens, chance)
        for name, one in sets.items()
    ]
    model = Model(weights, RANK, tokens.padding)
    rarity = torch.tensor(-np.array(weights.scores, np.float32))
    aims = Aims(rarity, (tokens.skipped("query"), tokens.skipped("passage")))
    learn(model, aims, examples, args.steps, chance)
    np.savez_compressed(args.write, **model.arrays())


if __name__ == "__main__":
    main()
