"""CommonMark for replies: escaping, an author's answer contained in its block, shortening to a size in bytes.

It is read by our own renderer (Matrix, terminal) and by Discourse's.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import accumulate, groupby, pairwise
from urllib.parse import quote as percent

from markdown_it import MarkdownIt

LIMIT = 8_000
"""UTF-8 bytes of a reply: twice in an event, as text and as HTML, and far below the 65,536 that Matrix allows
(Client-Server API, section *Size limits*)."""
TITLE = 200  # characters of a title that are shown

_PARSER = MarkdownIt("commonmark", {"html": False})
_LEAVES = {"inline", "fence", "code_block"}

# Control characters, lone surrogates, and direction marks, which if left open reverse the rest of the line.
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_SPACES = re.compile(r"[^\S\u00a0\u2007\u202f]+")  # all but French no-break spaces
_MARKS = re.compile(r"[\\`*_\[\]<>&~|]|:(?=//)")  # `://`: Discourse links bare addresses
_START = re.compile(r"^(?:(\d+)([.)])|([#+=-]))")

# The start of HTML, but not of an autolink. At the start of a line it is HTML even inside a code span.
_TAG = r"<(?=[A-Za-z/!?])(?!(?:https?:|mailto:)[^\s<>]*>|[\w.+-]+@[^\s<>]+>)"
_TAG_FIRST = re.compile(rf"^([ \t>*+\-\d.)]*){_TAG}", re.MULTILINE)
_RAW = re.compile(
    rf"""(?P<kept>\\. | (?<!`)(?P<ticks>`{{1,10}})(?!`).+?(?<!`)(?P=ticks)(?!`)  # an escape, a code span
      | (?<=\]\()<(?:https?:|mailto:)[^\n<>]*>)                                          # a link's address
      | (?P<tag>{_TAG}) | !(?=\[)""",
    re.DOTALL | re.VERBOSE,
)


def one_line(text: str) -> str:
    return _SPACES.sub(" ", _UNSEEN.sub("", text)).strip()


def escape(text: str) -> str:
    """Return Markdown, on one line, that shows the text literally, even at the start of a line."""
    return _START.sub(r"\1\\\2\3", _MARKS.sub(r"\\\g<0>", one_line(text)))


def clip(text: str, length: int) -> str:
    """Return at most `length` characters of a text, the ellipsis that stands for the rest included."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def excerpt(text: str, length: int = TITLE) -> str:
    """Return the start of a text, on one line and escaped."""
    return escape(clip(one_line(text), length))


def link(title: str, url: str) -> str:
    """Return a link, whatever stands in its address: nothing there ends the parenthesis or reads as an entity."""
    whole = re.sub(r"[\s<>\\`\x00-\x1f]", lambda match: percent(match[0]), _UNSEEN.sub("", url.strip()))
    address = re.sub(r"&(?=#?\w+;)", "&amp;", re.sub(r"[()]", r"\\\g<0>", whole))
    return f"[{excerpt(title) or escape(url)}]({address})"


def quote(markdown: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in markdown.splitlines())


def code(text: str) -> str:
    """Return a code span."""
    ticks = _ticks(text, 1)
    return f"{ticks}{one_line(text)}{ticks}" if "`" not in text else f"{ticks} {one_line(text)} {ticks}"


def code_block(text: str) -> str:
    fence = _ticks(text, 3)
    return f"{fence}\n{_UNSEEN.sub('', text)}\n{fence}"


def _ticks(text: str, least: int) -> str:
    """Return a longer run of backticks than any in the text."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    return "`" * max(least, longest + 1)


def contained(answer: str) -> str:
    """Return an author's Markdown without effect beyond its block: HTML escaped, images as links, fences closed."""
    text = re.sub(r"\r\n?", "\n", _UNSEEN.sub("", answer))[: 2 * LIMIT].strip("\n").rstrip()
    lines = text.split("\n")
    leaves = [token for token in _PARSER.parse(text) if token.type in _LEAVES and token.map]
    owner = {n: leaf for leaf, token in enumerate(leaves) if token.map for n in range(*token.map)}
    pieces = []
    for leaf, run in groupby(range(len(lines)), key=owner.get):  # by paragraph: code spans do not cross it
        piece = "\n".join(lines[n] for n in run)
        if leaf is None or leaves[leaf].type == "inline":
            without_blocks = _TAG_FIRST.sub(r"\1&lt;", piece)
            piece = _RAW.sub(lambda match: match["kept"] or ("&lt;" if match["tag"] else ""), without_blocks)
        pieces.append(piece)
    return _close("\n".join(pieces))


def _close(text: str) -> str:
    """Close a fence that the author left open."""
    if not re.search("```|~~~", text):
        return text
    last = _PARSER.parse(f"{text}\n\nx")[-1]
    return f"{text}\n{last.markup}" if last.type == "fence" else text


def bullet(text: str) -> str:
    """Return a list marker that starts a new list even right after a list of `text`."""
    return next((mark for mark in "-*+" if not re.search(rf"^[^\S\n]*+\{mark}\s", text, re.MULTILINE)), "-")


_SENTENCE_END = re.compile(r"(?<=[.!?…])(?P<closed>[*_»)\"]{0,3})[ \t]++(?=[A-ZÀ-ÖØ-Þ«\[*\"])|\n[ \t]*+\n")
_OPEN = re.compile(r"\[[^\]]{0,300}\]\([^)]{0,300}\)|`[^`]{0,300}`|\*\*[^*]{1,300}\*\*")


def first_sentences(text: str, most: int) -> str:
    """Return the first `most` sentences of an author's Markdown."""
    return "".join(sentences(text)[:most]).rstrip()


def sentences(text: str) -> list[str]:
    """Return the sentences of an author's Markdown with what separates them; none ends within a link, bold text or
    code.

    A sentence that announces a list is followed by it.
    """
    head = text[:LIMIT]
    ends = [match.start() + len(match["closed"] or "") for match in _SENTENCE_END.finditer(head)]
    spans = [match.span() for match in _OPEN.finditer(head)]
    ends = [end for end in ends if not any(start < end < stop for start, stop in spans)]
    ends = [end for end in ends if not text[:end].rstrip().endswith(":")]
    return [text[start:end] for start, end in pairwise([0, *ends, len(text)])]


def shorten(markdown: str, limit: int = LIMIT) -> str:
    """Return as many whole blocks as fit into `limit` bytes, or else a part of the first one."""
    if _size(markdown) <= limit:
        return markdown
    head = markdown[: 2 * limit]  # all that may fit, and more
    lines = head.split("\n")
    ends = [token.map[1] for token in _PARSER.parse(head) if token.level == 0 and token.map]
    fitting = [text for end in ends if _size(text := "\n".join(lines[:end]).rstrip()) <= limit]
    if fitting:
        return fitting[-1]
    part = markdown.encode()[: max(limit - 16, 0)].decode(errors="ignore")  # room for the ellipsis and a fence
    end = max(part.rfind("\n"), part.rfind(" "))
    return _close((part[:end] if end > len(part) // 2 else part).rstrip() + " …")


def _size(text: str) -> int:
    return len(text.encode())


def paragraphs(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part)


def fit_rows(rows: Sequence[str], room: int) -> str:
    """Return as many rows as fit into `room` bytes, a line each, and an ellipsis for the others."""
    sizes = accumulate(_size(row) + 1 for row in rows)
    count = sum(size <= room for size in sizes)
    return "\n".join([*rows[:count], *(["…"] if count < len(rows) else [])])
