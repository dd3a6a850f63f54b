"""The words of an author in HTML: without tags, quotes and code. Pure.

`html.parser` is not used, nor what is built on it: 60 kB of `<a <a <a …` keep it busy for a minute.
"""

from __future__ import annotations

import re
from html import unescape

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(r"(<[^<>]*>)")
_NAME = re.compile(r"<(/?)([a-z][a-z0-9]*)", re.IGNORECASE)
_NOT_SPOKEN = {"aside", "blockquote", "pre", "code", "script", "style", "head", "title"}
_BLOCKS = {"p", "br", "div", "li", "tr", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "table", "hr"}
_GAPS = re.compile(r"\n{3,}")


def spoken_text(html: str) -> str:
    """Line ends where blocks begin and end. A quote that is never closed extends to the end."""
    said: list[str] = []
    inside: list[str] = []  # the open elements that are not spoken
    for number, piece in enumerate(_TAG.split(_COMMENT.sub("", html))):
        if number % 2 == 0:
            said += [] if inside else [" ".join(_with_edges(unescape(piece)))]
        elif match := _NAME.match(piece):
            _step(match[2].lower(), bool(match[1]), inside, said)
    lines = (" ".join(line.split()) for line in "".join(said).split("\n"))
    return _GAPS.sub("\n\n", "\n".join(lines)).strip()


def _with_edges(text: str) -> list[str]:
    """The words of a text; a blank at its ends is kept as an empty word."""
    words = text.split()
    if not words:
        return ["", ""] if text else []
    return [*[""][: text[0].isspace()], *words, *[""][: text[-1].isspace()]]


def _step(tag: str, is_closing: bool, inside: list[str], said: list[str]) -> None:
    if tag in _NOT_SPOKEN and not is_closing:
        inside.append(tag)
    elif tag in _NOT_SPOKEN and inside and inside[-1] == tag:
        inside.pop()
    elif tag in _BLOCKS and not inside:
        said.append("\n")
