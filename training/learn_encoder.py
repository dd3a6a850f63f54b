"""Learn `bot/encoder/adapter.npz`: matrices added to the encoder's, so that questions lie near their entries.

usage: python -m training.learn_encoder [--steps N] [--threads N]

It is learned from the sets in `training/sets`, which were written for this project and serve only this and the
cross-encoder. So the confidence, which is learned afterwards (`training/learn_confidence.py`), and all figures are of
sets that the encoder has not seen. Each step takes entries of one set, half of which resemble each other, with a
question and a phrasing of each.

By softmax over these entries, question and phrasing must find the entry, and each other. So must the mean similarity of
the question's words to their nearest ones in the entry. A phrasing whose rarest words are replaced must be further away
than the phrasing itself, and so must near misses, which were written for the entries that they resemble. Some texts are
misspelled. The adapter is added at 0.7 of its strength, which generalises better than the whole of it (Wortsman et al.
2022, arXiv:2109.01903).

Needs PyTorch (2.13 was used), which the bot does not. Seeded; takes half an hour with two cores. Then learn the
confidence, and raise the number in `DEFAULT` (`bot/matching/encoder_folder.py`), which keys cached vectors.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize, softplus

from bot.encoder.e5_weights import ADAPTER, E5Weights
from bot.encoder.tokenizer import read_tokenizer
from bot.matching.encoder_folder import folder_name, load_encoder, weights_file
from training.encoder_examples import MISSPELLED, Examples, Tokens, read_examples
from training.encoder_model import Encoded, Model, descend
from training.learning_heaps import CACHE, HERE

RANK, RATE, WARMING = 8, 7e-4, 20  # of the adapter; learning rate; steps of warm-up
ENTRIES = 24  # of a step
SHARPNESS = 1 / 0.07  # of the softmax over cosines
REPLACED, WORDS = 0.4, 0.4  # weights of these terms of the loss beside that of whole texts


class Aims:
    """The terms of the loss."""

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
        """Penalise texts with replaced words that are near the entry. The four tensors are of the same entries."""
        from_document = ((others - phrasings) * documents).sum(1)
        from_question = ((others - phrasings) * questions).sum(1)
        return softplus(from_document * SHARPNESS).mean() + 0.5 * softplus(from_question * SHARPNESS).mean()

    def words(self, questions: Encoded, documents: Encoded, right: Tensor) -> Tensor:
        """Compare words. `questions`: the near misses come after them."""
        asked, is_asked = self._words(questions, self._skipped[0])
        told, is_told = self._words(documents, self._skipped[1])
        cosines = torch.einsum("qak,dbk->qdab", asked, told).masked_fill(~is_told[None, :, None, :], -1).amax(3)
        weights = self._rarity[questions.ids[:, self._skipped[0] :]] * is_asked
        shares = weights / weights.sum(1, keepdim=True).clamp(min=1e-6)
        found = (cosines * shares[:, None, :]).sum(2)
        return _found(found[: len(right)], right) + _found(found.T, _beside(right.T, len(found) - len(right)))

    @staticmethod
    def _words(encoded: Encoded, skipped: int) -> tuple[Tensor, Tensor]:
        """Return the states less their mean, of length 1, and whether each is a word (the end mark is not)."""
        states, is_word = encoded.states[:, skipped:], encoded.is_text[:, skipped:].clone()
        is_word[torch.arange(len(is_word)), (is_word.sum(1) - 1).clamp(min=0)] = False
        return normalize(states - states[is_word].mean(0).detach(), dim=2), is_word


def _found(cosines: Tensor, right: Tensor) -> Tensor:
    shares = torch.log_softmax(cosines * SHARPNESS, 1)
    return -torch.logsumexp(shares.masked_fill(~right, -1e9), 1).mean()


def _beside(right: Tensor, wrong: int) -> Tensor:
    """Add as many columns that are never right."""
    return torch.cat([right, torch.zeros(len(right), wrong, dtype=torch.bool)], dim=1)


def _centred(vectors: Tensor, mean: Tensor) -> Tensor:
    return normalize(vectors - mean.detach(), dim=1)


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
    group = {"params": list(model.adapter.values()), "lr": RATE, "weight_decay": 0.01}
    descend([group], lambda: step_loss(model, aims, chance.choice(sets)), steps, WARMING)


def _likeness(model: Model, documents: Sequence[Sequence[int]]) -> np.ndarray:
    with torch.no_grad():
        parts = [model.encode(documents[at : at + ENTRIES]).vectors for at in range(0, len(documents), ENTRIES)]
    vectors = torch.cat(parts)
    return (vectors @ vectors.T).numpy()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=640)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--write", type=Path, default=HERE.parent / "bot" / "encoder" / ADAPTER)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(7)
    chance = random.Random(7)  # noqa: S311
    load_encoder(None, CACHE)  # makes the folder with the tokenizer
    tokens = Tokens(read_tokenizer(CACHE / folder_name() / "tokenizer.json"))
    file = weights_file()
    if file is None:
        sys.exit("The package with the encoder's weights is not installed.")
    weights = E5Weights.read(file, {})
    examples = read_examples(tokens, chance)
    model = Model(weights, RANK, tokens.padding)
    rarity = torch.tensor(-np.array(weights.scores, np.float32))
    aims = Aims(rarity, (tokens.skipped("query"), tokens.skipped("passage")))
    learn(model, aims, examples, args.steps, chance)
    np.savez_compressed(args.write, **model.arrays())


if __name__ == "__main__":
    main()
