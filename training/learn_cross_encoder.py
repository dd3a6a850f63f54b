"""Learn `bot/encoder/cross_adapter.npz`: the model that reads a question together with an entry.

usage: python -m training.learn_cross_encoder [--steps N] [--threads N] [--from FILE [--pairs] [--mean FILE …]]

It is learned from the sets in `training/sets`, like the encoder, which must be learned first. Each step takes some
questions, near misses, and phrasings whose rarest words are replaced. Each is read with its entry, if it has one, and
with others that the encoder finds near. The model learns for each pair whether the entry answers, and which of a
question's pairs does (softmax). The entry is shown with its phrasings that are nearest to the question; some of them
are left out, to cover thin knowledge. Some questions are misspelled.

Needs PyTorch (2.13 was used), which the bot does not. Seeded; takes an hour and a half with two cores. Then learn the
confidence.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from bot.encoder import Encoder, Kind
from bot.encoder.cross_encoder import pair
from bot.encoder.e5_weights import CROSS_ADAPTER, HEAD, E5Weights, shipped_adapter
from bot.encoder.tokenizer import Tokenizer, read_tokenizer
from bot.knowledge.models import Entry
from bot.matching.documents import document, told
from bot.matching.encoder_folder import folder_name, load_encoder, weights_file
from bot.text.folding import clean
from bot.text.shorthands import expand
from training.encoder_examples import FOLDER, Tokens, misspell, read_missed
from training.encoder_model import Model, descend
from training.learning_heaps import CACHE, HERE, Set, foreign_words, read_own_sets, replaced
from training.pairs import MORE_PAIRS, read_pairs

RANK, INNER = 16, 128  # of the adapter; units of the head's inner layer
RATE, HEAD_RATE, WARMING = 6e-4, 1e-3, 40  # learning rates; steps of warm-up
LATER_RATE, FROZEN = 4e-4, 6  # of the adapter, when pairs come last; first layers that stay as they are then
QUESTIONS = 8  # of a step
NEAR = 8  # entries that a question is read with, one or two of them at a time
PAIRED = 6  # times that a pair is drawn for each time of any other question
REPLACED = 6  # questions for each one with replaced words
RIGHT, CHOSEN = 1.5, 0.5  # weight of a pair whose entry answers; of the choice beside the pairs
MISSPELLED, UNMARKED, THIN = 0.2, 0.15, 0.3  # shares of questions; of entries
KEPT_QUESTIONS, KEPT_MISSED = 24, 8  # of a set, beside its pairs, when these come last

Pair = tuple[list[int], int]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question. `right`: places of the entries that answer it; `near`: of others, nearest first."""

    text: str
    right: frozenset[int]
    near: Sequence[int]
    cosines: np.ndarray  # to the phrasings of its set


