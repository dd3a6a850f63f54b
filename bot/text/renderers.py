"""Renderers of Markdown: HTML for pages and `formatted_body`, and plain text, with readable addresses, for `body`.

Tags are those that clients should allow (Client-Server API, "Instant Messaging", m.room.message msgtypes). The text
pings nobody: clients go by `m.mentions` ("User and room mentions"). For older clients `@room` is broken by an invisible
U+2060, and a link to a user (which would become a pill) keeps its text only. A name written out may still notify an old
client that listens for its owner's name; only leaving the name out would prevent that.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import escape
from urllib.parse import quote, unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

MAX_LENGTH = 20_000
"""Characters of a reply that are parsed: far more than it has, and few enough for any nesting of brackets."""


class _Parser(MarkdownIt):
    """Keeps addresses as typed, accents included: people read them. Only characters that end one are encoded."""

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

_TEXTS = {"text", "code_inline", "fence", "code_block"}


def to_html(markdown: str) -> str:
    """Return the HTML for `formatted_body`, in the format org.matrix.custom.html."""
    tokens = _parse(markdown)
    before = ["", *(token.type for token in tokens)]
    return "".join(_render_block(token, last == "heading_open") for last, token in zip(before, tokens, strict=False))


def to_plain_text(markdown: str) -> str:
    """Return the text for `body`: links as `text (address)`, lists with `- `, quotes with `> `; no other marks."""
    text, _ = _write_blocks(iter(_parse(markdown)))
    return "\n".join(line.rstrip() for line in text.split("\n"))


@lru_cache(maxsize=2)  # each reply is wanted as HTML and as plain text
def _parse(markdown: str) -> list[Token]:
    text = re.sub(r"\r\n?", "\n", markdown[:MAX_LENGTH])
    return _PARSER.parse(_UNSEEN.sub("", text))


def _split_links(tokens: Iterable[Token]) -> Iterator[tuple[str | None, list[Token]]]:
    """Yield the inline tokens by link, after the address that they link to, if any.

    Links do not nest; an image outside of a link becomes one.
    """
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
    """Return the text of a token, or the alternative text of an image."""
    if token.type == "image":
        return "".join(_get_text(child) for child in token.children or [])
    return _ROOM.sub("@\u2060", token.content) if token.type in _TEXTS else ""


# HTML


def _render_block(token: Token, is_in_heading: bool) -> str:
    if token.type == "inline":
        open_tags = Counter({"strong": int(is_in_heading)})
        pieces = []
        for address, inner in _split_links(token.children or []):
            text = "".join(_render_token(part, open_tags) for part in inner)
            pieces.append(f'<a href="{escape(address)}">{text or escape(address)}</a>' if address else text)
        return "".join(pieces)
    if token.type in _TEXTS:
        return f"<pre><code>{escape(_get_text(token), quote=False)}</code></pre>"
    if token.hidden:
        return ""
    if token.type.startswith("heading"):
        return "</strong></p>" if token.nesting < 0 else "<p><strong>"  # a heading would shout in a chat
    start = token.attrs.get("start", 1)
    return f"<{'/' * (token.nesting < 0)}{token.tag}>" if start == 1 else f'<ol start="{start}">'


def _render_token(token: Token, open_tags: Counter[str]) -> str:
    """Open and close each style once, however often it is nested: clients give up on deep trees."""
    match token.type:
        case "softbreak" | "hardbreak":
            return "<br>"  # a line break is meant, as on a forum
        case "code_inline":
            return f"<code>{escape(_get_text(token), quote=False)}</code>"
        case "text" | "image":
            return escape(_get_text(token), quote=False)
    tag = "del" if token.tag == "s" else token.tag
    open_tags[tag] += token.nesting
    is_outermost = open_tags[tag] == max(token.nesting, 0)
    return f"<{'/' * (token.nesting < 0)}{tag}>" if is_outermost else ""


# Plain text


def _write_blocks(tokens: Iterator[Token]) -> tuple[str, bool]:
    """Return the text of the blocks up to the end of their container, and whether that is an item of a tight list.

    Blocks are nested twenty deep at most (`maxNesting` of the preset).
    """
    blocks, is_tight = list[str](), False
    for token in tokens:
        match token.type:
            case "inline":
                blocks.append(_write_inline(token.children or []))
            case "fence" | "code_block":
                blocks.append(_get_text(token).rstrip("\n"))
            case "hr":
                blocks.append("———")
            case "bullet_list_open" | "ordered_list_open":
                blocks.append(_write_list(tokens, token))
            case "blockquote_open":
                blocks.append("> " + _write_blocks(tokens)[0].replace("\n", "\n> "))
            case "blockquote_close" | "list_item_close":
                break
            case "paragraph_open" if token.hidden:
                is_tight = True
    return ("\n" if is_tight else "\n\n").join(blocks), is_tight


def _write_list(tokens: Iterator[Token], start: Token) -> str:
    items, is_tight = list[str](), False
    for number, token in enumerate(tokens, int(start.attrs.get("start", 1))):
        if token.type != "list_item_open":
            break
        mark = f"{number}. " if start.tag == "ol" else "- "
        text, is_tight_item = _write_blocks(tokens)
        items.append(mark + text.replace("\n", "\n" + " " * len(mark)))
        is_tight = is_tight or is_tight_item
    return ("\n" if is_tight else "\n\n").join(items)


def _write_inline(tokens: Iterable[Token]) -> str:
    pieces = []
    for address, inner in _split_links(tokens):
        text = "".join("\n" if token.type.endswith("break") else _get_text(token) for token in inner)
        where = (address or "").removeprefix("mailto:")
        pieces.append(f"{text} ({where})" if text and where and text not in (where, address) else text or where)
    return "".join(pieces)
