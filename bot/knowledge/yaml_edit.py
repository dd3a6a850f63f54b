"""Edits of a knowledge or settings file as text: only the necessary lines change; all others and comments stay. Pure.

Each function takes and returns the whole file, with its own line ends, byte order mark and end of file. The file must
load. EditRejected is raised for styles that cannot be edited, such as entries in braces.

Not ruamel.yaml: of 300 files in any style, its round trip (0.19.1) left 36 unchanged, and comments moved or were lost.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from textwrap import dedent
from typing import Any

import yaml

from bot.knowledge.edit_result import EditRejected
from bot.knowledge.models import Entry, Misread
from bot.knowledge.rendering import ON_ONE_LINE, ORDER, Style, field_lines, fields_of, flow, item_lines
from bot.knowledge.yaml.lines import indent_of, quote
from bot.knowledge.yaml.problems import Problem
from bot.knowledge.yaml_source import LineEdit, YamlSource, list_edits, pairs, plain, realign_comment, replace_text
from bot.text.accents import plain_words

Value = str | Sequence[Any]
"""A text, or a list of texts and of mappings of texts."""
Render = Callable[[str, Value, str], Iterable[str]]
"""Returns the lines of a key and its value, with a margin."""


def add_entry(text: str, entry: Entry, theme: str = "") -> str:
    """Add an entry after the last one. `theme`: the title of a file that is still empty."""
    source = YamlSource(text)
    if source.root is None:
        return source.append([f"theme: {quote(theme)}", "entries:", *item_lines(fields_of(entry), 2)])
    entries = _items(source, "entries")
    if not entries.value:  # `entries: []`
        key, last = pairs(source.root)["entries"][0], source.last_line(entries)
        first = key.start_mark.line
        if any("#" in line for line in source.lines[first:last]):
            raise EditRejected(Problem("", first + 1, "edit_flow"))
        margin = indent_of(source.lines[first]) + 2
        added = source.insert_lines(source.last_comment(last, margin), item_lines(fields_of(entry), margin))
        return source.apply([source.replace_after_colon(key, entries, ""), added])
    margin = entries.start_mark.column
    lines = item_lines(fields_of(entry), margin, detect_style(source))
    above = source.item_line(entries, entries.value[-1]) - 1
    while source.is_comment(above):
        above -= 1
    if len(entries.value) > 1 and source.is_blank(above):  # as between the others
        lines.insert(0, "")
    return source.apply([source.insert_lines(source.last_comment(source.last_line(entries), margin), lines)])


def change_entry(text: str, id: str, changes: Mapping[str, object]) -> str:
    """Change fields of an entry. `changes`: by field; None or an empty value removes a field."""
    for name, value in changes.items():
        source = YamlSource(text)
        text = source.apply(_field_edits(source, _entry(source, id), name, value))
    return text


def remove_entry(text: str, id: str) -> str:
    """Remove an entry, with the comments indented deeper than its dash."""
    source = YamlSource(text)
    first, last = _extent(source, id)
    if not any(line.strip() for line in source.lines[last + 1 :]):
        while source.is_blank(first - 1):
            first -= 1
    elif source.is_blank(first - 1) and source.is_blank(last + 1):  # one gap instead of two
        first -= 1
    edits = [source.replace_lines(first, last)]
    if len(_items(source, "entries").value) == 1:
        colon = source.after_colon(pairs(source.root)["entries"][0])
        edits.insert(0, LineEdit(colon, colon, " []"))
    return source.apply(edits)


def add_reading(text: str, misread: Misread) -> str:
    """Add a message that was misread, with its right reading; the same message there is replaced."""
    source, fields = YamlSource(text), misread.model_dump()
    if source.root is None:
        return source.append(["readings:", *item_lines(fields, 2)])
    readings = _items(source, "readings")
    others = [one for one in map(plain, readings.value) if plain_words(one["text"]) != plain_words(misread.text)]
    return source.apply(list_edits(source, "readings", readings, [*others, fields]))


def excerpt(text: str, id: str) -> str:
    """Return the lines of the entry, comments included, without their indentation."""
    source = YamlSource(text)
    first, last = _extent(source, id)
    return dedent("".join(f"{line}\n" for line in source.lines[first : last + 1]))


def _items(source: YamlSource, name: str) -> yaml.SequenceNode:
    """Return the file's list of that name; in brackets only if it is empty."""
    pair = pairs(source.root).get(name)
    if pair is None or not isinstance(source.root, yaml.MappingNode) or source.root.flow_style:
        raise EditRejected(Problem("", 1, "edit_flow"))
    key, node = pair
    if isinstance(node, yaml.SequenceNode) and not (node.flow_style and node.value):
        return node
    raise EditRejected(Problem("", key.start_mark.line + 1, "edit_flow"))


