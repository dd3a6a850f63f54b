"""Common slips in YAML typed by hand: the pattern of each, and the corrected lines.

A proposal is accepted only if the parser gets further with the corrected lines.
"""

import re
from collections.abc import Callable, Iterator
from itertools import takewhile
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
# A key without a colon or without its space.
_KEY = re.compile(r"(?s)( *(?:- +)*[^\W\d][\w-]*)( *= *| *:(?=[^\s/])| +|$)(.*)")
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


_SIGN_IN_BRACES = re.compile(r"(?<=[\[{,:\s])([@#!*&%`][^,\]}]*)")
VALUES = (  # matched with what follows dashes and key
    Slip("comma", re.compile(r"(\"[^\"]*\"|'[^']*'|[|>][+-]?|\[.*\])\s*[,;]"), lambda value: value.rstrip(" ,;")),
    Slip("backslash", re.compile(r'"[^"\\]*+\\[^"]*+"'), requote),
    Slip("after_quote", re.compile(r"(?s)([\"']).*\1.*"), requote),
    Slip("open_quote", re.compile(r"[\"'].*"), requote),
    Slip("smart_quotes", re.compile(r"[“„‟].*"), lambda value: quote(value.strip("“”„‟\"' "))),
    Slip("flow_sign", re.compile(r"\{.*\}"), lambda v: _SIGN_IN_BRACES.sub(lambda m: quote(m[1].rstrip()), v)),
    Slip("open_brace", re.compile(r"\{\s*\w+: [^{}]*"), lambda value: f"{value.rstrip(' ,')}}}"),
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
    yield from _spaces(lines, number)
    yield from _block_text(lines, number)
    yield from _keys(lines, suspects[:12])
    yield from _single_lines(lines, suspects)
    yield from _missing_dash(lines, suspects[:2])
    yield from _indents(lines, suspects[:4])


def _spaces(lines: list[str], number: int) -> Iterator[Proposal]:
    """Propose plain spaces for tabs and no-break spaces before the text, here or in all lines at once."""
    if not re.match(rf" *[\t{ODD}]", lines[number]):
        return
    yield from _indents(lines, [number])
    for size in (2, 4, 8):
        margins = {n: _plain_margin(line, size) for n, line in enumerate(lines) if line.strip()}
        changes = {n: margin + lines[n].lstrip() for n, margin in margins.items() if not lines[n].startswith(margin)}
        yield Proposal(_kind_of_space(lines[number]), changes, (number,))


def _plain_margin(line: str, tab: int = 4) -> str:
    """Return the indentation of a line in plain spaces."""
    margin = line[: len(line) - len(line.lstrip(f" \t{ODD}"))]
    return re.sub(f"[{ODD}]", " ", re.sub(f"[{HIDDEN}]", "", margin)).expandtabs(tab)


def _kind_of_space(line: str) -> str:
    return "tab" if "\t" in line else "odd_space"


def _keys(lines: list[str], suspects: list[int]) -> Iterator[Proposal]:
    """Propose a colon and a space for `key:value`, `key = value`, `key value` or `key`, often in several lines."""
    changes: dict[int, str] = {}
    below = indent_of(lines[suspects[0]]) if suspects and is_field(lines[suspects[0]].strip()) else -1
    for number in suspects:
        match = _KEY.fullmatch(lines[number])
        if match and (match[2].strip() or not match[3] or text_column(lines[number]) == below):
            changes[number] = f"{match[1]}: {match[3]}".rstrip()
            yield Proposal(_KEY_SLIPS[match[2].strip()], dict(changes), tuple(sorted(changes)))
        elif number != suspects[0] and not is_field(lines[number].strip()):
            return


def _single_lines(lines: list[str], suspects: list[int]) -> Iterator[Proposal]:
    for number in suspects:
        line, parsed = lines[number], parse_line(lines[number])
        value = "" if is_field(parsed.value) else parsed.value
        for slip in VALUES:
            if value and slip.pattern.fullmatch(value):
                fixed = parsed.with_value(slip.fix(value))
                yield Proposal(slip.key or SIGNS[value[0]], {number: fixed}, (number,))
        for slip in LINES:
            if slip.pattern.fullmatch(line):
                yield Proposal(slip.key, {number: slip.fix(line)}, (number,))


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
        start = f"{margin}- {field[0] if field else ''}"
        if not text.startswith("-") and any(line.startswith(start) for line in lines):
            yield Proposal("no_dash", {number: f"{margin}- {text}"}, (number,))


def _indents(lines: list[str], suspects: list[int]) -> Iterator[Proposal]:
    """Propose the columns where other dashes, or keys and texts, begin nearby, nearest first."""
    for number in suspects:
        text, margin = lines[number].lstrip(f" \t{ODD}"), _plain_margin(lines[number])
        slip = "indent" if lines[number].startswith(margin) else _kind_of_space(lines[number])
        nearby = [*lines[max(0, number - 150) : number], *lines[number + 1 : number + 150]]
        columns = set[int]()
        if text.startswith("- "):
            columns = {indent_of(line) for line in nearby if line.lstrip().startswith("- ")}
        elif is_field(text):
            columns = {text_column(line) for line in nearby if line.strip()}
        for column in sorted(columns, key=lambda column: abs(column - len(margin))):
            yield Proposal(slip, {number: " " * column + text}, (number,))
