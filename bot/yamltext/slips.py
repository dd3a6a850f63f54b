"""The usual slips of people who type YAML by hand: how to know one, and the line as it was meant.

A slip is only believed when its line, mended, lets the parser come further.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from bot.yamltext.lines import is_field, parts, quote, requote

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
