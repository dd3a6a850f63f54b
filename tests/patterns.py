"""Every regular expression of the program: where it stands, and how it is used."""

import ast
import importlib
import inspect
import pkgutil
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import bot
from tests.pattern_timing import Use

METHODS = {"match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer", "scanner"}
ANCHORED = {"match", "fullmatch"}  # all others look for it from everywhere, and are measured with `finditer`
OUTSIDE = ("bot.migrations", "bot.__main__", "bot.cli.__main__")


@cache
def modules() -> list[ModuleType]:
    names = [one.name for one in pkgutil.walk_packages(bot.__path__, "bot.") if not one.name.startswith(OUTSIDE)]
    return [importlib.import_module(name) for name in names]


Samples = Mapping[tuple[str, str], Sequence[Mapping[str, object]]]


def inventory(samples: Samples) -> tuple[list[Use], list[str]]:
    """Each pattern once, as widely as it is used; and the places of those that can be evaluated nowhere.

    `samples`: (module, the pattern as it is written) -> what its variables may be. Without any, it is only compiled
    there, into a table of the module.
    """
    hows: dict[tuple[str, int], set[str]] = defaultdict(set)
    names: dict[tuple[str, int], str] = {}
    unread: list[str] = []
    for module in modules():
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        held = list(_held(module))
        inline, unknown = _inline(module, source, samples)
        compiled = {key for _, key, _ in held}
        for name, key, how in [*held, *((name, key, how) for name, key, how in inline if how or key not in compiled)]:
            names.setdefault(key, f"{module.__name__}:{name}")
            hows[key] |= how
        unread += unknown
    return [Use(names[key], *key, _how(how)) for key, how in hows.items()], unread


def _how(hows: set[str]) -> str:
    anchored = hows and hows <= ANCHORED
    return ("match" if "match" in hows else "fullmatch") if anchored else "finditer"


Row = tuple[str, tuple[str, int], set[str]]


def _held(module: ModuleType) -> Iterator[Row]:
    """Compiled patterns that a module holds, in tables too."""
    for name, value in vars(module).items():
        if not name.startswith("__"):
            for user, holder, form in _patterns(value, name, set(), module):
                if isinstance(form.pattern, str):
                    yield name, (form.pattern, form.flags), _methods(_tree(user), holder)


@cache
def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))


def _patterns(
    value: Any, holder: str, seen: set[int], module: ModuleType
) -> Iterator[tuple[ModuleType, str, re.Pattern[Any]]]:
    """With the module and the name by which each is used: that of the module's value, or of the field that it stands
    in. What a function holds is used in the module of the function."""
    if isinstance(value, re.Pattern):
        yield module, holder, value
        return
    if id(value) in seen or isinstance(value, type | ModuleType | str | bytes):
        return
    seen.add(id(value))
    module = sys.modules[value.__module__] if isinstance(value, FunctionType) else module
    for name, inner in _within(value):
        yield from _patterns(inner, name, seen, module)


def _within(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        yield from zip(value._fields, value, strict=True)
    elif isinstance(value, Mapping):
        yield from (("", inner) for inner in [*value.keys(), *value.values()])
    elif isinstance(value, list | tuple | set | frozenset):
        yield from (("", inner) for inner in value)
    elif is_dataclass(value):
        yield from ((one.name, getattr(value, one.name, None)) for one in fields(value))
    elif isinstance(value, FunctionType):
        yield from ((name, inner) for name, inner in inspect.getclosurevars(value).nonlocals.items())
    yield from (("", inner) for inner in getattr(value, "__metadata__", ()))


def _methods(tree: ast.Module, holder: str) -> set[str]:
    """The methods by which a pattern of that name is used; `finditer` where it is used in another way too."""
    found: set[str] = set()
    mentions = 0
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in METHODS and _last(node.value) == holder:
            found.add(node.attr)
            mentions -= isinstance(node.value, ast.Name)
        mentions += isinstance(node, ast.Name) and node.id == holder and isinstance(node.ctx, ast.Load)
    return found if mentions == 0 else {"finditer"}


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _inline(module: ModuleType, source: str, samples: Samples) -> tuple[list[Row], list[str]]:
    """What is handed to `re` itself. `how` is empty for what is only compiled."""
    rows: list[Row] = []
    unread: list[str] = []
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        if not (isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name)):
            continue
        if call.func.value.id != "re" or call.func.attr not in METHODS | {"compile"}:
            continue
        how = {call.func.attr} - {"compile"}
        written = str(ast.get_source_segment(source, call.args[0]))
        try:
            given = samples.get((module.__name__, written), [{}])
            patterns = [_value(module, call.args[0], variables) for variables in given]
        except NameError:
            patterns = []
            unread.append(f"{module.__name__}:{call.lineno} {written}")
        rows += [(f"{call.lineno}", (one, re.compile(one, _flags(module, call)).flags), how) for one in patterns]
    return rows, unread


def _flags(module: ModuleType, call: ast.Call) -> int:
    place = {"compile": 1, "split": 3, "sub": 4, "subn": 4}.get(call.func.attr, 2)  # type: ignore[attr-defined]
    given = [*call.args[place : place + 1], *(one.value for one in call.keywords if one.arg == "flags")]
    return int(_value(module, given[0], {})) if given else 0


def _value(module: ModuleType, written: ast.expr, variables: Mapping[str, object]) -> Any:
    return eval(compile(ast.Expression(written), module.__name__, "eval"), {**vars(module), **variables})  # noqa: S307