class AskedSet:
    """The questions of one set, and the entries to read them with."""

    def __init__(
        self, one: Set, folder: Path, others: Sequence[Set], encoder: Encoder, tokens: Tokens, is_later: bool
    ) -> None:
        """`is_later`: take the pairs, and some of the other texts, lest it forget them."""
        chance = random.Random(7)  # noqa: S311
        self.entries: list[Entry] = list(one.knowledge.entries.values())
        self.phrasings = [
            (place, clean(text))
            for place, entry in enumerate(self.entries)
            for text in dict.fromkeys([entry.title, *entry.questions])
        ]
        places = {entry.id: place for place, entry in enumerate(self.entries)}
        questions = [
            (q.text, frozenset(places[name] for name in q.expect), None) for q in one.questions + one.ambiguous
        ]
        missed = [(text, frozenset[int](), places[near]) for text, near in read_missed(folder)]
        pairs = read_pairs(folder)
        if is_later:
            questions = chance.sample(questions, min(KEPT_QUESTIONS, len(questions)))
            missed = chance.sample(missed, min(KEPT_MISSED, len(missed)))
            pairs += read_pairs(folder, MORE_PAIRS)
        for written in pairs if is_later else PAIRED * pairs:
            questions.append((written.asked, frozenset([places[written.entry]]), None))
            missed.append((written.trap, frozenset[int](), places[written.entry]))
        foreign = foreign_words(one, others, tokens.rarity)
        substituted = []
        while len(substituted) < len(questions) // REPLACED:
            place, text = chance.choice(self.phrasings)
            if other := replaced(text, foreign, tokens.rarity, chance):
                substituted.append((other, frozenset[int](), place))
        self.asked = self._asked([*questions, *missed, *substituted], encoder)

    def _asked(self, texts: Sequence[tuple[str, frozenset[int], int | None]], encoder: Encoder) -> list[Asked]:
        """Return the questions. `texts`: each with the entries that answer it, and one that it resembles."""
        said = _vectors([expand(text) for _, text in self.phrasings], "query", encoder)
        asked = _vectors([expand(clean(text)) for text, _, _ in texts], "query", encoder)
        documents = _vectors([document(entry) for entry in self.entries], "passage", encoder)
        cosines, owner = _centred(asked, said) @ _centred(said, said).T, np.array([at for at, _ in self.phrasings])
        nearest = np.stack([cosines[:, owner == place].max(axis=1) for place in range(len(self.entries))], axis=1)
        scores = nearest + _centred(asked, said) @ _centred(documents, documents).T
        return [
            Asked(clean(text), right, _first(like, np.argsort(-scores[row])[:NEAR].tolist(), right), cosines[row])
            for row, (text, right, like) in enumerate(texts)
        ]

    def pairs(self, asked: Asked, tokenizer: Tokenizer, chance: random.Random) -> tuple[list[Pair], list[bool]]:
        """Return a question with one or two wrong entries and a right one, if any, and which are right."""
        first, *others = asked.near
        places = [first, *chance.sample(others[:4], 1 if asked.right else 2)]
        places += chance.sample(sorted(asked.right), min(1, len(asked.right)))
        text = misspell(asked.text, chance) if chance.random() < MISSPELLED else asked.text
        text = f"query: {expand(text.rstrip(' ?!.') if chance.random() < UNMARKED else text)}"
        passages = (f"passage: {told(self.entries[at], self._said(at, asked, chance))}" for at in places)
        begin, end, _ = tokenizer.marks
        marked = [([begin, *numbers, end], middle) for numbers, middle in (pair(tokenizer, text, p) for p in passages)]
        return marked, [at in asked.right for at in places]

    def _said(self, place: int, asked: Asked, chance: random.Random) -> list[str]:
        """Return the phrasings of an entry other than its title, nearest first."""
        own = [(-asked.cosines[at], text) for at, (owner, text) in enumerate(self.phrasings) if owner == place]
        kept = [text for _, text in sorted(own) if text != clean(self.entries[place].title)]
        if chance.random() < THIN:
            kept = [text for text in kept if chance.random() > 2 * THIN / 3] or kept[:1]
        return kept[: chance.choice((1, 2, 2, 2))]


def _first(like: int | None, near: Sequence[int], right: frozenset[int]) -> list[int]:
    """Return the entry that the text resembles, then the others, without right ones."""
    return [*([like] if like is not None else []), *(place for place in near if place not in {like, *right})]


def _vectors(texts: Sequence[str], kind: Kind, encoder: Encoder) -> np.ndarray:
    return np.array([one.vector for one in encoder.encode(texts, kind)], np.float32)


def _centred(vectors: np.ndarray, some: np.ndarray) -> np.ndarray:
    rows = vectors - some.mean(axis=0)
    centred: np.ndarray = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return centred


