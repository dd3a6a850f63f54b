"""Markdown that shows what is meant: text as typed, an author's answer kept within its block, and nothing too long.

What comes out is read by our own renderer (Matrix, terminal) and by Discourse's.
"""

from __future__ import annotations

import re
from itertools import groupby
from urllib.parse import quote as percent

from markdown_it import MarkdownIt

LIMIT = 8_000
"""UTF-8 bytes of a reply: as plain text and as HTML it stays well below the 65,536 of a Matrix event."""

_PARSER = MarkdownIt("commonmark", {"html": False})
_LEAVES = {"inline", "fence", "code_block"}

# Controls, lone surrogates, and the direction marks that, left open, turn round the rest of the line.
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_SPACES = re.compile(r"[^\S\u00a0\u2007\u202f]+")  # French no-break spaces stay
_MARKS = re.compile(r"[\\`*_\[\]<>&~|]|:(?=//)")  # `://`: Discourse would make a link of it
_START = re.compile(r"^(?:(?P<number>\d+)(?P<dot>[.)])|(?P<mark>[#+=-]))")

# What begins HTML but no address in < >. At a line's start it does so even between two backticks.
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
    """Markdown on one line that shows the very text, at a line's start too."""
    return _START.sub(_escape_start, _MARKS.sub(r"\\\g<0>", one_line(text)))


def _escape_start(found: re.Match[str]) -> str:
    return f"\\{found['mark']}" if found["mark"] else f"{found['number']}\\{found['dot']}"


def clip(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def link(title: str, url: str) -> str:
    return f"[{escape(clip(one_line(title), 200) or url)}]({_destination(url)})"


def _destination(url: str) -> str:
    """The address, unable to end its parenthesis or to be read as an entity."""
    whole = re.sub(r"[\s<>\\`\x00-\x1f]", lambda found: percent(found[0]), _UNSEEN.sub("", url.strip()))
    return re.sub(r"&(?=#?\w+;)", "&amp;", re.sub(r"[()]", r"\\\g<0>", whole))


def quote(markdown: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in markdown.splitlines())


def code(text: str) -> str:
    """Text on one line, to be typed as it stands."""
    ticks = _ticks(text, 1)
    return f"{ticks}{one_line(text)}{ticks}" if "`" not in text else f"{ticks} {one_line(text)} {ticks}"


def code_block(text: str) -> str:
    """Lines to be read letter by letter, or pasted."""
    fence = _ticks(text, 3)
    return f"{fence}\n{_UNSEEN.sub('', text)}\n{fence}"


def _ticks(text: str, least: int) -> str:
    """More backticks than stand together anywhere in the text."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    return "`" * max(least, longest + 1)


def contained(answer: str) -> str:
    """An author's Markdown that cannot reach beyond its block: raw HTML as typed, pictures as links, fences closed."""
    text = re.sub(r"\r\n?", "\n", _UNSEEN.sub("", answer))[: 2 * LIMIT].strip("\n").rstrip()
    lines = text.split("\n")
    leaves = [(token.type, range(*token.map)) for token in _PARSER.parse(text) if token.type in _LEAVES and token.map]
    owner = {n: leaf for leaf, (_, numbers) in enumerate(leaves) for n in numbers}
    runs = [(leaf, "\n".join(lines[n] for n in run)) for leaf, run in groupby(range(len(lines)), key=owner.get)]
    return _closed("\n".join(_typed(run) if leaf is None or leaves[leaf][0] == "inline" else run for leaf, run in runs))


def _typed(text: str) -> str:
    """One paragraph (code spans do not cross its end) with its HTML as typed, and its pictures as links."""
    without_blocks = _TAG_FIRST.sub(r"\1&lt;", text)
    return _RAW.sub(lambda found: found["kept"] or ("&lt;" if found["tag"] else ""), without_blocks)


def _closed(text: str) -> str:
    """With the fence closed that the author left open."""
    if not re.search("```|~~~", text):
        return text
    last = _PARSER.parse(f"{text}\n\nx")[-1]
    return f"{text}\n{last.markup}" if last.type == "fence" else text


def bullet(text: str) -> str:
    """A mark that begins a new list even right after a list of `text`."""
    return next((mark for mark in "-*+" if not re.search(rf"^[^\S\n]*+\{mark}\s", text, re.MULTILINE)), "-")


def shorten(markdown: str, limit: int = LIMIT) -> str:
    """What fits into `limit` bytes: whole paragraphs, lists and code blocks, and at least a part of the first one."""
    if _size(markdown) <= limit:
        return markdown
    head = markdown[: 2 * limit]  # what ends behind it does not fit
    lines = head.split("\n")
    ends = [token.map[1] for token in _PARSER.parse(head) if token.level == 0 and token.map]
    fitting = [text for end in ends if _size(text := "\n".join(lines[:end]).rstrip()) <= limit]
    return fitting[-1] if fitting else _closed(_cut(markdown, limit))


def _cut(text: str, limit: int) -> str:
    head = text.encode()[: max(limit - 16, 0)].decode(errors="ignore")  # room for the ellipsis and a fence
    end = max(head.rfind("\n"), head.rfind(" "))
    return (head[:end] if end > len(head) // 2 else head).rstrip() + " …"


def _size(text: str) -> int:
    return len(text.encode())
