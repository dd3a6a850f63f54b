"""The graph of E5 for ONNX Runtime: BERT (Devlin et al. 2018, arXiv:1810.04805) with positions from 0.

Products are of bytes. Each token has its own scale, since some are far louder than others, and so has each column of a
matrix; one scale for a whole input (`quantize_dynamic`) costs two points of top-1. The few channels in which every
token is loud are divided by a factor first (SmoothQuant, Xiao et al. 2023, arXiv:2211.10438).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from bot.arrays import Floats
from bot.encoder.e5_weights import BLOCK, E5Weights
from bot.encoder.onnx_model import INNER_STATES, LAST_STATES

_LOUD = (15, 35, 60, 87, 321, 351)  # channels with values of more than five times the median channel's
_TURNED_DOWN = 4.0  # divisor of those channels
_HEAVIEST = 100  # byte of the largest weight: with 127, two products may overflow 16 bits where there is no VNNI
_LEAST, _MIDDLE, _MOST = 0, 128, 255  # bytes that stand for the least number, for 0 and for the largest
_LEAST_GELU = -0.17  # just below the minimum of GELU
_ZEROS = 0x88  # two weights of 0, with 4 bits each
_INNER = 8  # layer, from 0, whose states are given too: of 4 to 8, this one tells best who asks and who knows
_LARGE = 1024  # bytes from which a tensor is stored in the second file, which is mapped rather than read
_MICROSOFT = "com.microsoft"  # operators that ONNX Runtime adds to the standard


def write_graphs(weights: Mapping[Path, E5Weights]) -> None:
    """Write a graph for each file, and the large tensors of all into another file beside the first one.

    Raises OSError.
    """
    first = next(iter(weights))
    with first.with_name(f"{first.name}.data").open("wb") as file:
        large = _LargeTensors(file)
        for model, its_weights in weights.items():
            model.write_bytes(_Graph(its_weights, large).model().SerializeToString())


class _LargeTensors:
    """File of large tensors, written as they come, so that no two are in memory, and each only once."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._offsets: dict[bytes, int] = {}  # by digest

    def place(self, values: NDArray[Any]) -> list[onnx.StringStringEntryProto]:
        """Store the values, and return their place as ONNX describes it."""
        digest = hashlib.sha256(values.data).digest()
        if digest not in self._offsets:
            self._offsets[digest] = self._file.tell()
            self._file.write(values.data)
        where = {
            "location": Path(self._file.name).name,
            "offset": self._offsets[digest],
            "length": values.nbytes,
        }
        return [onnx.StringStringEntryProto(key=key, value=str(value)) for key, value in where.items()]


@dataclass(frozen=True, slots=True)
class _Rounded:
    """An input in bytes: the names of the bytes, of the scale of each row, `(n, 1)`, and of the byte that stands for 0.

    `factor` of each column, `(width,)`, and `least` are compensated in the matrix that it is multiplied with.
    """

    bytes: str
    scales: str
    zero: str
    factor: Floats | float = 1.0
    least: float = 0.0


