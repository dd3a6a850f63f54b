"""From the text or bytes of a YAML file to a Document or a model; Faulty names every problem."""

import json
import re
from dataclasses import replace
from itertools import islice
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from bot.knowledge.yaml.lines import HIDDEN_BREAKS, LINE_BREAK
from bot.knowledge.yaml.parser import parse
from bot.knowledge.yaml.problems import Document, Faulty, Problem
from bot.knowledge.yaml.recovery import Recovery
from bot.knowledge.yaml.validation import explain


def read(text: str | bytes, file: str) -> Document:
    """Parse a file to a Document. Raises Faulty with all problems."""
    plain, problems = decode(text, file)
    document: Document | None
    try:
        try:
            document, more = parse(plain, file)
        except yaml.YAMLError:
            document, more = Recovery(plain, file).run()
    except Faulty as fault:
        raise Faulty([*problems, *fault.problems]) from None
    if problems or more or document is None:
        raise Faulty([*problems, *more, *(document.warnings if document else ())], document)
    return document


Model = TypeVar("Model", bound=BaseModel)


def load(text: str | bytes, file: str, model: type[Model]) -> tuple[Model, Document]:
    """Parse a file to a model. Raises Faulty with all problems, of the YAML and of the model."""
    problems: list[Problem] = []
    document: Document | None
    try:
        document = read(text, file)
    except Faulty as fault:
        if fault.document is None:
            raise
        document, problems = fault.document, list(fault.problems)
    try:
        value = model.model_validate(document.data)
    except ValidationError as error:
        known = problems or list(document.warnings)
        raise Faulty(merge_problems(known, explain(error, document, model)), document) from None
    if problems:
        raise Faulty(problems, document)
    return value, document


def merge_problems(read: list[Problem], shape: list[Problem]) -> list[Problem]:
    """Join the problems of the parser (`read`) and of the model (`shape`), with one correction a line.

    The model's correction wins, except where a whole value was lost after ` #`: there the parser knows the cause.
    """
    lost = {problem.line: replace(problem, warning=False) for problem in read if problem.key == "hash"}
    shape = [lost.get(one.line, one) if one.key in ("empty", "empty_text") else one for one in shape]
    lines = {one.line + n for one in shape for n, _ in enumerate(str(one.values.get("correction", "")).splitlines())}
    return [problem for problem in read if problem.line not in lines] + shape


LARGEST = 1_000_000  # bytes; a theme of two thousand answers is smaller

_ESCAPED_BYTE = re.compile("[\udc80-\udcff]+")
_FORBIDDEN = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CONFLICT = re.compile(r"^[<>]{7}(?: .*)?$", re.MULTILINE)
_PAIR = re.compile(r"\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}", re.IGNORECASE)  # an emoji in JSON


def decode(raw: str | bytes, file: str) -> tuple[str, list[Problem]]:
    """Return the text with plain line breaks, and without a byte order mark and characters that YAML forbids.

    Raises Faulty if it is too large or has conflict markers.
    """
    if len(raw) > LARGEST:
        raise Faulty([Problem(file, 1, "too_large")])
    text, problems = _decode_bytes(raw, file) if isinstance(raw, bytes) else (raw, [])
    text = HIDDEN_BREAKS.sub(" ", LINE_BREAK.sub("\n", text)).replace("\ufeff", "")
    if text.lstrip()[:1] in ("{", "["):
        text = _PAIR.sub(lambda pair: str(json.loads(f'"{pair[0]}"')), text)
    if conflicts := _each_match(_CONFLICT, text, file, "conflict"):
        raise Faulty(conflicts)  # the rest of the file is there twice
    problems += _each_match(_FORBIDDEN, text, file, "control")
    return _FORBIDDEN.sub(" ", text), problems


def _decode_bytes(raw: bytes, file: str) -> tuple[str, list[Problem]]:
    if not (encoding := json.detect_encoding(raw)).startswith("utf-8"):
        return raw.decode(encoding, "replace"), [Problem(file, 1, "utf16", {"encoding": encoding.upper()})]
    text = raw.decode("utf-8", "surrogateescape")
    bad = [n for n, line in enumerate(text.splitlines(), 1) if _ESCAPED_BYTE.search(line)]
    if not bad:
        return text, []
    # bytes that are not UTF-8 nearly always come from an old editor, in Windows-1252
    text = _ESCAPED_BYTE.sub(lambda run: bytes(ord(char) - 0xDC00 for char in run[0]).decode("cp1252", "replace"), text)
    return text, [Problem(file, bad[0], "encoding", {"count": len(bad), "correction": text.splitlines()[bad[0] - 1]})]


def _each_match(pattern: re.Pattern[str], text: str, file: str, key: str) -> list[Problem]:
    """Return a problem for each line with a match, up to twenty matches."""
    problems: dict[int, Problem] = {}
    for match in islice(pattern.finditer(text), 20):
        line, sign = text.count("\n", 0, match.start()) + 1, match.group()
        name = f"U+{ord(sign):04X}" if len(sign) == 1 else sign
        problems.setdefault(line, Problem(file, line, key, {"sign": name}))
    return [*problems.values()]
