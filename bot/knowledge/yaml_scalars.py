"""One text in a file, changed where it stands. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from bot.knowledge.rendering import block, scalar
from bot.knowledge.yaml.lines import width
from bot.knowledge.yaml_source import LineEdit, YamlSource

_HEAD = re.compile(r"[|>][+-]?\d?[+-]?")  # of a text on lines of its own


def texts(sheet: YamlSource, name: str, node: yaml.Node, text: str, margin: int, outer: int) -> Iterator[LineEdit]:
    """Another text where one stands, or nothing. `margin`: of lines below it, `outer`: of the key."""
    line, last = int(node.start_mark.line), sheet.last(node)
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        lines = [one for one in sheet.lines[line + 1 : last + 1] if one.strip()]
        head = _HEAD.match(sheet.lines[line], node.start_mark.column)
        begin, end = head.span() if head else (0, 0)
        plain = not re.search(r"\d", sheet.lines[line][begin:end])
        sign = sheet.lines[line][begin:end] if plain and (node.style == "|" or "\n" not in text) else "|"
        yield LineEdit(sheet.at(line, begin), sheet.at(line, end), sign)
        yield sheet.instead(line + 1, last + 1, block(text, width(lines[0]) if plain and lines else margin))
        if not plain:
            yield from moved(sheet, last, outer)
    elif "\n" in text:
        yield sheet.between(node.start_mark, node.end_mark, apart(node) + "|")
        yield sheet.below(last, block(text, margin))
        yield from moved(sheet, last, outer)
    else:
        yield sheet.between(node.start_mark, node.end_mark, apart(node) + scalar(name, text))


def moved(sheet: YamlSource, line: int, margin: int) -> Iterator[LineEdit]:
    """The next remark, where it would become a part of the text above it: it comes to the margin."""
    below = sheet.past(line, margin) - 1
    first = next((at for at in range(line + 1, below + 1) if sheet.remark(at)), None)
    if first is not None:
        yield LineEdit(sheet.at(first, 0), sheet.at(first, width(sheet.lines[first])), " " * margin)


def apart(node: yaml.Node) -> str:
    """A space behind the colon, where nothing stood."""
    return " " if node.start_mark.index == node.end_mark.index else ""
