"""A model of an encoder's folder, run by ONNX Runtime on one thread: tokens in, their states out."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bot.arrays import Floats
from bot.encoder import EncoderError
from bot.encoder.tokenizer import Tokenizer

LAST_STATES, INNER_STATES = "last_hidden_state", "inner_hidden_state"
"""Outputs of our own graphs: of tokens after the last layer, and after an inner one."""


class OnnxModel:
    """ONNX model of an encoder. Safe to call from several threads at once."""

    def __init__(self, file: Path, tokenizer: Tokenizer) -> None:
        """Open a session with one thread: two are slower, and the bot has other things to do. Raises EncoderError."""
        import onnxruntime  # type: ignore[import-untyped]

        onnxruntime.disable_telemetry_events()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.enable_cpu_mem_arena = False  # the arena would keep the memory of the largest batch for ever
        try:
            self._session = onnxruntime.InferenceSession(
                file, options, providers=["CPUExecutionProvider"], disabled_optimizers=["SkipLayerNormFusion"]
            )
        except Exception as error:  # its errors have no common class of their own
            raise EncoderError(f"{file}: {error}") from error
        self._marks = tokenizer.marks
        first, *others = (output.name for output in self._session.get_outputs())
        self._outputs = [first, *(name for name in others if name == INNER_STATES)]

    def states(self, batch: Sequence[Sequence[int]]) -> list[Floats]:
        """Return the states of the tokens, by number, and marks of each text: `(n_texts, length, dimensions)`, padded.

        Those after the last layer and, of a model that gives them, after an inner one.
        """
        begin, end, padding = self._marks
        length = max(map(len, batch)) + 2
        ids, mask = np.full((len(batch), length), padding, np.int64), np.zeros((len(batch), length), np.int64)
        for row, tokens in enumerate(batch):
            numbers = [begin, *tokens, end]
            ids[row, : len(numbers)], mask[row, : len(numbers)] = numbers, 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        wanted = {one.name: inputs[one.name] for one in self._session.get_inputs()}
        found: list[Floats] = self._session.run(self._outputs, wanted)
        return found
