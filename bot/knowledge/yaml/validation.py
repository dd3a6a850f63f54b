"""Pydantic's errors as problems of the file, with a correction: the likely key for an unknown one, the right shape."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core.core_schema import ErrorType

from bot.knowledge.yaml import suggestions
from bot.knowledge.yaml.lines import parse_item, parse_line, quote, strip_smart_quotes
from bot.knowledge.yaml.problems import Document, Problem

Path = tuple[str | int, ...]
Explanation = tuple[str, dict[str, object]]  # key of the sentence, values

_STRONG = {"item_mapping", "question_sign", "bare_link", "nested_list"}  # explains all errors of its place
_BOUNDS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}


def explain(error: ValidationError, document: Document, model: type[BaseModel]) -> list[Problem]:
    """One problem for each thing to correct, by line. A check's own error type names its sentence in `problems.`."""
    faults = [_Fault.of(one, document, model) for one in error.errors(include_url=False) if not _is_consequence(one)]
    explained = [(fault, *fault.explain()) for fault in faults]
    strong = [fault.place for fault, key, _ in explained if key in _STRONG]
    likely = {(*fault.loc[:-1], values["near"]) for fault, key, values in explained if key == "unknown_key_near"}
    problems = [
        Problem(document.file, document.line(*fault.path), key, values)
        for fault, key, values in explained
        if (key in _STRONG or fault.place not in strong) and not (key == "missing" and fault.loc in likely)
    ]
    return sorted(problems, key=lambda problem: problem.line)


def _is_consequence(one: Mapping[str, Any]) -> bool:
    """A list is too short only because items in it are wrong, which is reported already."""
    return one["type"] == "too_short" and bool(len(one["input"]) >= one["ctx"]["min_length"])


@dataclass(frozen=True)
class _Fault:
    """One of pydantic's errors. `path`: as much of its `loc` as the file has."""

    document: Document
    loc: Path
    path: Path
    kind: str
    input: Any
    context: Mapping[str, Any]
    names: tuple[str, ...]  # the keys allowed there

    @classmethod
    def of(cls, one: Mapping[str, Any], document: Document, model: type[BaseModel]) -> _Fault:
        loc = tuple(one["loc"])
        inner = loc[:-1] if one["type"] in ("missing", "extra_forbidden") else loc
        path, names = _known_path(document, loc), _names(model, inner)
        return cls(document, loc, path, one["type"], one["input"], one.get("ctx", {}), names)

    @property
    def place(self) -> Path:
        """The item or mapping with the error: several errors of one place may be one slip."""
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
    def is_link(self) -> bool:
        return {"title", "url"} <= set(self.names)

    def explain(self) -> Explanation:
        if isinstance(self.input, str) and (inside := strip_smart_quotes(self.input)):
            return "smart_quotes", {"correction": parse_line(self.line).with_value(quote(inside))}
        for kinds, explanation in _EXPLANATIONS:
            if re.fullmatch(kinds, self.kind):
                return explanation(self)
        key = "value" if self.kind in get_args(ErrorType) else self.kind
        return key, {**self.context, "key": self.key, "value": _short(self.input)}


def _known_path(document: Document, loc: Path) -> Path:
    path: Path = ()
    for part in loc:  # a union puts the name of its member in between
        path = (*path, part) if document.has(*path, part) else path
    return path


def _names(model: type[BaseModel], loc: Path) -> tuple[str, ...]:
    models = {model}
    for part in loc:
        inner_models = {
            inner
            for outer in models
            if part in outer.model_fields
            for inner in _models(outer.model_fields[str(part)].annotation)
        }
        if isinstance(part, str) and any(part in outer.model_fields for outer in models):
            models = inner_models
    return tuple(name for inner in models for name in inner.model_fields)


