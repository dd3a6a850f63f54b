"""The graph of E5 for ONNX Runtime: BERT (Devlin et al. 2018, arXiv:1810.04805) with positions from 0.

Weights stay as they come, 4 bits each, 32 of them under one scale; ONNX Runtime multiplies them so, with inputs rounded
to 8 bits in blocks of 32. Rounding to 8 bits with one scale a column (`quantize_dynamic`) is quicker, and costs two
points of top-1: cosines of 0.997 to these, where texts lie between 0.7 and 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from bot.matching.e5_weights import BLOCK, E5Weights

_MASKED = -10_000.0  # added to the attention to padding
_ZEROS = 0x88  # two weights of 0
_ROUNDED = 4  # of ONNX Runtime's levels of accuracy: inputs in 8 bits
_LARGE = 1024  # bytes from which on a tensor lies in the second file, which is mapped rather than read
_MICROSOFT = "com.microsoft"  # operators that ONNX Runtime adds to the standard


def write_graph(weights: E5Weights, file: Path) -> None:
    """A second file beside `file` holds the large tensors. Raises OSError."""
    model = _Graph(weights).model()
    onnx.save_model(model, file, save_as_external_data=True, location=f"{file.name}.data", size_threshold=_LARGE)


class _Graph:
    """Nodes and tensors, each under the name of its result."""

    def __init__(self, weights: E5Weights) -> None:
        self._weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._tensors: list[onnx.TensorProto] = []
        self._width, self._heads = weights.width, weights.heads

    def model(self) -> onnx.ModelProto:
        states = self._embedding()
        mask = self._mask()
        for number in range(self._weights.layers):
            states = self._layer(f"l{number}.", states, mask)
        self._node("Identity", "last_hidden_state", states)
        shape: Sequence[str | int] = ["batch", "length"]
        inputs = [helper.make_tensor_value_info(n, TensorProto.INT64, shape) for n in ("input_ids", "attention_mask")]
        output = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, [*shape, self._width])
        graph = helper.make_graph(self._nodes, "e5", inputs, [output], self._tensors)
        opsets = [helper.make_opsetid("", 21), helper.make_opsetid(_MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10)

    def _node(self, kind: str, name: str, *inputs: str, **options: Any) -> str:
        self._nodes.append(helper.make_node(kind, inputs, [name], **options))
        return name

    def _tensor(self, name: str, values: Any, dtype: type[np.generic] = np.float32) -> str:
        self._tensors.append(numpy_helper.from_array(np.ascontiguousarray(values, dtype), name))
        return name

    def _half_bytes(self, name: str, shape: Sequence[int], data: bytes) -> str:
        """Values from 0 to 15, two in a byte."""
        self._tensors.append(helper.make_tensor(name, TensorProto.UINT4, shape, data, raw=True))
        return name

    def _embedding(self) -> str:
        rows, width = self._weights.vocabulary, self._width
        packed, scales = self._weights.packed("emb.word")
        table = self._half_bytes("word", [rows, width], packed.tobytes())
        zeros = self._half_bytes("word zeros", [rows, width // BLOCK], bytes([_ZEROS]) * (scales.size // 2))
        inputs = (table, "input_ids", self._tensor("word scales", scales.reshape(rows, -1)), zeros)
        sizes = {"gather_axis": 0, "quantize_axis": 1, "block_size": BLOCK}
        words = self._node("GatherBlockQuantized", "words", *inputs, domain=_MICROSOFT, **sizes)
        positions = self._weights.floats("emb.pos").reshape(-1, width) + self._weights.floats("emb.type")[:width]
        length = self._node("Shape", "length", "input_ids", start=1, end=2)
        zero, axis = self._tensor("zero", [0], np.int64), self._tensor("first axis", [0], np.int64)
        places = self._node("Slice", "places", self._tensor("positions", positions), zero, length, axis)
        return self._normalised("emb.ln", self._node("Add", "embedded", words, places))

    def _mask(self) -> str:
        """0 for a token, far below it for padding, `(batch, 1, 1, length)`."""
        self._tensor("heads", [0, 0, self._heads, self._width // self._heads], np.int64)
        self._tensor("flat", [0, 0, self._width], np.int64)
        self._tensor("scale", (self._width // self._heads) ** -0.5)
        mask = self._node("Cast", "mask", "attention_mask", to=TensorProto.FLOAT)
        spread = self._node("Unsqueeze", "mask spread", mask, self._tensor("inner axes", [1, 2], np.int64))
        padding = self._node("Sub", "padding", self._tensor("one", 1.0), spread)
        return self._node("Mul", "masked", padding, self._tensor("far below", _MASKED))

    def _layer(self, name: str, states: str, mask: str) -> str:
        attended = self._product(name + "ao", self._attention(name, states, mask))
        states = self._normalised(name + "aln", self._node("Add", name + "attended", attended, states))
        inner = self._node("Gelu", name + "gelu", self._product(name + "fi", states))
        outer = self._product(name + "fo", inner)
        return self._normalised(name + "oln", self._node("Add", name + "outer", outer, states))

    def _attention(self, name: str, states: str, mask: str) -> str:
        query, value = (self._split(name + part, states, [0, 2, 1, 3]) for part in "qv")
        key = self._split(name + "k", states, [0, 2, 3, 1])
        products = self._node("Mul", name + "scaled", self._node("MatMul", name + "qk", query, key), "scale")
        share = self._node("Softmax", name + "share", self._node("Add", name + "shown", products, mask), axis=-1)
        mixed = self._node("MatMul", name + "mixed", share, value)
        joined = self._node("Transpose", name + "joined", mixed, perm=[0, 2, 1, 3])
        return self._node("Reshape", name + "flat", joined, "flat")

    def _split(self, name: str, states: str, order: list[int]) -> str:
        """Into heads."""
        apart = self._node("Reshape", name + " apart", self._product(name, states), "heads")
        return self._node("Transpose", name + " turned", apart, perm=order)

    def _normalised(self, name: str, states: str) -> str:
        factors = (self._tensor(f"{name}.{part}", self._weights.floats(f"{name}.{part}")) for part in "wb")
        return self._node("LayerNormalization", name, states, *factors, epsilon=self._weights.epsilon, axis=-1)

    def _product(self, name: str, states: str) -> str:
        """Product with a matrix, plus a bias."""
        bias = self._tensor(name + ".b", self._weights.floats(name + ".b"))
        packed, scales = self._weights.packed(name + ".w")
        rows = len(self._weights.floats(name + ".b"))
        inputs = (
            states,
            self._tensor(name + ".w", packed.reshape(rows, -1, BLOCK // 2), np.uint8),
            self._tensor(name + ".s", scales),
        )
        sizes = {"N": rows, "K": scales.size * BLOCK // rows, "block_size": BLOCK, "bits": 4}
        product = self._node("MatMulNBits", name + ".p", *inputs, domain=_MICROSOFT, accuracy_level=_ROUNDED, **sizes)
        return self._node("Add", name, product, bias)
