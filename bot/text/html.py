"""HTML as clients and forums write it: the words of its author, and where its links lead. Pure.

`html.parser` is not used, nor what is built on it: 60 kB of `<a <a <a …` keep it busy for a minute, `<![x[` makes it
raise.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Set
from dataclasses import dataclass
from html import unescape

UNSPOKEN = frozenset(("aside", "blockquote", "pre", "code", "script", "style", "head", "title"))
"""Elements that are somebody else's words, or nobody's."""

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(r"(<[^<>]*>)")
_NAME = re.compile(r"<(/?)([a-z][a-z0-9-]*)", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(?<![a-z-])([a-z-]++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)')""", re.IGNORECASE)
_BLOCKS = {"p", "br", "div", "li", "tr", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "table", "hr"}
_LEAD = 1_000  # characters before a link that are kept: the start of a text with many links is not copied for each


@dataclass(frozen=True, slots=True)
class Tag:
    """`source`: the whole of it, brackets included."""

    name: str
    is_closing: bool
    source: str = ""

    def attributes(self) -> dict[str, str]:
        """Quoted values by name; the first counts where one is repeated."""
        found = reversed(_ATTRIBUTE.findall(self.source))
        return {name.lower(): unescape(double or single) for name, double, single in found}

    def selectors(self) -> set[str]:
        """Its name, and that with each of its classes: `aside`, `aside.quote`."""
        return {self.name, *(f"{self.name}.{one}" for one in self.attributes().get("class", "").split())}


@dataclass(frozen=True, slots=True)
class HtmlLink:
    """`before`: the start of the text that precedes it."""

    address: str
    classes: Set[str]
    text: str
    before: str


def read(html: str, hidden: Collection[str] = ()) -> Iterator[str | Tag]:
    """Texts and tags in order, without comments and `hidden` elements: `pre`, or `aside.quote` for one with a class.

    A hidden element that is never closed extends to the end.
    """
    candidates = {name.partition(".")[0] for name in hidden}
    inside, depth = "", 0  # the outermost hidden element, and how many of its name are open
    for number, piece in enumerate(_TAG.split(_COMMENT.sub("", html))):
        if number % 2 == 0:
            if piece and not depth:
                yield unescape(piece)
        elif match := _NAME.match(piece):
            name, is_closing = match[2].lower(), bool(match[1])
            if depth:
                depth += (name == inside) * (-1 if is_closing else 1)
                continue
            tag = Tag(name, is_closing, piece)
            if name in candidates and not is_closing and not tag.selectors().isdisjoint(hidden):
                inside, depth = name, 1
            else:
                yield tag


def spoken_text(html: str) -> str:
    """What the author says, with line ends where blocks begin and end."""
    pieces = read(html, UNSPOKEN)
    said = ["\n" * (one.name in _BLOCKS) if isinstance(one, Tag) else re.sub(r"\s+", " ", one) for one in pieces]
    lines = (" ".join(line.split()) for line in "".join(said).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def links(html: str, hidden: Collection[str] = ()) -> list[HtmlLink]:
    """The links outside of `hidden` elements. One that is not closed ends at the next, or at the end."""
    found: list[HtmlLink] = []
    before, texts = "", list[str]()
    link: Tag | None = None
    for piece in (*read(html, hidden), Tag("a", is_closing=True)):
        if isinstance(piece, str):
            texts.append(piece)
        elif piece.name == "a":
            text = "".join(texts)
            if link:
                attributes = link.attributes()
                classes = frozenset(attributes.get("class", "").split())
                found.append(HtmlLink(attributes.get("href", ""), classes, text, before))
            before = before if len(before) >= _LEAD else (before + text)[:_LEAD]
            texts, link = [], None if piece.is_closing else piece
    return found
