"""Text in, Document or Faulty out."""

from __future__ import annotations

import codecs
import re
from dataclasses import replace
from itertools import islice
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from bot.knowledge.yaml.parser import build
from bot.knowledge.yaml.problems import Document, Faulty, Problem
from bot.knowledge.yaml.recovery import Mending
from bot.knowledge.yaml.validation import faults


def read(text: str | bytes, file: str) -> Document:
    """Raises Faulty with everything that can be told in one go."""
    plain, problems = clean(text, file)
    try:
        document, found = _parsed(plain, file)
    except Faulty as fault:
        raise Faulty([*problems, *fault.problems]) from None
    problems += found
    if problems or document is None:
        raise Faulty([*problems, *(document.warnings if document else ())], document)
    return document


def _parsed(text: str, file: str) -> tuple[Document | None, list[Problem]]:
    try:
        return build(text, file)
    except yaml.YAMLError:
        mending = Mending(text, file)
    whole = mending.run()
    document, found = build(whole, file) if whole is not None else (None, [])
    return None if mending.guessed else document, mending.problems + found


Model = TypeVar("Model", bound=BaseModel)


def load(text: str | bytes, file: str, model: type[Model]) -> tuple[Model, Document]:
    """Raises Faulty with everything that is wrong."""
    document, problems = attempt(text, file)
    if document is None:
        raise Faulty(problems)
    try:
        found = model.model_validate(document.data)
    except ValidationError as error:
        raise Faulty(together(problems, faults(error, document, model)), document) from None
    if any(not problem.warning for problem in problems):
        raise Faulty(problems, document)
    return found, document


def attempt(text: str | bytes, file: str) -> tuple[Document | None, list[Problem]]:
    """As `read`, with the problems beside what could be read."""
    try:
        document = read(text, file)
    except Faulty as fault:
        return fault.document, list(fault.problems)
    return document, list(document.warnings)


def together(read: list[Problem], shape: list[Problem]) -> list[Problem]:
    """Both, but one correction a line: the model knows more of what a line was meant to be than the parser does.

    Only where all of a value was lost after ` #`, the parser knows why it is missing.
    """
    lost = {problem.line: problem for problem in read if problem.key == "hash"}
    shape = [replace(lost[one.line], warning=False) if _nothing(one) and one.line in lost else one for one in shape]
    lines = {line for problem in shape for line in _covered(problem)}
    return [problem for problem in read if problem.line not in lines] + shape


def _nothing(problem: Problem) -> bool:
    return problem.key in ("empty", "empty_text")


def _covered(problem: Problem) -> range:
    """The lines that its correction stands for."""
    return range(problem.line, problem.line + len(str(problem.values.get("mended", "")).splitlines()))


LARGEST = 1_000_000  # bytes; a theme of two thousand answers is smaller

_WIDE = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]+")
_FORBIDDEN = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BREAKS = re.compile("\r\n?")
_HIDDEN_BREAKS = re.compile("[\x85\u2028\u2029]")  # YAML breaks lines there, editors show none
_CONFLICT = re.compile(r"^[<>]{7}(?: .*)?$", re.MULTILINE)
_PAIR = re.compile(r"\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)  # how JSON writes an emoji


def clean(raw: str | bytes, file: str) -> tuple[str, list[Problem]]:
    """The text with plain line breaks, without a byte order mark and without what YAML forbids."""
    if len(raw) > LARGEST:
        raise Faulty([Problem(file, 1, "too_large")])
    text, problems = _decoded(raw, file) if isinstance(raw, bytes) else (raw, [])
    text = _HIDDEN_BREAKS.sub(" ", _BREAKS.sub("\n", text)).replace("\ufeff", "")
    if text.lstrip()[:1] in ("{", "["):
        text = _PAIR.sub(lambda pair: _joined(*pair.groups()), text)
    if conflicts := _each(_CONFLICT, text, file, "conflict"):
        raise Faulty(conflicts)  # everything stands there twice
    problems += _each(_FORBIDDEN, text, file, "control")
    return _FORBIDDEN.sub(" ", text), problems


def _decoded(raw: bytes, file: str) -> tuple[str, list[Problem]]:
    wide = _width(raw)
    if wide:
        return raw.decode(wide, "replace"), [Problem(file, 1, "utf16", {"encoding": wide.upper()})]
    text = raw.decode("utf-8", "surrogateescape")
    return _recoded(text, file) if _ESCAPED_BYTE.search(text) else (text, [])


def _width(raw: bytes) -> str | None:
    if raw.startswith(_WIDE):
        return "utf-32" if raw.startswith(_WIDE[:2]) else "utf-16"
    beginning = raw[:200]
    for encoding, zeros in (("utf-16-le", beginning[1::2]), ("utf-16-be", beginning[::2])):
        if len(beginning) >= 4 and zeros.count(0) > len(zeros) * 0.8:
            return encoding
    return None


def _recoded(text: str, file: str) -> tuple[str, list[Problem]]:
    """What is no UTF-8 comes from an old Windows editor, nearly always."""

    def windows(run: re.Match[str]) -> str:
        return bytes(ord(char) - 0xDC00 for char in run.group()).decode("cp1252", "replace")

    bad = [n for n, line in enumerate(text.splitlines(), 1) if _ESCAPED_BYTE.search(line)]
    text = _ESCAPED_BYTE.sub(windows, text)
    return text, [Problem(file, bad[0], "encoding", {"count": len(bad), "mended": text.splitlines()[bad[0] - 1]})]


def _each(pattern: re.Pattern[str], text: str, file: str, key: str) -> list[Problem]:
    """One problem a line that holds the pattern, of the first twenty."""
    lines: dict[int, str] = {}
    for found in islice(pattern.finditer(text), 20):
        lines.setdefault(text.count("\n", 0, found.start()) + 1, found.group())
    return [Problem(file, line, key, {"sign": _named(sign)}) for line, sign in lines.items()]


def _named(sign: str) -> str:
    return f"U+{ord(sign):04X}" if len(sign) == 1 else sign


def _joined(high: str, low: str) -> str:
    return bytes.fromhex(high + low).decode("utf-16-be")
