"""Edits of a settings file as text: only the lines of a new value change. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import yaml

from bot.knowledge.edit_result import EditRejected
from bot.knowledge.rendering import flow
from bot.knowledge.yaml.lines import quote
from bot.knowledge.yaml.problems import Problem
from bot.knowledge.yaml_source import LineEdit, YamlSource, list_edits, pairs, plain

Value = str | Sequence[Any]
"""A text, or a list of texts and of mappings of texts."""
Render = Callable[[str, Value, str], Iterable[str]]
"""Returns the lines of a key and its value, with a margin."""


def put(text: str, section: str, key: str, value: Value, render: Render) -> str:
    """Return the file with this value. `section`: empty for a key of the file itself.

    An empty value takes the key away. A room or category that stands there as a mapping stays one. Raises EditRejected.
    """
    source = YamlSource(f"\n{text}")  # no edit reaches the first line
    data = plain(source.root) if source.root else {}
    known = (data.get(section) or {}) if section else data
    if isinstance(written := known.get(key), list):
        names = [one.get("room") or one.get("category") if isinstance(one, dict) else one for one in written]
        value = [written[names.index(item)] if item in names else item for item in value]
    if value == known.get(key, "") or not (value or key in known):
        return text
    if text.lstrip().startswith("{"):
        raise EditRejected(Problem("", 1, "edit_flow"))
    top, lines = pairs(source.root), [*render(key, value, "  " if section else "")]
    if (section or key) not in top:
        return source.append(["", f"{section}:", *lines] if section else lines)[1:]
    if not section:
        return source.apply(_value_edits(source, key, *top[key], value))[1:]
    name, holder = top[section]
    edits: Iterable[LineEdit]
    if not isinstance(holder, yaml.MappingNode) or holder.flow_style:  # in braces, or nothing yet
        whole = {name: given for name, given in {**known, key: value}.items() if given}
        new = "".join(f"\n{line}" for name, given in whole.items() for line in render(name, given, "  "))
        edits = [source.replace_after_colon(name, holder, new)]
    elif pair := pairs(holder).get(key):
        edits = _value_edits(source, key, *pair, value)
    else:
        edits = [source.insert_lines(source.last_comment(source.last_line(holder), 0), lines)]
    return source.apply(edits)[1:]


def _value_edits(
    source: YamlSource, name: str, key: yaml.ScalarNode, node: yaml.Node, value: Value
) -> Iterable[LineEdit]:
    if not value:
        return [source.replace_lines(key.start_mark.line, source.last_line(node))]
    if isinstance(value, str):
        return [source.replace_node(node, scalar(value))]
    if isinstance(node, yaml.SequenceNode) and node.value:
        return list_edits(source, name, node, value)
    return [source.replace_node(node, flow(name, value))]


def scalar(value: str) -> str:
    return value if value.isalnum() else quote(value)
