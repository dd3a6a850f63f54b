"""The encoder in PyTorch, in 32 bits, with an adapter that learns; the weights themselves are frozen."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import gelu, layer_norm, linear, normalize, scaled_dot_product_attention
from torch.nn.utils.rnn import pad_sequence

from bot.encoder.e5_weights import E5Weights, unpacked

_HALVES = torch.backends.cpu.get_cpu_capability().startswith("AVX512")  # others only imitate bfloat16, 30 times slower
_BATCH = 12  # texts of nearly the same length that are encoded together
STRENGTH = 0.7  # of the adapter when it is added: interpolates between the original and the learned model
ADAPTED = ("q", "k", "v", "ao", "fi", "fo")  # matrices of a layer


@dataclass(frozen=True, slots=True)
class Encoded:
    """Encoded texts.

    `vectors`: of length 1, `(n_texts, width)`; `states`: of tokens, `(n_texts, length, width)`; `is_text`, `ids`:
    `(n_texts, length)`.
    """

    vectors: Tensor
    states: Tensor
    is_text: Tensor
    ids: Tensor


class Model:
    def __init__(self, weights: E5Weights, rank: int, padding: int, frozen: int = 0) -> None:
        """`weights`: stay as they are, with their own adapter, if any. `frozen`: first layers that do not learn."""
        self._weights, self._padding = weights, padding
        self._words, scales = weights.packed("emb.word")
        self._scales = scales.reshape(weights.vocabulary, -1)
        positions = weights.floats("emb.pos").reshape(-1, weights.width) + weights.floats("emb.type")[: weights.width]
        self._positions = torch.tensor(positions)
        layers = range(weights.layers)
        self._fixed = {
            name: torch.tensor(weights.floats(name)) for name in weights.tensors if name.endswith((".b", "ln.w"))
        }
        self._fixed |= {
            f"l{n}.{part}.w": torch.tensor(weights.matrix(f"l{n}.{part}.w")) for n in layers for part in ADAPTED
        }
        self.adapter: dict[str, Tensor] = {}
        for name in (name for name in self._fixed if name.endswith(".w") and "ln" not in name):
            outputs, inputs = self._fixed[name].shape
            learns = int(name[1 : name.index(".")]) >= frozen
            self.adapter[f"{name}.in"] = (torch.randn(rank, inputs) / math.sqrt(inputs)).requires_grad_(learns)
            self.adapter[f"{name}.out"] = torch.zeros(outputs, rank).requires_grad_(learns)

    def encode(self, texts: Sequence[Sequence[int]]) -> Encoded:
        """Encode texts, given as the numbers of their tokens."""
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        batches = [order[at : at + _BATCH] for at in range(0, len(order), _BATCH)]
        parts = [self._encoded([texts[place] for place in batch]) for batch in batches]
        places = torch.tensor(order).argsort()
        states, is_text, ids = (
            pad_sequence([row for part in parts for row in part[n]], True, (0, 0, self._padding)[n])[places]
            for n in range(3)
        )
        kept = is_text[:, :, None].float()
        return Encoded(normalize((states * kept).sum(1) / kept.sum(1), dim=1), states, is_text, ids)

    def pooled(self, pairs: Sequence[Sequence[int]], middles: Sequence[int]) -> Tensor:
        """Return `(n_pairs, 3 * width)`: the first state, the mean of the question's states, and of the passage's.

        `pairs`: questions with passages; `middles`: the token at which each passage begins.
        """
        order = sorted(range(len(pairs)), key=lambda place: len(pairs[place]))
        batches = [order[at : at + _BATCH] for at in range(0, len(order), _BATCH)]
        parts = [self._pooled([pairs[n] for n in batch], [middles[n] for n in batch]) for batch in batches]
        return torch.cat(parts)[torch.tensor(order).argsort()]

    def _pooled(self, texts: Sequence[Sequence[int]], middles: Sequence[int]) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16, enabled=_HALVES):
            states, is_text, _ = self._encoded(texts)
        states, places = states.float(), torch.arange(states.shape[1])[None]
        is_asked = places < torch.tensor(middles)[:, None]
        kept = (one[:, :, None].float() for one in (is_asked & is_text, ~is_asked & is_text))
        return torch.cat([states[:, 0], *((states * one).sum(1) / one.sum(1) for one in kept)], dim=1)

    def _encoded(self, texts: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor, Tensor]:
        """Return the states, whether each is of text, and the numbers of their tokens."""
        shape = len(texts), max(map(len, texts))
        ids, is_text = torch.full(shape, self._padding), torch.zeros(shape, dtype=torch.bool)
        for row, text in enumerate(texts):
            ids[row, : len(text)], is_text[row, : len(text)] = torch.tensor(text), True
        rows = self._words.reshape(self._weights.vocabulary, -1)[ids]
        words = torch.tensor(unpacked(rows, self._scales[ids]))
        states = self._normalised("emb.ln", words + self._positions[: shape[1]])
        for number in range(self._weights.layers):
            states = self._layer(f"l{number}.", states, is_text[:, None, None, :])
        return states, is_text, ids

    def _layer(self, name: str, states: Tensor, mask: Tensor) -> Tensor:
        texts, length, width = states.shape
        heads = self._weights.heads
        query, key, value = (
            self._product(name + part, states).view(texts, length, heads, -1).transpose(1, 2) for part in "qkv"
        )
        attended = scaled_dot_product_attention(query, key, value, attn_mask=mask).transpose(1, 2)
        mixed = self._product(name + "ao", attended.reshape(texts, length, width))
        states = self._normalised(name + "aln", states + mixed)
        outer = self._product(name + "fo", gelu(self._product(name + "fi", states)))
        return self._normalised(name + "oln", states + outer)

    def _product(self, name: str, states: Tensor) -> Tensor:
        learned = linear(linear(states, self.adapter[name + ".w.in"]), self.adapter[name + ".w.out"])
        return linear(states, self._fixed[name + ".w"], self._fixed[name + ".b"]) + learned

    def _normalised(self, name: str, states: Tensor) -> Tensor:
        factors = self._fixed[name + ".w"], self._fixed[name + ".b"]
        return layer_norm(states, (self._weights.width,), *factors, self._weights.epsilon)

    def arrays(self) -> dict[str, Any]:
        """Return the arrays of `adapter.npz`; see `shipped_adapter`."""
        factors = {name: STRENGTH if name.endswith(".out") else 1.0 for name in self.adapter}
        return {
            name: (values.detach().numpy() * factors[name]).astype(np.float16) for name, values in self.adapter.items()
        }


def descend(groups: Sequence[dict[str, Any]], step_loss: Callable[[], Tensor], steps: int, warming: int) -> None:
    """Minimise a loss by AdamW; the learning rate rises for `warming` steps, then falls to zero.

    `groups`: parameters with their learning rate and decay.
    """
    optimizer, losses = torch.optim.AdamW(groups), []
    pace = lambda step: min(1, (step + 1) / warming) * (1 - step / (steps + 1))  # noqa: E731
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, pace)
    for step in range(1, steps + 1):
        loss = step_loss()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([value for group in groups for value in group["params"]], 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        if step % 20 == 0:
            print(f"step {step}: {np.mean(losses[-20:]):.3f}", file=sys.stderr, flush=True)