class CrossModel(nn.Module):
    """The counterpart of `CrossEncoder` for learning."""

    def __init__(self, model: Model, width: int) -> None:
        super().__init__()
        self.model = model
        self.inner, self.outer = nn.Linear(3 * width, INNER), nn.Linear(INNER, 1)

    def forward(self, pairs: Sequence[Pair]) -> Tensor:
        """Return logits, `(n_pairs,)`."""
        pooled = self.model.pooled([numbers for numbers, _ in pairs], [middle for _, middle in pairs])
        logits: Tensor = self.outer(nn.functional.gelu(self.inner(pooled)))[:, 0]
        return logits

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays of `cross_adapter.npz`."""
        layers = {"inner": self.inner, "outer": self.outer}
        head = {f"{HEAD}{name}.w": layer.weight.squeeze(0) for name, layer in layers.items()}
        head |= {f"{HEAD}{name}.b": layer.bias.squeeze(0) for name, layer in layers.items()}
        return {name: value.detach().numpy().astype(np.float16) for name, value in (self.model.adapter | head).items()}

    def go_on_from(self, file: Path) -> None:
        with np.load(file) as arrays, torch.no_grad():
            for name, value in self.model.adapter.items():
                value.copy_(torch.tensor(arrays[name].astype(np.float32)))
            for name, layer in (("inner", self.inner), ("outer", self.outer)):
                layer.weight.copy_(
                    torch.tensor(arrays[f"{HEAD}{name}.w"].astype(np.float32)).reshape(layer.weight.shape)
                )
                layer.bias.copy_(torch.tensor(arrays[f"{HEAD}{name}.b"].astype(np.float32)).reshape(layer.bias.shape))


def step_loss(cross: CrossModel, some: Sequence[tuple[list[Pair], list[bool]]]) -> Tensor:
    logits = cross([one for pairs, _ in some for one in pairs])
    right = torch.tensor([float(is_right) for _, rights in some for is_right in rights])
    weights = torch.where(right > 0, RIGHT, 1.0)
    loss = nn.functional.binary_cross_entropy_with_logits(logits, right, weight=weights)
    sizes = [len(pairs) for pairs, _ in some]
    choices = [
        -torch.log_softmax(one, 0)[is_right > 0].mean()
        for one, is_right in zip(logits.split(sizes), right.split(sizes), strict=True)
        if is_right.any()
    ]
    return loss + CHOSEN * sum(choices, torch.zeros(())) / len(some)


def learn(
    cross: CrossModel, sets: Sequence[AskedSet], tokenizer: Tokenizer, steps: int, rate: float, chance: random.Random
) -> None:
    adapter = [value for value in cross.model.adapter.values() if value.requires_grad]
    head = [*cross.inner.parameters(), *cross.outer.parameters()]
    groups = [{"params": adapter, "lr": rate, "weight_decay": 0.01}, {"params": head, "lr": HEAD_RATE}]
    drawn = _drawn(sets, tokenizer, chance)
    descend(groups, lambda: step_loss(cross, [next(drawn) for _ in range(QUESTIONS)]), steps, WARMING)


def _drawn(
    sets: Sequence[AskedSet], tokenizer: Tokenizer, chance: random.Random
) -> Iterator[tuple[list[Pair], list[bool]]]:
    """Yield each question of all sets in random order, again and again."""
    every = [(one, asked) for one in sets for asked in one.asked]
    while True:
        for one, asked in chance.sample(every, len(every)):
            yield one.pairs(asked, tokenizer, chance)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=3200)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--from", dest="begun", type=Path, help="a cross_adapter.npz to go on from")
    parser.add_argument("--pairs", action="store_true", help="with --from: learn the last layers, from pairs")
    parser.add_argument("--mean", type=Path, nargs="+", help="write the mean of these and of what is learned")
    parser.add_argument("--write", type=Path, default=HERE.parent / "bot" / "encoder" / CROSS_ADAPTER)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(7)
    encoder = load_encoder(None, CACHE)
    tokenizer = read_tokenizer(CACHE / folder_name() / "tokenizer.json")
    file = weights_file()
    if file is None:
        sys.exit("The package with the encoder's weights is not installed.")
    sets, tokens = read_own_sets(FOLDER), Tokens(tokenizer)
    asked = [
        AskedSet(
            one, FOLDER / name, [other for other in sets.values() if other is not one], encoder, tokens, args.pairs
        )
        for name, one in sets.items()
    ]
    weights = E5Weights.read(file, shipped_adapter())
    cross = CrossModel(Model(weights, RANK, tokens.padding, FROZEN if args.pairs else 0), weights.width)
    if args.begun:
        cross.go_on_from(args.begun)
    learn(cross, asked, tokenizer, args.steps, LATER_RATE if args.pairs else RATE, random.Random(7))  # noqa: S311
    learned = cross.arrays()
    np.savez_compressed(args.write, **mean(learned, args.mean) if args.mean else learned)


def mean(learned: Mapping[str, np.ndarray], files: Sequence[Path]) -> dict[str, np.ndarray]:
    """Return the mean of the weights of runs that began with each other's (Wortsman et al., Model soups, ICML 2022)."""
    every = [learned, *map(np.load, files)]
    return {name: np.mean([np.float32(one[name]) for one in every], axis=0).astype(np.float16) for name in learned}


if __name__ == "__main__":
    main()
