"""Usual slips in YAML typed by hand: how each looks, and the corrected line.

A proposal is accepted only if the parser gets further with the corrected line.
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
_ITEM = re.compile(r'((?:[^,"]++|"[^"]*+"|")*)(?:,|\Z)')  # of a list; a comma in quotes does not end it
_QUOTES = "\"'“”"
BULLETS = "•‣▪·–—*"


class Slip(NamedTuple):
    key: str  # its sentence in the wording
    pattern: re.Pattern[str]
    fix: Callable[[str], str]


def _quote_signs(value: str) -> str:
    return re.sub(r"(?<=[\[{,:\s])([@#!*&%`][^,\]}]*)", lambda match: quote(match[1].rstrip()), value)


def quote_list(value: str) -> str:
    """`[a, 'b', "c]` with matching quotes and a closing bracket."""
    inner = re.sub(r"([\"'])\s+(?=[\"'])", r"\1, ", value.strip("[] "))
    texts = _ITEM.findall(f"{inner},")[:-1] if inner.count('"') % 2 == 0 else inner.split(",")
    return f"[{', '.join(quote(text.strip().strip(_QUOTES)) for text in texts)}]"


def _requote_smart(value: str) -> str:
    return quote(value.strip("“”„‟\"' "))


def _single_quote(value: str) -> str:
    return "'" + value[1:-1].replace("'", "''") + "'"


VALUES = (  # matched with what follows dashes and key
    Slip("comma", re.compile(r"(\"[^\"]*\"|'[^']*'|[|>][+-]?|\[.*\])\s*[,;]"), lambda value: value.rstrip(" ,;")),
    Slip("backslash", re.compile(r'"[^"\\]*+\\[^"]*+"'), _single_quote),
    Slip("after_quote", re.compile(r"(?s)([\"']).*\1.*"), requote),
    Slip("open_quote", re.compile(r"[\"'].*"), requote),
    Slip("smart_quotes", re.compile(r"[“„‟].*"), _requote_smart),
    Slip("flow_sign", re.compile(r"\{.*\}"), _quote_signs),
    Slip("flow_list", re.compile(r"\[.*\]|\[[^\]]*"), quote_list),
    Slip("markdown_link", re.compile(r"!?\[[^\]]*\]\(.*"), quote),
    Slip("at", re.compile(r"@.*"), quote),
    Slip("backtick", re.compile(r"`.*"), quote),
    Slip("percent", re.compile(r"%.*"), quote),
    Slip("star", re.compile(r"\*.*"), quote),
    Slip("ampersand", re.compile(r"&.*"), quote),
    Slip("bang", re.compile(r"!.*"), quote),
    Slip("block_sign", re.compile(r"[|>].*"), quote),
    Slip("bracket", re.compile(r"[\[\]{},].*"), quote),
    Slip("colon", re.compile(r"(?s).*:( .*)?"), quote),
)

LINES = (  # matched with the whole line
    Slip(
        "odd_space",
        re.compile(rf"(?s)[ {ODD}]*(?:-[ {ODD}]*)?(?:[\w-]+[ {ODD}]*:)?[{ODD}].*"),
        lambda line: respace(line),
    ),
    Slip("tab", re.compile(r"(?s) *(?:- *)?(?:[\w-]+ *:)?\t.*"), lambda line: line.replace("\t", " ", 1)),
    Slip(
        "bullet",
        re.compile(rf" *[{BULLETS}][ {ODD}].*"),
        lambda line: re.sub(rf"[{BULLETS}][ {ODD}]+", "- ", line, count=1),
    ),
    Slip("comma", re.compile(r" *(?:- +)*[a-z_]+:[,;] *"), lambda line: line.rstrip(" ,;")),
    Slip(
        "equals",
        re.compile(r" *(?:- +)*[a-z_]+ *=.*"),
        lambda line: re.sub(r"(?<! ) *+= *+", ": ", line, count=1).rstrip(),
    ),
    Slip(
        "no_colon",
        re.compile(r" *(?:- +)*[a-z_]+ +[\"'].*"),
        lambda line: re.sub(r"([a-z_]) +", r"\1: ", line, count=1),
    ),
    Slip("no_colon", re.compile(r" *(?:- +)*[a-z_]+ *"), lambda line: line.rstrip() + ":"),
    Slip("no_space", re.compile(r" *(?:- +)*[^\W\d][\w-]*:[^\s/].*"), lambda line: line.replace(":", ": ", 1)),
    Slip("dash", re.compile(r" *-[^\s-].*"), lambda line: line.replace("-", "- ", 1)),
)


_SURE = {"comma", "odd_space", "equals", "no_colon", "no_space"}


def respace(line: str) -> str:
    """The line with plain spaces up to where its value begins."""
    match = re.match(rf"[ {ODD}]*(?:-[ {ODD}]*)?(?:[\w-]+[ {ODD}]*:[ {ODD}]*)?", line)
    head = match.group() if match else ""
    plain = re.sub(rf"(?<![{ODD}])[{ODD}]++(?=:)", "", re.sub(f"[{HIDDEN}]", "", head))
    return re.sub(f"[{ODD}]", " ", plain) + line[len(head) :]


def fixes(line: str) -> Iterator[tuple[str, str]]:
    """(slip, corrected line) for each slip that the line may be, likeliest first."""
    parsed = parse_line(line)
    for slip in VALUES:
        if parsed.value and slip.pattern.fullmatch(parsed.value) and not is_field(parsed.value):
            yield slip.key, parsed.with_value(slip.fix(parsed.value))
    for slip in LINES:
        if slip.pattern.fullmatch(line):
            yield slip.key, slip.fix(line)


def sure_fix(line: str) -> tuple[str, str]:
    """The fix of a line that can hardly mean anything else; else ("", line)."""
    sure = ((slip.key, slip.fix(line)) for slip in LINES if slip.key in _SURE and slip.pattern.fullmatch(line))
    return next(((key, new) for key, new in sure if new != line), ("", line))


_LOOK_BACK = 30  # lines after an open quote


class Proposal(NamedTuple):
    key: str  # the slip
    changes: dict[int, str]  # lines by number, from 0
    reported: tuple[int, ...]  # lines that get a problem
    correction: str = ""  # where it is more than the changed line


def proposals(lines: list[str], number: int) -> Iterator[Proposal]:
    """For a parser that stops at line `number`: the slip may be there or in a line before."""
    suspects = [n for n in range(number, max(number - _LOOK_BACK, -1), -1) if lines[n].strip()]
    return chain(
        _leading_spaces(lines),
        _sure_fixes(lines, suspects[:12]),
        _document_mark(lines, number),
        _single_lines(lines, suspects[:1]),
        _block_text(lines, number),
        _inline_list(lines, number),
        _missing_dash(lines, suspects[:2]),
        _continued_text(lines, number),
        _single_lines(lines, suspects[1:]),
        _indents(lines, suspects[:4]),
    )


def _leading_spaces(lines: list[str]) -> Iterator[Proposal]:
    """Tabs and no-break spaces before the text, in all lines at once: they rarely come alone."""
    for key, changes in _respacings(lines):
        if changes:
            yield Proposal(key, changes, (min(changes),))


def _sure_fixes(lines: list[str], suspects: list[int]) -> Iterator[Proposal]:
    """`key:value` and the like, often in several lines in a row."""
    names = {name for line in lines for name in re.findall(r"^ *(?:- +)*([a-z_]+):", line)}
    changes: dict[int, str] = {}
    for number in suspects:
        key, line = sure_fix(lines[number])
        word = re.match(r" *(?:- +)*([a-z_]+)(?= +\S)", lines[number])
        beside = text_column(lines[number]) == indent_of(lines[suspects[0]]) and is_field(lines[suspects[0]].strip())
        if not key and word and (word[1] in names or (beside and number != suspects[0])):
            key, line = "no_colon", f"{word[0]}:{lines[number][word.end() :]}"
        if key:
            changes[number] = line
            yield Proposal(key, dict(changes), tuple(sorted(changes)))
        elif number != suspects[0] and not is_field(lines[number].strip()):
            return


def _document_mark(lines: list[str], number: int) -> Iterator[Proposal]:
    if re.match(r"(---|\.\.\.)(\s|$)", lines[number]):
        yield Proposal("document", {number: ""}, (number,))


def _single_lines(lines: list[str], suspects: list[int]) -> Iterator[Proposal]:
    for number in suspects:
        for key, line in fixes(lines[number]):
            if line != lines[number]:
                yield Proposal(key, {number: line}, (number,))


def _block_text(lines: list[str], number: int) -> Iterator[Proposal]:
    """The text below `answer: |`, which needs a deeper indentation than its key."""
    head = next((n for n in range(number - 1, -1, -1) if lines[n].strip()), 0)
    if not re.search(r": +[|>][+-]?$", lines[head].rstrip()):
        return
    margin = " " * (text_column(lines[head]) + 2)
    below = takewhile(lambda n: not is_field(re.sub(r"^- +", "", lines[n].strip())), range(number, len(lines)))
    changes = {n: margin + lines[n].lstrip() for n in below if lines[n].strip()}
    correction = "\n".join(changes.get(n, "") for n in range(number, max(changes, default=0) + 1))
    if changes:
        yield Proposal("block_indent", changes, (number,), correction)


def _inline_list(lines: list[str], number: int) -> Iterator[Proposal]:
    """`questions: - a`: a list begins on a line of its own."""
    match = re.fullmatch(r"( *+(?:- ++)*[a-z_]++:) ++- ++(.*)", lines[number])
    if match:
        correction = f"{match[1]}\n{' ' * (text_column(lines[number]) + 2)}- {match[2]}"
        for line in (f"{match[1]} {quote_list(match[2])}", match[1]):
            yield Proposal("list_here", {number: line}, (number,), correction)


def _missing_dash(lines: list[str], suspects: list[int]) -> Iterator[Proposal]:
    """A text, or the first key of an item, at the column of other items."""
    for number in suspects:
        text, margin = lines[number].lstrip(), " " * indent_of(lines[number])
        beside = [line for line in lines if line.startswith(f"{margin}- ")]
        field = re.match(r"[a-z_]+:", text)
        alike = any(line.startswith(f"{margin}- {field[0]}") for line in beside) if field else bool(beside)
        if alike and not text.startswith("-"):
            yield Proposal("no_dash", {number: f"{margin}- {text}"}, (number,))


def _continued_text(lines: list[str], number: int) -> Iterator[Proposal]:
    """A text that continues on the next line, with a colon there."""
    line, before = lines[number].strip(), parse_line(lines[number - 1]) if number else parse_line("")
    field = is_field(re.sub(r"(?<! ) ++:", ":", line)) and not before.before.endswith("- ")
    if (
        not field
        and not line.startswith("- ")
        and before.value[:1].isalnum()
        and indent_of(lines[number]) >= text_column(lines[number - 1])
    ):
        joined = before.with_value(quote(f"{before.value} {line}"))
        yield Proposal("colon", {number - 1: joined, number: ""}, (number - 1,))


def _indents(lines: list[str], suspects: list[int]) -> Iterator[Proposal]:
    for number in suspects:
        for column in _columns(lines, number):
            yield Proposal("indent", {number: " " * column + lines[number].lstrip(" ")}, (number,))


def _respacings(lines: list[str]) -> Iterator[tuple[str, dict[int, str]]]:
    tabbed = {n: line for n, line in enumerate(lines) if re.match(r" *\t", line)}
    if any(line.startswith(" ") and n not in tabbed for n, line in enumerate(lines)):
        for choice in range(4):
            yield "tab", _aligned(lines, tabbed, choice)
    for size in (2, 4, 8):
        yield "tab", {n: _untabbed(line, size) for n, line in tabbed.items()}
    yield "odd_space", {n: _beside(lines, n) for n, line in enumerate(lines) if re.match(rf" *[{ODD}]", line)}


def _beside(lines: list[str], number: int) -> str:
    """With plain spaces; an item right below another one is aligned with it."""
    line, before = respace(lines[number]), lines[number - 1] if number else ""
    beside = line.lstrip().startswith("- ") and re.match(r" *- [^ ]", before)
    return " " * indent_of(before) + line.lstrip() if beside else line


def _aligned(lines: list[str], tabbed: dict[int, str], choice: int) -> dict[int, str]:
    """Tabbed lines in a file of spaces, at the likeliest column of other lines (`choice` 0), the next (1), …"""
    changed = list(lines)
    for number, line in tabbed.items():
        changed[number] = _untabbed(line, 4)
        for column in _columns(changed, number, own=True)[choice : choice + 1]:
            changed[number] = " " * column + line.lstrip(" \t")
    return {number: changed[number] for number in tabbed}


def _untabbed(line: str, size: int) -> str:
    text = line.lstrip(" \t")
    return line[: len(line) - len(text)].expandtabs(size) + text


def _columns(lines: list[str], number: int, own: bool = False) -> list[int]:
    """Columns where nearby lines begin with the same kind of thing (dash, key, text), likeliest first."""
    line = lines[number]
    is_item, own_column = line.lstrip().startswith("- "), indent_of(line)
    key = re.match(r" *([a-z_]+:)", line)
    columns: dict[int, int] = {}  # 0: with the same key, 1: without
    for other in [*reversed(lines[max(0, number - 150) : number]), *lines[number + 1 : number + 150]]:
        other_is_item = other.lstrip().startswith("- ")
        if other.strip() and (other_is_item or not is_item):
            column = text_column(other) if other_is_item and not is_item else indent_of(other)
            columns[column] = min(columns.get(column, 1), int(not key or not other[column:].startswith(key[1])))
    likeliest = sorted(columns, key=lambda column: (columns[column], abs(column - own_column)))
    return likeliest if own else [column for column in likeliest if column != own_column]
