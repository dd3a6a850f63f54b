"""Common slips in YAML typed by hand: the pattern of each, and the corrected lines.

A proposal is accepted only if the parser gets further with the corrected lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain, takewhile
from typing import NamedTuple

from bot.knowledge.yaml.lines import indent_of, is_field, parse_line, quote, requote, text_column

HIDDEN = "\u200b\u2060"  # zero width
# Spaces to a reader, text to YAML.
ODD = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000" + HIDDEN
BULLETS = "•‣▪·–—*"
SIGNS = {"@": "at", "`": "backtick", "%": "percent", "*": "star", "&": "ampersand", "!": "bang"}
SIGNS |= dict.fromkeys("|>", "block_sign") | dict.fromkeys("[]{},", "bracket")  # at the start of a value
_LOOK_BACK = 30  # lines after an open quote
_ITEM = re.compile(r'((?:[^,"]++|"[^"]*+"|")*)(?:,|\Z)')  # of a list; a comma in quotes does not end it
_QUOTES = "\"'“”"
_KEY = re.compile(
    r"(?s)( *(?:- +)*[^\W\d][\w-]*)( *= *| *:(?=[^\s/])| +|$)(.*)"
)  # without a colon or without its space
_KEY_SLIPS = {"=": "equals", ":": "no_space", "": "no_colon"}


class Slip(NamedTuple):
    key: str  # its sentence in the wording
    pattern: re.Pattern[str]
    fix: Callable[[str], str]


class Proposal(NamedTuple):
    key: str  # the slip
    changes: dict[int, str]  # lines by number, from 0
    reported: tuple[int, ...]  # lines that get a problem
    correction: str = ""  # where it is more than the changed line


def quote_list(value: str) -> str:
    """Return `[a, 'b', "c]` with matching quotes and a closing bracket."""
    inner = re.sub(r"([\"'])\s+(?=[\"'])", r"\1, ", value.strip("[] "))
    texts = _ITEM.findall(f"{inner},")[:-1] if inner.count('"') % 2 == 0 else inner.split(",")
    return f"[{', '.join(quote(text.strip().strip(_QUOTES)) for text in texts)}]"


def _quote_signs(value: str) -> str:
    return re.sub(r"(?<=[\[{,:\s])([@#!*&%`][^,\]}]*)", lambda match: quote(match[1].rstrip()), value)


VALUES = (  # matched with what follows dashes and key
    Slip("comma", re.compile(r"(\"[^\"]*\"|'[^']*'|[|>][+-]?|\[.*\])\s*[,;]"), lambda value: value.rstrip(" ,;")),
    Slip("backslash", re.compile(r'"[^"\\]*+\\[^"]*+"'), lambda value: "'" + value[1:-1].replace("'", "''") + "'"),
    Slip("after_quote", re.compile(r"(?s)([\"']).*\1.*"), requote),
    Slip("open_quote", re.compile(r"[\"'].*"), requote),
    Slip("smart_quotes", re.compile(r"[“„‟].*"), lambda value: quote(value.strip("“”„‟\"' "))),
    Slip("flow_sign", re.compile(r"\{.*\}"), _quote_signs),
    Slip("flow_list", re.compile(r"\[.*\]|\[[^\]]*"), quote_list),
    Slip("markdown_link", re.compile(r"!?\[[^\]]*\]\(.*"), quote),
    Slip("", re.compile(r"[@`%*&!|>\[\]{},].*"), quote),  # named by its sign
    Slip("colon", re.compile(r"(?s).*:( .*)?"), quote),
)


def respace(line: str) -> str:
    """Return the line with plain spaces up to the start of its value."""
    match = re.match(rf"[ {ODD}]*(?:-[ {ODD}]*)?(?:[\w-]+[ {ODD}]*:[ {ODD}]*)?", line)
    head = match.group() if match else ""
    plain = re.sub(rf"(?<![{ODD}])[{ODD}]++(?=:)", "", re.sub(f"[{HIDDEN}]", "", head))
    return re.sub(f"[{ODD}]", " ", plain) + line[len(head) :]


LINES = (  # matched with the whole line
    Slip("odd_space", re.compile(rf"(?s)[ {ODD}]*(?:-[ {ODD}]*)?(?:[\w-]+[ {ODD}]*:)?[{ODD}].*"), respace),
    Slip("tab", re.compile(r"(?s) *(?:- *)?(?:[\w-]+ *:)?\t.*"), lambda line: line.replace("\t", " ", 1)),
    Slip(
        "bullet",
        re.compile(rf" *[{BULLETS}][ {ODD}].*"),
        lambda line: re.sub(rf"[{BULLETS}][ {ODD}]+", "- ", line, count=1),
    ),
    Slip("document", re.compile(r"(?s)(---|\.\.\.)(\s.*)?"), lambda _: ""),
    Slip("comma", re.compile(r" *(?:- +)*[a-z_]+:[,;] *"), lambda line: line.rstrip(" ,;")),
    Slip("dash", re.compile(r" *-[^\s-].*"), lambda line: line.replace("-", "- ", 1)),
)


def proposals(lines: list[str], number: int) -> Iterator[Proposal]:
    """Yield proposals for a parser that stops at line `number`; the slip may be in an earlier line."""
    suspects = [n for n in range(number, max(number - _LOOK_BACK, -1), -1) if lines[n].strip()]
    return chain(
        _spaces(lines, number),
        _block_text(lines, number),
        _keys(lines, suspects[:12]),
        _single_lines(lines, suspects[:1]),
        _missing_dash(lines, suspects[:2]),
        _continued_text(lines, number),
        _single_lines(lines, suspects[1:]),
        _indents(lines, suspects[:4]),
    )


def _spaces(lines: list[str], number: int) -> Iterator[Proposal]:
    """Propose plain spaces for tabs and no-break spaces before the text, here or in all lines at once."""
    if not re.match(rf" *[\t{ODD}]", lines[number]):
        return
    yield from _indents(lines, [number])
    tabbed = [n for n, line in enumerate(lines) if re.match(r" *\t", line)]
    odd = [n for n, line in enumerate(lines) if re.match(rf" *[{ODD}]", line)]
    for size in (2, 4, 8):
        margins = {n: lines[n][: -len(lines[n].lstrip(" \t"))].expandtabs(size) for n in tabbed if lines[n].strip()}
        yield Proposal("tab", {n: margin + lines[n].lstrip(" \t") for n, margin in margins.items()}, tuple(tabbed[:1]))
    yield Proposal("odd_space", {n: respace(lines[n]) for n in odd}, tuple(odd[:1]))


def _keys(lines: list[str], suspects: list[int]) -> Iterator[Proposal]:
    """Propose a colon and a space for `key:value`, `key = value`, `key value` or `key`, often in several lines."""
    changes: dict[int, str] = {}
    for number in suspects:
        line, match = lines[number], _KEY.fullmatch(lines[number])
        if match and (match[2].strip() or not match[3] or _is_key(lines, number, suspects[0])):
            changes[number] = f"{match[1]}: {match[3]}".rstrip()
            yield Proposal(_KEY_SLIPS[match[2].strip()], dict(changes), tuple(sorted(changes)))
        elif number != suspects[0] and not is_field(line.strip()):
            return


def _is_key(lines: list[str], number: int, below: int) -> bool:
    """Whether a line begins with a word that is a key elsewhere, or at the column of the key `below`."""
    line, word = lines[number], lines[number].lstrip(" -").split(" ")[0]
    is_beside = text_column(line) == indent_of(lines[below]) and is_field(lines[below].strip())
    return is_beside or any(other.lstrip(" -").startswith(f"{word}:") for other in lines)


def _single_lines(lines: list[str], suspects: list[int]) -> Iterator[Proposal]:
    for number in suspects:
        line, parsed = lines[number], parse_line(lines[number])
        value = "" if is_field(parsed.value) else parsed.value
        found = [
            (slip, parsed.with_value(slip.fix(value))) for slip in VALUES if value and slip.pattern.fullmatch(value)
        ]
        found += [(slip, slip.fix(line)) for slip in LINES if slip.pattern.fullmatch(line)]
        for slip, fixed in found:
            yield Proposal(slip.key or SIGNS[value[0]], {number: fixed}, (number,))


def _block_text(lines: list[str], number: int) -> Iterator[Proposal]:
    """Propose a deeper indentation for the text below `answer: |`."""
    head = next((n for n in range(number - 1, -1, -1) if lines[n].strip()), 0)
    if not re.search(r": +[|>][+-]?$", lines[head].rstrip()):
        return
    margin = " " * (text_column(lines[head]) + 2)
    below = takewhile(lambda n: not is_field(re.sub(r"^- +", "", lines[n].strip())), range(number, len(lines)))
    changes = {n: margin + lines[n].lstrip() for n in below if lines[n].strip()}
    correction = "\n".join(changes.get(n, "") for n in range(number, max(changes, default=0) + 1))
    if changes:
        yield Proposal("block_indent", changes, (number,), correction)


def _missing_dash(lines: list[str], suspects: list[int]) -> Iterator[Proposal]:
    """Propose a dash for a text, or the first key of an item, at the column of other items."""
    for number in suspects:
        text, margin = lines[number].lstrip(), " " * indent_of(lines[number])
        field = re.match(r"[a-z_]+:", text)
        beside = f"{margin}- {field[0] if field else ''}"
        if not text.startswith("-") and any(line.startswith(beside) for line in lines):
            yield Proposal("no_dash", {number: f"{margin}- {text}"}, (number,))


def _continued_text(lines: list[str], number: int) -> Iterator[Proposal]:
    """Propose quotes for a text that continues, with a colon, on the next line."""
    text, before = lines[number].strip(), parse_line(lines[number - 1] if number else "")
    is_deeper = number > 0 and indent_of(lines[number]) >= text_column(lines[number - 1])
    if is_deeper and before.value[:1].isalnum() and not (is_field(text) or text.startswith("- ")):
        joined = before.with_value(quote(f"{before.value} {text}"))
        yield Proposal("colon", {number - 1: joined, number: ""}, (number - 1,))


def _indents(lines: list[str], suspects: list[int]) -> Iterator[Proposal]:
    """Propose the columns where nearby lines of the same kind (dash, key, text) begin, likeliest first."""
    for number in suspects:
        text = lines[number].lstrip(f" \t{ODD}")
        margin = lines[number].removesuffix(text).expandtabs(4)
        slip = "tab" if "\t" in lines[number] else "odd_space" if re.search(f"[{ODD}]", margin) else "indent"
        key = re.match(r"[a-z_]+:", text)
        columns: dict[int, bool] = {}  # whether no line there has the same key
        for other in [*reversed(lines[max(0, number - 150) : number]), *lines[number + 1 : number + 150]]:
            column = indent_of(other)
            if other.strip() and not text.startswith("- "):
                column = text_column(other)
            elif not other.lstrip().startswith("- "):
                continue
            columns[column] = columns.get(column, True) and not (key and other.startswith(key[0], column))
        for column in sorted(columns, key=lambda column: (columns[column], abs(column - len(margin)))):
            yield Proposal(slip, {number: " " * column + text}, (number,))