def _entry(source: YamlSource, id: str) -> yaml.MappingNode:
    for node in _items(source, "entries").value:
        pair = pairs(node).get("id")
        if pair and pair[1].value.strip() == id:
            return node  # type: ignore[no-any-return]
    raise EditRejected(Problem("", 0, "edit_unknown", {"id": id}))


def _extent(source: YamlSource, id: str) -> tuple[int, int]:
    """Return the first and last line of an entry, comments included."""
    entries, entry = _items(source, "entries"), _entry(source, id)
    last = source.last_comment(source.last_line(entry), entries.start_mark.column)
    return source.item_line(entries, entry), last


def _field_edits(source: YamlSource, entry: yaml.MappingNode, name: str, value: Any) -> Iterator[LineEdit]:
    """Yield the edits that give a field this value; None or an empty value removes it."""
    if entry.flow_style:
        raise EditRejected(Problem("", entry.start_mark.line + 1, "edit_flow"))
    fields, margin, style = pairs(entry), entry.start_mark.column, detect_style(source)
    if name not in fields:
        if value:  # comes after the fields that precede it in the model
            earlier = {"id", *ORDER[: ORDER.index(name)]}
            last = max(source.last_line(node) for key, (_, node) in fields.items() if key in earlier)
            yield source.insert_lines(source.last_comment(last, margin), field_lines(name, value, margin, style))
        return
    key, node = fields[name]
    if not value:
        yield from _removal(source, entry, key, node)
    elif isinstance(value, str):
        yield from replace_text(source, name, node, value, margin + style.block, margin)
    elif isinstance(node, yaml.SequenceNode) and (node.value or name in ON_ONE_LINE):
        yield from list_edits(source, name, node, value)
    elif name in ON_ONE_LINE:
        yield source.replace_node(node, flow(name, value))
    else:  # `[]`, `~` or nothing becomes a list
        yield source.replace_after_colon(key, node, "")
        last = source.last_comment(source.last_line(node), margin)
        yield source.insert_lines(last, field_lines(name, value, margin, style)[1:])


def _removal(source: YamlSource, entry: yaml.MappingNode, key: yaml.ScalarNode, node: yaml.Node) -> Iterator[LineEdit]:
    """Yield the edits that remove a field; the dash of the entry stays."""
    first, last, margin = int(key.start_mark.line), source.last_line(node), entry.start_mark.column
    before = source.lines[first][:margin].rstrip()
    following = next((other.start_mark for other, _ in entry.value if other.start_mark.line == last + 1), None)
    if not before:
        yield source.replace_lines(first, last)
        yield from realign_comment(source, last, margin)
    elif following:  # goes behind the dash
        end = source.offset(following.line, following.column)
        yield LineEdit(source.offset(first, key.start_mark.column), end, "")
    else:
        yield LineEdit(source.offset(first, len(before)), source.line_end(last), "")


def detect_style(source: YamlSource) -> Style:
    """Return the indentation of the last entry, completed from earlier ones."""
    steps: dict[str, int] = {}
    entries = pairs(source.root)["entries"][1]
    for entry in reversed(entries.value):
        if entry.flow_style:
            continue
        margin = entry.start_mark.column
        steps.setdefault("keys", max(margin - entries.start_mark.column, 2))
        for name, (_, node) in pairs(entry).items():
            if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
                steps.setdefault("items", node.start_mark.column - margin)
            elif name == "answer" and isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
                first = next(line for line in source.lines[node.start_mark.line + 1 :] if line.strip())
                steps.setdefault("block", max(indent_of(first) - margin, 1))
        if len(steps) == len(Style._fields):
            break
    return Style(**steps)


# Settings


def put_setting(text: str, section: str, key: str, value: Value, render: Render) -> str:
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
        return source.apply(_setting_edits(source, key, *top[key], value))[1:]
    name, holder = top[section]
    edits: Iterable[LineEdit]
    if not isinstance(holder, yaml.MappingNode) or holder.flow_style:  # in braces, or nothing yet
        whole = {name: given for name, given in {**known, key: value}.items() if given}
        new = "".join(f"\n{line}" for name, given in whole.items() for line in render(name, given, "  "))
        edits = [source.replace_after_colon(name, holder, new)]
    elif pair := pairs(holder).get(key):
        edits = _setting_edits(source, key, *pair, value)
    else:
        edits = [source.insert_lines(source.last_comment(source.last_line(holder), 0), lines)]
    return source.apply(edits)[1:]


def _setting_edits(
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
