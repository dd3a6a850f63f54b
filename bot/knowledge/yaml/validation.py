"""Pydantic's errors as faults of the file: an unknown key with the likely one, a wrong shape with the right one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core.core_schema import ErrorType

from bot.knowledge.yaml import suggestions
from bot.knowledge.yaml.key_names import near
from bot.knowledge.yaml.lines import item, parts, quote, unsmart
from bot.knowledge.yaml.problems import Document, Problem

Path = tuple[str | int, ...]
Said = tuple[str, dict[str, object]]  # key of the sentence, values

_STRONG = {"item_mapping", "question_sign", "bare_link", "nested_list"}  # says all about its place
_BOUNDS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}


def faults(error: ValidationError, document: Document, model: type[BaseModel]) -> list[Problem]:
    """One problem for each thing to mend, by line. A check's own error type names its sentence in `problems.`."""
    told = [_Fault.of(one, document, model) for one in error.errors(include_url=False) if not _follows(one)]
    said = [(fault, *fault.say()) for fault in told]
    strong = [fault.place for fault, key, _ in said if key in _STRONG]
    likely = {(*fault.loc[:-1], values["near"]) for fault, key, values in said if key == "unknown_key_near"}
    problems = [
        Problem(document.file, document.line(*fault.path), key, values)
        for fault, key, values in said
        if (key in _STRONG or fault.place not in strong) and not (key == "missing" and fault.loc in likely)
    ]
    return sorted(problems, key=lambda problem: problem.line)


def _follows(one: Mapping[str, Any]) -> bool:
    """A list is too short only because items in it are wrong, which is said already."""
    return one["type"] == "too_short" and bool(len(one["input"]) >= one["ctx"]["min_length"])


@dataclass(frozen=True)
class _Fault:
    """One of pydantic's errors. `path` is as much of its `loc` as stands in the file."""

    document: Document
    loc: Path
    path: Path
    kind: str
    input: Any
    context: Mapping[str, Any]
    names: tuple[str, ...]  # the keys that may stand where it happened

    @classmethod
    def of(cls, one: Mapping[str, Any], document: Document, model: type[BaseModel]) -> _Fault:
        loc = tuple(one["loc"])
        inner = loc[:-1] if one["type"] in ("missing", "extra_forbidden") else loc
        return cls(
            document, loc, _known(document, loc), one["type"], one["input"], one.get("ctx", {}), _names(model, inner)
        )

    @property
    def place(self) -> Path:
        """The item or mapping that the error is about: errors of one place may be one slip."""
        return self.loc[:-1] if self.kind in ("missing", "extra_forbidden") else self.loc

    @property
    def key(self) -> str:
        return next((part for part in reversed(self.path) if isinstance(part, str)), "")

    @property
    def number(self) -> int:
        return self.document.line(*self.path)

    @property
    def line(self) -> str:
        return self.document.source(self.number)

    @property
    def links(self) -> bool:
        return {"title", "url"} <= set(self.names)

    def say(self) -> Said:
        if isinstance(self.input, str) and (inside := unsmart(self.input)):
            return "smart_quotes", {"mended": parts(self.line).with_value(quote(inside))}
        for kinds, say in _SAYINGS:
            if re.fullmatch(kinds, self.kind):
                return say(self)
        key = "value" if self.kind in get_args(ErrorType) else self.kind
        return key, {**self.context, "key": self.key, "value": _short(self.input)}


def _known(document: Document, loc: Path) -> Path:
    path: Path = ()
    for part in loc:  # a union puts the name of its member in between
        path = (*path, part) if document.knows(*path, part) else path
    return path


def _names(model: type[BaseModel], loc: Path) -> tuple[str, ...]:
    models = {model}
    for part in loc:
        found = {
            inner
            for one in models
            if part in one.model_fields
            for inner in _models(one.model_fields[str(part)].annotation)
        }
        if isinstance(part, str) and any(part in one.model_fields for one in models):
            models = found
    return tuple(name for one in models for name in one.model_fields)


