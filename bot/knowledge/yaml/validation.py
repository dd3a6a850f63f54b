"""Pydantic's errors as problems of the file, with a correction: the likely key for an unknown one, the right shape."""

import re
from collections.abc import Callable, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core.core_schema import ErrorType

from bot.knowledge.yaml import suggestions
from bot.knowledge.yaml.lines import parse_item, parse_line, quote, strip_smart_quotes
from bot.knowledge.yaml.problems import Document, Problem

Path = tuple[str | int, ...]
Explanation = tuple[str, dict[str, object]]  # key of the sentence, values besides `key` and `value`

_STRONG = {"item_mapping", "question_sign", "bare_link", "nested_list"}  # explains all errors of its place
_BOUNDS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}


def explain(error: ValidationError, document: Document, model: type[BaseModel]) -> list[Problem]:
    """Return one problem for each thing to correct, sorted by line.

    The error type of a check of our own names its sentence in `problems.`.
    """
    errors = error.errors(include_url=False)
    # A list is too short only because items in it are wrong: that is reported already.
    errors = [one for one in errors if one["type"] != "too_short" or len(one["input"]) < one["ctx"]["min_length"]]
    faults = [_Fault(one, document, model) for one in errors]
    explained = [(fault, *fault.explain()) for fault in faults]
    strong = [fault.place for fault, key, _ in explained if key in _STRONG]
    likely = {(*fault.place, values["near"]) for fault, key, values in explained if key == "unknown_key_near"}
    problems = [
        Problem(document.file, fault.number, key, {"key": fault.key, "value": fault.shown, **values})
        for fault, key, values in explained
        if (key in _STRONG or fault.place not in strong) and not (key == "missing" and fault.loc in likely)
    ]
    return sorted(problems, key=lambda problem: problem.line)


class _Fault:
    """An error of pydantic's, and the line of the file that it is about."""

    def __init__(self, one: Mapping[str, Any], document: Document, model: type[BaseModel]) -> None:
        self.document, self.kind, self.input, self.context = document, one["type"], one["input"], one.get("ctx", {})
        self.loc: Path = tuple(one["loc"])
        # The item or mapping with the error: several errors of one place may be one slip.
        self.place = self.loc[:-1] if self.kind in ("missing", "extra_forbidden") else self.loc
        models = {model}
        for step in map(str, self.place):
            fields = [outer.model_fields[step] for outer in models if step in outer.model_fields]
            models = {inner for field in fields for inner in _models(field.annotation)} if fields else models
        self.names = tuple(name for inner in models for name in inner.model_fields)  # the keys allowed there
        self.is_link = {"title", "url"} <= set(self.names)
        self.path: Path = ()  # as much of `loc` as the file has
        position = document.positions
        for part in self.loc:  # a union puts the name of its member in between
            if part in position.inner:
                self.path, position = (*self.path, part), position.inner[part]
        self.key = next((part for part in reversed(self.path) if isinstance(part, str)), "")
        self.number = position.line
        self.line = document.lines[self.number - 1]
        text = self.input if isinstance(self.input, str) else ""
        self.shown = text if len(text) <= 60 else text[:59] + "…"

    def explain(self) -> Explanation:
        if isinstance(self.input, str) and (inside := strip_smart_quotes(self.input)):
            return "smart_quotes", {"correction": parse_line(self.line).with_value(quote(inside))}
        for kinds, explanation in EXPLANATIONS:
            if re.fullmatch(kinds, self.kind):
                return explanation(self)
        return ("value" if self.kind in get_args(ErrorType) else self.kind), dict(self.context)


def _models(annotation: Any) -> set[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {annotation}
    return {model for inner in get_args(annotation) for model in _models(inner)}


def _missing(fault: _Fault) -> Explanation:
    return ("empty" if fault.path[-1:] == fault.loc[-1:] else "missing"), {"key": str(fault.loc[-1])}


def _unknown(fault: _Fault) -> Explanation:
    key, line = str(fault.loc[-1]), fault.line
    if fault.is_link and suggestions.has_address(line) and fault.document.value(*fault.place) == {key: fault.input}:
        return "bare_link", {"correction": suggestions.as_link(line)}
    if likely := suggestions.closest(key, fault.names):
        renamed = re.sub(rf"{re.escape(key)}(?=[\"']?\s*:)", likely, line, count=1)
        return "unknown_key_near", {"near": likely, "correction": renamed}
    return "unknown_key", {"known": ", ".join(fault.names)}


def _text(fault: _Fault) -> Explanation:
    """Explain a mapping or a list instead of a text: nearly always a colon or a dash too many."""
    if not fault.path or isinstance(fault.path[-1], str):
        return "text_wanted", {"correction": suggestions.as_one_text(fault.line)}
    signs = {"?": "question_sign", "“": "smart_quotes"}
    begin = (parse_item(fault.line) or parse_line(fault.line)).value[:1]
    key = "nested_list" if isinstance(fault.input, list) else signs.get(begin, "item_mapping")
    return key, {"correction": suggestions.as_text(fault.line)}


def _list(fault: _Fault) -> Explanation:
    is_guessable = fault.is_link or not fault.names
    correction = suggestions.as_list(fault.line, fault.input, are_links=fault.is_link) if is_guessable else ""
    return "list_wanted", {"correction": correction}


def _mapping(fault: _Fault) -> Explanation:
    if not fault.path:
        return "not_mapping", {"known": ", ".join(fault.names)}
    if fault.is_link and isinstance(fault.input, str) and suggestions.has_address(fault.input):
        return "bare_link", {"correction": suggestions.as_link(fault.line)}
    return "mapping_wanted", {"known": ", ".join(fault.names)}


def _choice(fault: _Fault) -> Explanation:
    return "choice", {"choices": ", ".join(re.findall(r"'([^']*)'", str(fault.context.get("expected", ""))))}


def _range(fault: _Fault) -> Explanation:
    bounds = [f"{_BOUNDS[name]} {limit:g}" for name, limit in fault.context.items() if name in _BOUNDS]
    return "range", {"bounds": ", ".join(bounds)}


EXPLANATIONS: tuple[tuple[str, Callable[[_Fault], Explanation]], ...] = (  # by pydantic's types of errors
    ("missing", _missing),
    ("extra_forbidden", _unknown),
    ("(string|path)_type", _text),
    ("(tuple|list|set|frozen_set|iterable)_type", _list),
    ("(model|dict|mapping|dataclass)(_attributes)?_type", _mapping),
    ("date|date_.*", lambda fault: ("date", {"correction": suggestions.as_date(fault.line)})),
    ("id_form", lambda fault: ("id_form", {"correction": suggestions.as_id(fault.line)})),
    ("link_scheme", lambda fault: ("link_scheme", {"correction": suggestions.add_scheme(fault.line)})),
    ("literal_error|enum", _choice),
    ("(greater|less)_than.*", _range),
    ("too_short", lambda _: ("empty_list", {})),
    ("string_too_short", lambda _: ("empty_text", {})),
    ("(int|float|decimal)_.*", lambda _: ("number", {})),
    ("bool_.*", lambda _: ("yes_no", {})),
)