class _Graph:
    """Nodes and tensors, each under the name of its result.

    The tokens of all texts are concatenated, `(n, width)`, except in the attention: `(batch, length, width)`.
    """

    def __init__(self, weights: E5Weights, large: _LargeTensors) -> None:
        self._weights, self._width, self._large = weights, weights.width, large
        self._nodes: list[onnx.NodeProto] = []
        self._tensors: list[onnx.TensorProto] = []
        self._loudness = np.ones(weights.width, np.float32)
        self._loudness[list(_LOUD)] = _TURNED_DOWN

    def model(self) -> onnx.ModelProto:
        self._tensor("one", 1.0)
        self._tensor("quietness", 1 / self._loudness)
        self._tensor("least gelu", _LEAST_GELU)
        self._tensor("begin", [0], np.int64)
        self._tensor("columns", [1], np.int64)
        self._tensor("flat", [-1, self._width], np.int64)
        sizes, width = self._node("Shape", "sizes", "input_ids"), self._tensor("width", [self._width], np.int64)
        self._node("Concat", "by text", sizes, width, axis=0)
        self._node("Cast", "mask", "attention_mask", to=TensorProto.INT32)
        states = self._embedding()
        tokens = self._node("Shape", "tokens", states, end=1)
        for zero in (_LEAST, _MIDDLE):  # as a number, and once for each token
            self._tensor(f"zero {zero}", zero, np.uint8)
            value = numpy_helper.from_array(np.array([zero], np.uint8))
            self._node("ConstantOfShape", f"zeros {zero}", tokens, value=value)
        for number in range(self._weights.layers):
            states = self._layer(f"l{number}.", states)
            if number == _INNER:
                self._node("Reshape", INNER_STATES, states, "by text")
        self._node("Reshape", LAST_STATES, states, "by text")
        shape: Sequence[str | int] = ["batch", "length"]
        inputs = [helper.make_tensor_value_info(n, TensorProto.INT64, shape) for n in ("input_ids", "attention_mask")]
        outputs = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, [*shape, self._width])
            for name in (LAST_STATES, INNER_STATES)
        ]
        graph = helper.make_graph(self._nodes, "e5", inputs, outputs, self._tensors)
        opsets = [helper.make_opsetid("", 21), helper.make_opsetid(_MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10)

    def _node(self, kind: str, name: str, *inputs: str, **options: Any) -> str:
        self._nodes.append(helper.make_node(kind, inputs, [name], **options))
        return name

    def _tensor(self, name: str, values: Any, dtype: type[np.generic] = np.float32) -> str:
        array = np.asarray(values, dtype, order="C")
        return self._stored(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape, array)

    def _stored(self, name: str, kind: int, shape: Sequence[int], values: NDArray[Any]) -> str:
        """Add a tensor. `kind` is one of TensorProto's types; `values` are as they are in memory: two 4-bit numbers in
        a byte."""
        tensor = onnx.TensorProto(name=name, data_type=kind, dims=shape)
        if values.nbytes < _LARGE:
            tensor.raw_data = values.tobytes()
        else:
            tensor.data_location = onnx.TensorProto.EXTERNAL
            tensor.external_data.extend(self._large.place(values))
        self._tensors.append(tensor)
        return name

    def _embedding(self) -> str:
        rows, width = self._weights.vocabulary, self._width
        packed, scales = self._weights.packed("emb.word")
        table = self._stored("word", TensorProto.UINT4, [rows, width], packed)
        eights = np.full(scales.size // 2, _ZEROS, np.uint8)
        zeros = self._stored("word zeros", TensorProto.UINT4, [rows, width // BLOCK], eights)
        inputs = (table, "input_ids", self._tensor("word scales", scales.reshape(rows, -1)), zeros)
        sizes = {"gather_axis": 0, "quantize_axis": 1, "block_size": BLOCK}
        words = self._node("GatherBlockQuantized", "words", *inputs, domain=_MICROSOFT, **sizes)
        positions = self._weights.floats("emb.pos").reshape(-1, width) + self._weights.floats("emb.type")[:width]
        length = self._node("Shape", "length", "input_ids", start=1, end=2)
        places = self._node("Slice", "places", self._tensor("positions", positions), "begin", length, "begin")
        embedded = self._node("Add", "embedded", words, places)
        return self._normalised("emb.ln", self._node("Reshape", "embedded flat", embedded, "flat"))

    def _layer(self, name: str, states: str) -> str:
        mixed = self._rounded(name + "mixed", self._attention(name, states))
        added = self._node("Add", name + "a", self._product(name + "ao", mixed), states)
        states = self._normalised(name + "aln", added)
        inner = self._node("Gelu", name + "gelu", self._product(name + "fi", self._quiet(name + "fi", states)))
        above = self._node("Sub", name + "gelu above", inner, "least gelu")  # in 255 steps, none of them below 0
        rounded = replace(self._as_bytes(name + "gelu", above, above, _LEAST), least=_LEAST_GELU)
        outer = self._product(name + "fo", rounded)
        return self._normalised(name + "oln", self._node("Add", name + "o", outer, states))

    def _attention(self, name: str, states: str) -> str:
        rounded = self._quiet(name, states)
        parts = (
            self._node("Reshape", f"{name}{part} by text", self._product(name + part, rounded), "by text")
            for part in "qkv"
        )
        options = {"domain": _MICROSOFT, "num_heads": self._weights.heads}
        mixed = self._node("MultiHeadAttention", name + "attention", *parts, "", "mask", **options)
        return self._node("Reshape", name + "attention flat", mixed, "flat")

    def _normalised(self, name: str, states: str) -> str:
        factors = (self._tensor(f"{name}.{part}", self._weights.floats(f"{name}.{part}")) for part in "wb")
        return self._node("LayerNormalization", name, states, *factors, epsilon=self._weights.epsilon, axis=-1)

    def _quiet(self, name: str, states: str) -> _Rounded:
        rounded = self._rounded(name, self._node("Mul", name + " quiet", states, "quietness"))
        return replace(rounded, factor=self._loudness)

    def _rounded(self, name: str, states: str) -> _Rounded:
        """Round to 127 steps on either side of 0."""
        return self._as_bytes(name, states, self._node("Abs", name + " sizes", states), _MIDDLE)

    def _as_bytes(self, name: str, states: str, sizes: str, zero: int) -> _Rounded:
        largest = self._node("ReduceMax", name + " largest", sizes, "columns", keepdims=0)
        step = self._node("Div", name + " scale", largest, self._tensor(name + " steps", float(_MOST - zero)))
        rounded = self._node("QuantizeLinear", name + " bytes", states, step, f"zeros {zero}", axis=0)
        return _Rounded(rounded, self._node("Unsqueeze", name + " scales", step, "columns"), f"zero {zero}")

    def _product(self, name: str, states: _Rounded) -> str:
        """Multiply by a matrix, and add a bias."""
        matrix = self._weights.matrix(name + ".w") * states.factor
        scales = np.abs(matrix).max(axis=1) / _HEAVIEST
        weights = np.rint(matrix / scales[:, None])
        bias = self._weights.floats(name + ".b") + states.least * scales * weights.sum(axis=1)
        inputs = (self._tensor(name + ".w", weights.T, np.int8), "one", self._tensor(name + ".s", scales), states.zero)
        product = self._node("MatMulIntegerToFloat", name + ".p", states.bytes, *inputs, domain=_MICROSOFT)
        scaled = self._node("Mul", name + ".m", product, states.scales)
        return self._node("Add", name, scaled, self._tensor(name + ".b", bias))