def _models(annotation: Any) -> set[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {annotation}
    return {model for inner in get_args(annotation) for model in _models(inner)}


def _short(value: object) -> str:
    text = value if isinstance(value, str) else ""
    return text if len(text) <= 60 else text[:59] + "…"


def _missing(fault: _Fault) -> Said:
    return ("empty" if fault.document.knows(*fault.loc) else "missing"), {"key": str(fault.loc[-1])}


def _unknown(fault: _Fault) -> Said:
    key, line = str(fault.loc[-1]), fault.line
    if fault.links and suggestions.has_address(line) and fault.document.value(*fault.loc[:-1]) == {key: fault.input}:
        return "bare_link", {"mended": suggestions.link(line)}
    likely = near(key, fault.names)
    if not likely:
        return "unknown_key", {"key": key, "known": ", ".join(fault.names)}
    return "unknown_key_near", {"key": key, "near": likely, "mended": suggestions.renamed(line, key, likely)}


def _text(fault: _Fault) -> Said:
    """A text was wanted and a mapping or a list stands there: nearly always a colon or a dash too many."""
    mended = suggestions.one_text(fault.document.lines, fault.number, fault.input)
    if not fault.path or isinstance(fault.path[-1], str):
        return "text_wanted", {"key": fault.key, "mended": mended}
    signs = {"?": "question_sign", "“": "smart_quotes"}
    begin = (item(fault.line) or parts(fault.line)).value[:1]
    return "nested_list" if isinstance(fault.input, list) else signs.get(begin, "item_mapping"), {"mended": mended}


def _list(fault: _Fault) -> Said:
    mended = suggestions.listed(fault.document.lines, fault.number, fault.input, fault.names)
    return "list_wanted", {"key": fault.key, "mended": mended}


def _mapping(fault: _Fault) -> Said:
    if not fault.path:
        return "not_mapping", {"known": ", ".join(fault.names)}
    if fault.links and isinstance(fault.input, str) and suggestions.has_address(fault.input):
        return "bare_link", {"mended": suggestions.link(fault.line)}
    if mended := suggestions.fields(fault.document.lines, fault.number):
        return "fields_wanted", {"mended": mended}
    return "mapping_wanted", {"key": fault.key, "known": ", ".join(fault.names)}


def _date(fault: _Fault) -> Said:
    return "date", {"key": fault.key, "value": _short(fault.input), "mended": suggestions.dated(fault.line)}


def _choice(fault: _Fault) -> Said:
    choices = re.findall(r"'([^']*)'", str(fault.context.get("expected", "")))
    return "choice", {"key": fault.key, "value": _short(fault.input), "choices": ", ".join(choices)}


def _range(fault: _Fault) -> Said:
    bounds = [f"{_BOUNDS[name]} {limit:g}" for name, limit in fault.context.items() if name in _BOUNDS]
    return "range", {"key": fault.key, "value": _short(fault.input), "bounds": ", ".join(bounds)}


def _mended(key: str, mend: Callable[[str], str]) -> Callable[[_Fault], Said]:
    return lambda fault: (key, {"key": fault.key, "value": _short(fault.input), "mended": mend(fault.line)})


def _plain(key: str) -> Callable[[_Fault], Said]:
    return lambda fault: (key, {"key": fault.key, "value": _short(fault.input)})


_SAYINGS: tuple[tuple[str, Callable[[_Fault], Said]], ...] = (
    ("missing", _missing),
    ("extra_forbidden", _unknown),
    ("(string|path)_type", _text),
    ("(tuple|list|set|frozen_set|iterable)_type", _list),
    ("(model|dict|mapping|dataclass)(_attributes)?_type", _mapping),
    ("date|date_.*", _date),
    ("id_form", _mended("id_form", suggestions.kebab)),
    ("link_scheme", _mended("link_scheme", suggestions.schemed)),
    ("literal_error|enum", _choice),
    ("(greater|less)_than.*", _range),
    ("too_short", _plain("empty_list")),
    ("string_too_short", _plain("empty_text")),
    ("(int|float|decimal)_.*", _plain("number")),
    ("bool_.*", _plain("yes_no")),
)
