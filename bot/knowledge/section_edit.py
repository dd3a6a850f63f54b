"""Edits of a settings file as text: only the lines of a new value change. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import yaml

from bot.knowledge.edit_result import EditRejected
from bot.knowledge.rendering import flow
from bot.knowledge.yaml.lines import quote
from bot.knowledge.yaml.problems import Problem
from bot.knowledge.yaml_source import LineEdit, YamlSource, pairs
from bot.knowledge.yaml_values import ListItems, gap_after_colon

Value = str | Sequence[Any]
"""A text, or a list of texts and of mappings of texts."""
Render = Callable[[str, Value, str], Iterable[str]]
"""Returns the lines of a key and its value, with a margin."""


def put(text: str, section: str, key: str, value: Value, render: Render) -> str:
    """Return the file with this value. `section`: empty for a key of the file itself.

    An empty value takes the key away. A room or category that stands there as a mapping stays one. Raises EditRejected.
    """
    source = YamlSource(f"\n{text}")  # no edit reaches the first line
    data = _plain(source.root) or {}
    known = (data.get(section) or {}) if section else data
    if isinstance(written := known.get(key), list):
        value = [next((one for one in written if item == _name(one)), item) for item in value]
    if value == known.get(key, "") or not (value or key in known):
        return text
    if text.lstrip().startswith("{"):
        raise EditRejected(Problem("", 1, "edit_flow"))
    return _changed(source, section, key, value, {**known, key: value}, render)[1:]


def _changed(
    source: YamlSource, section: str, key: str, value: Value, whole: Mapping[str, Value], render: Render
) -> str:
    top, lines = pairs(source.root), [*render(key, value, "  " if section else "")]
    if key in top and not section:
        return source.apply(_replaced(source, key, *top[key], value))
    if section not in top:
        return source.append(["", f"{section}:", *lines] if section else lines)
    name, holder = top[section]
    if not isinstance(holder, yaml.MappingNode) or holder.flow_style:  # in braces, or nothing yet
        new = "".join(f"\n{line}" for one, given in whole.items() if given for line in render(one, given, "  "))
        end = source.offset(holder.end_mark.line, holder.end_mark.column)
        return source.apply([LineEdit(source.after_colon(name), end, new)])
    if pair := pairs(holder).get(key):
        return source.apply(_replaced(source, key, *pair, value))
    return source.apply([source.insert_lines(source.last_comment(source.last_line(holder), 0), lines)])


def _replaced(source: YamlSource, name: str, key: yaml.ScalarNode, node: yaml.Node, value: Value) -> Iterator[LineEdit]:
    if not value:
        yield source.replace_lines(key.start_mark.line, source.last_line(node))
    elif isinstance(node, yaml.SequenceNode) and node.value and not isinstance(value, str):
        yield from ListItems(source, name, node).edits(value)
    else:
        text = scalar(value) if isinstance(value, str) else flow(name, value)
        yield source.replace(node.start_mark, node.end_mark, gap_after_colon(node) + text)


def scalar(value: str) -> str:
    return value if value.isalnum() else quote(value)


def _name(item: Any) -> Any:
    return item.get("room") or item.get("category") if isinstance(item, dict) else item


def _plain(node: yaml.Node | None) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): _plain(value) for key, value in node.value}
    return [*map(_plain, node.value)] if isinstance(node, yaml.SequenceNode) else node and node.value
