"""HTML of clients and forums: the words of its author, and its links. Pure.

`html.parser`, and whatever is built on it, is avoided: 60 kB of `<a <a <a …` keep it busy for a minute, and `<![x[`
makes it raise.
"""

import re
from collections.abc import Collection, Iterator, Set
from dataclasses import dataclass
from html import unescape

UNSPOKEN = frozenset(("aside", "blockquote", "pre", "code", "script", "style", "head", "title"))
"""Elements that do not hold words of the author."""

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(r"(<[^<>]*>)")
_NAME = re.compile(r"<(/?)([a-z][a-z0-9-]*)", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(?<![a-z-])([a-z-]++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)')""", re.IGNORECASE)
_BLOCKS = {"p", "br", "div", "li", "tr", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "table", "hr"}
_LEAD = 1_000  # characters before a link that are kept: else texts with many links take quadratic space


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag. `source`: all of it, brackets included."""

    name: str
    is_closing: bool
    source: str = ""

    def attributes(self) -> dict[str, str]:
        """Return quoted values by name, the first of repeated ones."""
        found = reversed(_ATTRIBUTE.findall(self.source))
        return {name.lower(): unescape(double or single) for name, double, single in found}

    def selectors(self) -> set[str]:
        """Return the name, and the name with each class: `aside`, `aside.quote`."""
        return {self.name, *(f"{self.name}.{one}" for one in self.attributes().get("class", "").split())}


@dataclass(frozen=True, slots=True)
class HtmlLink:
    """A link. `before`: the start of the text that precedes it."""

    address: str
    classes: Set[str]
    text: str
    before: str


def read(html: str, hidden: Collection[str] = ()) -> Iterator[str | Tag]:
    """Yield texts and tags in order, without comments and `hidden` elements.

    Hidden are elements of a name (`pre`) or of a name with a class (`aside.quote`). One that is never closed extends to
    the end.
    """
    candidates = {name.partition(".")[0] for name in hidden}
    inside, depth = "", 0  # the outermost hidden element, and how many of its name are open
    for number, piece in enumerate(_TAG.split(_COMMENT.sub("", html))):
        if number % 2 == 0:
            if piece and not depth:
                yield unescape(piece)
        elif match := _NAME.match(piece):
            name, is_closing = match[2].lower(), bool(match[1])
            tag = Tag(name, is_closing, piece)
            if depth:
                depth += (name == inside) * (-1 if is_closing else 1)
            elif name in candidates and not is_closing and not tag.selectors().isdisjoint(hidden):
                inside, depth = name, 1
            else:
                yield tag


def spoken_text(html: str) -> str:
    """Return the author's own words, with line ends where blocks begin and end."""
    pieces = read(html, UNSPOKEN)
    said = ["\n" * (one.name in _BLOCKS) if isinstance(one, Tag) else re.sub(r"\s+", " ", one) for one in pieces]
    lines = (" ".join(line.split()) for line in "".join(said).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def links(html: str, hidden: Collection[str] = ()) -> list[HtmlLink]:
    """Return the links outside of `hidden` elements. An unclosed one ends at the next one, or at the end."""
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
