"""The usual slips of people who type YAML by hand: how to know one, and the line as it was meant.

A slip is only believed when its line, mended, lets the parser come further.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain, takewhile
from typing import NamedTuple

from bot.knowledge.yaml.lines import is_field, parts, quote, requote, start, width

HIDDEN = "\u200b\u2060"  # without width
# These look like a space, or like nothing, and are neither to YAML.
ODD = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000" + HIDDEN
_ITEM = re.compile(r'((?:[^,"]++|"[^"]*+"|")*)(?:,|\Z)')  # of a list: commas in quotes end none
_QUOTES = "\"'“”"
BULLETS = "•‣▪·–—*"


class Slip(NamedTuple):
    key: str  # its sentence in the wording
    looks: re.Pattern[str]
    mend: Callable[[str], str]


def _flow(value: str) -> str:
    return re.sub(r"(?<=[\[{,:\s])([@#!*&%`][^,\]}]*)", lambda found: quote(found[1].rstrip()), value)


def flow_list(value: str) -> str:
    """`[a, 'b', "c]` with each text in quotes that fit, and its bracket closed."""
    inner = re.sub(r"([\"'])\s+(?=[\"'])", r"\1, ", value.strip("[] "))
    texts = _ITEM.findall(f"{inner},")[:-1] if inner.count('"') % 2 == 0 else inner.split(",")
    return f"[{', '.join(quote(one.strip().strip(_QUOTES)) for one in texts)}]"


def _unsmart(value: str) -> str:
    return quote(value.strip("“”„‟\"' "))


def _single(value: str) -> str:
    return "'" + value[1:-1].replace("'", "''") + "'"


VALUES = (  # looks at what stands after dashes and key
    Slip("comma", re.compile(r"(\"[^\"]*\"|'[^']*'|[|>][+-]?|\[.*\])\s*[,;]"), lambda value: value.rstrip(" ,;")),
    Slip("backslash", re.compile(r'"[^"\\]*+\\[^"]*+"'), _single),
    Slip("after_quote", re.compile(r"(?s)([\"']).*\1.*"), requote),
    Slip("open_quote", re.compile(r"[\"'].*"), requote),
    Slip("smart_quotes", re.compile(r"[“„‟].*"), _unsmart),
    Slip("flow_sign", re.compile(r"\{.*\}"), _flow),
    Slip("flow_list", re.compile(r"\[.*\]|\[[^\]]*"), flow_list),
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

LINES = (  # looks at the whole line
    Slip(
        "odd_space",
        re.compile(rf"(?s)[ {ODD}]*(?:-[ {ODD}]*)?(?:[\w-]+[ {ODD}]*:)?[{ODD}].*"),
        lambda line: respaced(line),
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


def respaced(line: str) -> str:
    """The line with plain spaces up to where its value begins."""
    begin = re.match(rf"[ {ODD}]*(?:-[ {ODD}]*)?(?:[\w-]+[ {ODD}]*:[ {ODD}]*)?", line)
    head = begin.group() if begin else ""
    plain = re.sub(rf"(?<![{ODD}])[{ODD}]++(?=:)", "", re.sub(f"[{HIDDEN}]", "", head))
    return re.sub(f"[{ODD}]", " ", plain) + line[len(head) :]


def mended(line: str) -> Iterator[tuple[str, str]]:
    """(slip, the line without it) for each slip that the line looks like, surest first."""
    whole = parts(line)
    for slip in VALUES:
        if whole.value and slip.looks.fullmatch(whole.value) and not is_field(whole.value):
            yield slip.key, whole.with_value(slip.mend(whole.value))
    for slip in LINES:
        if slip.looks.fullmatch(line):
            yield slip.key, slip.mend(line)


def surely_mended(line: str) -> tuple[str, str]:
    """As `mended`, where the line can hardly be anything else; ("", line) elsewhere."""
    found = ((slip.key, slip.mend(line)) for slip in LINES if slip.key in _SURE and slip.looks.fullmatch(line))
    return next(((key, new) for key, new in found if new != line), ("", line))


_LOOK_BACK = 30  # lines in which an open quote may lie


class Proposal(NamedTuple):
    key: str  # the slip
    changes: dict[int, str]  # lines by number, from 0
    told: tuple[int, ...]  # the lines to tell of
    shown: str = ""  # the correction, where it is more than the changed line


def proposals(lines: list[str], number: int) -> Iterator[Proposal]:
    """For a parser that stumbles over line `number`: the fault may lie there or in a line before."""
    suspects = [n for n in range(number, max(number - _LOOK_BACK, -1), -1) if lines[n].strip()]
    return chain(
        _spaces(lines),
        _sure(lines, suspects[:12]),
        _document(lines, number),
        _proposed_single(lines, suspects[:1]),
        _block(lines, number),
        _list_here(lines, number),
        _dash(lines, suspects[:2]),
        _two_lines(lines, number),
        _proposed_single(lines, suspects[1:]),
        _indents(lines, suspects[:4]),
    )


def _spaces(lines: list[str]) -> Iterator[Proposal]:
    """Tabs and no-break spaces before the text, in all lines at once: who types one types many."""
    for key, changes in _respacings(lines):
        if changes:
            yield Proposal(key, changes, (min(changes),))


def _sure(lines: list[str], suspects: list[int]) -> Iterator[Proposal]:
    """`key:value` and the like, often in several lines one after the other."""
    names = {name for line in lines for name in re.findall(r"^ *(?:- +)*([a-z_]+):", line)}
    changes: dict[int, str] = {}
    for number in suspects:
        key, line = surely_mended(lines[number])
        word = re.match(r" *(?:- +)*([a-z_]+)(?= +\S)", lines[number])
        beside = start(lines[number]) == width(lines[suspects[0]]) and is_field(lines[suspects[0]].strip())
        if not key and word and (word[1] in names or (beside and number != suspects[0])):
            key, line = "no_colon", f"{word[0]}:{lines[number][word.end() :]}"
        if key:
            changes[number] = line
            yield Proposal(key, dict(changes), tuple(sorted(changes)))
        elif number != suspects[0] and not is_field(lines[number].strip()):
            return


def _document(lines: list[str], number: int) -> Iterator[Proposal]:
    if re.match(r"(---|\.\.\.)(\s|$)", lines[number]):
        yield Proposal("document", {number: ""}, (number,))


def _proposed_single(lines: list[str], suspects: list[int]) -> Iterator[Proposal]:
    for number in suspects:
        for key, line in mended(lines[number]):
            if line != lines[number]:
                yield Proposal(key, {number: line}, (number,))


def _block(lines: list[str], number: int) -> Iterator[Proposal]:
    """The text below `answer: |`, which has to stand deeper than its key."""
    head = next((n for n in range(number - 1, -1, -1) if lines[n].strip()), 0)
    if not re.search(r": +[|>][+-]?$", lines[head].rstrip()):
        return
    margin = " " * (start(lines[head]) + 2)
    below = takewhile(lambda n: not is_field(re.sub(r"^- +", "", lines[n].strip())), range(number, len(lines)))
    changes = {n: margin + lines[n].lstrip() for n in below if lines[n].strip()}
    shown = "\n".join(changes.get(n, "") for n in range(number, max(changes, default=0) + 1))
    if changes:
        yield Proposal("block_indent", changes, (number,), shown)


def _list_here(lines: list[str], number: int) -> Iterator[Proposal]:
    """`questions: - a`: a list begins on a line of its own."""
    found = re.fullmatch(r"( *+(?:- ++)*[a-z_]++:) ++- ++(.*)", lines[number])
    if found:
        shown = f"{found[1]}\n{' ' * (start(lines[number]) + 2)}- {found[2]}"
        for instead in (f"{found[1]} {flow_list(found[2])}", found[1]):
            yield Proposal("list_here", {number: instead}, (number,), shown)


def _dash(lines: list[str], suspects: list[int]) -> Iterator[Proposal]:
    """A text, or the first key of an item, that stands where items begin."""
    for number in suspects:
        text, margin = lines[number].lstrip(), " " * width(lines[number])
        beside = [line for line in lines if line.startswith(f"{margin}- ")]
        field = re.match(r"[a-z_]+:", text)
        alike = any(line.startswith(f"{margin}- {field[0]}") for line in beside) if field else bool(beside)
        if alike and not text.startswith("-"):
            yield Proposal("no_dash", {number: f"{margin}- {text}"}, (number,))


def _two_lines(lines: list[str], number: int) -> Iterator[Proposal]:
    """A text that goes on in the next line, and has a colon there."""
    line, before = lines[number].strip(), parts(lines[number - 1]) if number else parts("")
    field = is_field(re.sub(r"(?<! ) ++:", ":", line)) and not before.before.endswith("- ")
    if (
        not field
        and not line.startswith("- ")
        and before.value[:1].isalnum()
        and width(lines[number]) >= start(lines[number - 1])
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
    """With plain spaces; an item right below another one stands where that one does."""
    line, before = respaced(lines[number]), lines[number - 1] if number else ""
    beside = line.lstrip().startswith("- ") and re.match(r" *- [^ ]", before)
    return " " * width(before) + line.lstrip() if beside else line


def _aligned(lines: list[str], tabbed: dict[int, str], choice: int) -> dict[int, str]:
    """In a file of spaces: where other lines stand, at the likeliest column (0), the next likely (1), …"""
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
    """Columns where lines near this one begin with the like (a dash, or a key or text), likeliest first."""
    line = lines[number]
    dash, here = line.lstrip().startswith("- "), width(line)
    key = re.match(r" *([a-z_]+:)", line)
    columns: dict[int, int] = {}  # 0: the same key stands there
    for other in [*reversed(lines[max(0, number - 150) : number]), *lines[number + 1 : number + 150]]:
        item = other.lstrip().startswith("- ")
        if other.strip() and (item or not dash):
            column = start(other) if item and not dash else width(other)
            columns[column] = min(columns.get(column, 1), int(not key or not other[column:].startswith(key[1])))
    found = sorted(columns, key=lambda column: (columns[column], abs(column - here)))
    return found if own else [column for column in found if column != here]
