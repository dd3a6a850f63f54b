"""Markdown as the HTML of pages and of `formatted_body`, and as the plain `body`, in which each address can be read.

Client-Server API, "Instant Messaging" (m.room.message msgtypes: the tags that clients should allow).
Nobody is pinged from here: clients go by `m.mentions` alone ("User and room mentions"), and for older ones `@room` is
broken by an invisible U+2060 and a link to a user (which would become a pill) keeps its text only. A name written out
may still ring an old client that listens for its owner's name; nothing short of leaving the name out prevents that.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import escape
from urllib.parse import quote, unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

MAX_LENGTH = 20_000
"""Characters that are read of a reply: far more than it has, and few enough for any nesting of brackets."""


class _Parser(MarkdownIt):
    """Addresses as typed, accents too: people read them. Only what would end one in plain text is encoded."""

    def validateLink(self, url: str) -> bool:  # noqa: N802
        return True  # a refused link keeps its text: see _allow_address

    def normalizeLink(self, url: str) -> str:  # noqa: N802
        return re.sub(r'[\s"<>]', lambda match: quote(match[0]), url)

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802
        return link


_PARSER = _Parser("commonmark", {"html": False}).enable("strikethrough")

_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_ROOM = re.compile(r"@(?=room\b)", re.IGNORECASE)
_ALLOWED = re.compile(r"(?:https?://|mailto:).", re.IGNORECASE)
_USER = re.compile(r"https?://matrix\.to/#/@", re.IGNORECASE)

_BLOCKS = {
    "paragraph_open": "<p>",
    "paragraph_close": "</p>",
    "heading_open": "<p><strong>",  # a heading would shout in a chat
    "heading_close": "</strong></p>",
    "blockquote_open": "<blockquote>",
    "blockquote_close": "</blockquote>",
    "bullet_list_open": "<ul>",
    "bullet_list_close": "</ul>",
    "ordered_list_close": "</ol>",
    "list_item_open": "<li>",
    "list_item_close": "</li>",
    "hr": "<hr>",
}
_TEXTS = {"text", "code_inline", "fence", "code_block"}
_STYLES = {"strong": "strong", "em": "em", "s": "del"}


Segment = tuple[str | None, list[Token]]
"""Inline tokens, and the address that they link to, if any."""


def to_html(markdown: str) -> str:
    """For `formatted_body`, with the format org.matrix.custom.html."""
    tokens = _parse(markdown)
    before = ["", *(token.type for token in tokens)]
    return "".join(_render_block(token, last == "heading_open") for last, token in zip(before, tokens, strict=False))


def to_plain_text(markdown: str) -> str:
    """For `body`: links as `text (address)`, lists with `- `, quotes with `> `; no other marks."""
    text = _PlainText()
    for token in _parse(markdown):
        text.add(token)
    return "\n".join(text.lines)


@lru_cache(maxsize=2)  # each reply is wanted as HTML and as plain text
def _parse(markdown: str) -> list[Token]:
    text = re.sub(r"\r\n?", "\n", markdown[:MAX_LENGTH])
    return _PARSER.parse(_UNSEEN.sub("", text))


def _split_links(tokens: Iterable[Token]) -> Iterator[Segment]:
    """Links do not nest; a picture outside of a link becomes one."""
    address: str | None = None
    linked: list[Token] | None = None
    for token in tokens:
        if token.type == "link_open":
            address, linked = _allow_address(token.attrs["href"]), []
        elif token.type == "link_close":
            yield address, linked or []
            linked = None
        elif linked is not None:
            linked.append(token)
        else:
            yield (_allow_address(token.attrs["src"]) if token.type == "image" else None), [token]


def _allow_address(url: object) -> str | None:
    address = str(url)
    return address if _ALLOWED.match(address) and not _USER.match(unquote(address)) else None


def _get_text(token: Token) -> str:
    """The text of a token; of a picture what it says instead."""
    if token.type == "image":
        return "".join(_get_text(child) for child in token.children or [])
    return _ROOM.sub("@\u2060", token.content) if token.type in _TEXTS else ""


# HTML


def _render_block(token: Token, is_in_heading: bool) -> str:
    match token.type:
        case "inline":
            return _render_inline(token.children or [], is_in_heading)
        case "fence" | "code_block":
            return f"<pre><code>{_escape(_get_text(token))}</code></pre>"
        case "ordered_list_open":
            return "<ol>" if (start := token.attrs.get("start", 1)) == 1 else f'<ol start="{start}">'
    return "" if token.hidden else _BLOCKS.get(token.type, "")


def _render_inline(tokens: Iterable[Token], is_in_heading: bool) -> str:
    open_styles = Counter({"strong": int(is_in_heading)})
    pieces = []
    for address, inner in _split_links(tokens):
        text = "".join(_render_token(token, open_styles) for token in inner)
        pieces.append(f'<a href="{escape(address)}">{text or escape(address)}</a>' if address else text)
    return "".join(pieces)


def _render_token(token: Token, open_styles: Counter[str]) -> str:
    match token.type:
        case "softbreak" | "hardbreak":
            return "<br>"  # a line break is meant, as on a forum
        case "code_inline":
            return f"<code>{_escape(_get_text(token))}</code>"
        case "text" | "image":
            return _escape(_get_text(token))
    return _render_style(token, open_styles)


def _render_style(token: Token, open_styles: Counter[str]) -> str:
    """Each style opens and closes once, however often it is nested: clients give up on deep trees."""
    style = token.type.rpartition("_")[0]
    open_styles[style] += token.nesting
    is_outermost = open_styles[style] == max(token.nesting, 0)
    tag = _STYLES.get(style)
    return f"<{'/' if token.nesting < 0 else ''}{tag}>" if tag and is_outermost else ""


def _escape(text: str) -> str:
    return escape(text, quote=False)


# Plain text


class _PlainText:
    """Lines of plain text, made from block tokens in their order."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._indents: list[list[str]] = []  # of each open list item and quote: before its next line, before later ones
        self._numbers: list[int | None] = []  # of each open list: the next item's number; None: no numbers
        self._gap: str | None = None  # the blank line to write before the next block

    def add(self, token: Token) -> None:
        match token.type:
            case "inline":
                self._write(_write_inline(token.children or []))
            case "fence" | "code_block":
                self._write_block(_get_text(token).rstrip("\n"))
            case "hr":
                self._write_block("———")
            case "paragraph_close" | "heading_close":
                self._leave_gap(not token.hidden)
            case "blockquote_open":
                self._indents.append(["> ", "> "])
            case "bullet_list_open" | "ordered_list_open":
                self._numbers.append(int(token.attrs.get("start", 1)) if token.tag == "ol" else None)
            case "list_item_open":
                self._begin_item()
            case "blockquote_close" | "list_item_close":
                self._indents.pop()
                self._leave_gap(self._gap is not None or token.tag == "blockquote")
            case "bullet_list_close" | "ordered_list_close":
                self._numbers.pop()
                self._leave_gap(self._gap is not None or not self._numbers)

    def _begin_item(self) -> None:
        number = self._numbers[-1]
        mark = "- " if number is None else f"{number}. "
        self._numbers[-1] = None if number is None else number + 1
        self._indents.append([mark, " " * len(mark)])

    def _write_block(self, text: str) -> None:
        self._write(text)
        self._leave_gap(True)

    def _leave_gap(self, wanted: bool) -> None:
        self._gap = "".join(later for _, later in self._indents).rstrip() if wanted else None

    def _write(self, text: str) -> None:
        if self._gap is not None and self.lines:
            self.lines.append(self._gap)
        self._gap = None
        for line in text.split("\n"):
            self.lines.append(("".join(next_ for next_, _ in self._indents) + line).rstrip())
            self._indents = [[later, later] for _, later in self._indents]


def _write_inline(tokens: Iterable[Token]) -> str:
    return "".join(_write_segment(*segment) for segment in _split_links(tokens))


def _write_segment(address: str | None, tokens: list[Token]) -> str:
    text = "".join("\n" if token.type.endswith("break") else _get_text(token) for token in tokens)
    where = (address or "").removeprefix("mailto:")
    return f"{text} ({where})" if text and where and text not in (where, address) else text or where