def _models(annotation: Any) -> set[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {annotation}
    return {model for inner in get_args(annotation) for model in _models(inner)}


def _short(value: object) -> str:
    text = value if isinstance(value, str) else ""
    return text if len(text) <= 60 else text[:59] + "…"


def _missing(fault: _Fault) -> Explanation:
    return ("empty" if fault.document.has(*fault.loc) else "missing"), {"key": str(fault.loc[-1])}


def _unknown(fault: _Fault) -> Explanation:
    key, line = str(fault.loc[-1]), fault.line
    if fault.is_link and suggestions.has_address(line) and fault.document.value(*fault.loc[:-1]) == {key: fault.input}:
        return "bare_link", {"correction": suggestions.as_link(line)}
    likely = suggestions.closest(key, fault.names)
    if not likely:
        return "unknown_key", {"key": key, "known": ", ".join(fault.names)}
    return "unknown_key_near", {"key": key, "near": likely, "correction": suggestions.rename_key(line, key, likely)}


def _text(fault: _Fault) -> Explanation:
    """A mapping or a list instead of a text: nearly always a colon or a dash too many."""
    correction = suggestions.as_text(fault.document.lines, fault.number, fault.input)
    if not fault.path or isinstance(fault.path[-1], str):
        return "text_wanted", {"key": fault.key, "correction": correction}
    signs = {"?": "question_sign", "“": "smart_quotes"}
    begin = (parse_item(fault.line) or parse_line(fault.line)).value[:1]
    key = "nested_list" if isinstance(fault.input, list) else signs.get(begin, "item_mapping")
    return key, {"correction": correction}


def _list(fault: _Fault) -> Explanation:
    correction = suggestions.as_list(fault.document.lines, fault.number, fault.input, fault.names)
    return "list_wanted", {"key": fault.key, "correction": correction}


def _mapping(fault: _Fault) -> Explanation:
    if not fault.path:
        return "not_mapping", {"known": ", ".join(fault.names)}
    if fault.is_link and isinstance(fault.input, str) and suggestions.has_address(fault.input):
        return "bare_link", {"correction": suggestions.as_link(fault.line)}
    if correction := suggestions.as_fields(fault.document.lines, fault.number):
        return "fields_wanted", {"correction": correction}
    return "mapping_wanted", {"key": fault.key, "known": ", ".join(fault.names)}


def _date(fault: _Fault) -> Explanation:
    return "date", {"key": fault.key, "value": _short(fault.input), "correction": suggestions.as_date(fault.line)}


def _choice(fault: _Fault) -> Explanation:
    choices = re.findall(r"'([^']*)'", str(fault.context.get("expected", "")))
    return "choice", {"key": fault.key, "value": _short(fault.input), "choices": ", ".join(choices)}


def _range(fault: _Fault) -> Explanation:
    bounds = [f"{_BOUNDS[name]} {limit:g}" for name, limit in fault.context.items() if name in _BOUNDS]
    return "range", {"key": fault.key, "value": _short(fault.input), "bounds": ", ".join(bounds)}


def _corrected(key: str, fix: Callable[[str], str]) -> Callable[[_Fault], Explanation]:
    return lambda fault: (key, {"key": fault.key, "value": _short(fault.input), "correction": fix(fault.line)})


def _plain(key: str) -> Callable[[_Fault], Explanation]:
    return lambda fault: (key, {"key": fault.key, "value": _short(fault.input)})


_EXPLANATIONS: tuple[tuple[str, Callable[[_Fault], Explanation]], ...] = (
    ("missing", _missing),
    ("extra_forbidden", _unknown),
    ("(string|path)_type", _text),
    ("(tuple|list|set|frozen_set|iterable)_type", _list),
    ("(model|dict|mapping|dataclass)(_attributes)?_type", _mapping),
    ("date|date_.*", _date),
    ("id_form", _corrected("id_form", suggestions.as_id)),
    ("link_scheme", _corrected("link_scheme", suggestions.add_scheme)),
    ("literal_error|enum", _choice),
    ("(greater|less)_than.*", _range),
    ("too_short", _plain("empty_list")),
    ("string_too_short", _plain("empty_text")),
    ("(int|float|decimal)_.*", _plain("number")),
    ("bool_.*", _plain("yes_no")),
)
