"""Pages whose headings are questions, each with the text below it as its answer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from bs4 import BeautifulSoup
from bs4.exceptions import ParserRejectedMarkup
from markdown_it import MarkdownIt
from markdownify import MarkdownConverter

from bot.decoding import decoded
from bot.importing import ImportedRow, LeftOut, NotReadable

_PARSER = MarkdownIt("commonmark")
_LEVELS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6, "dt": 7, "summary": 7}  # terms are below any heading
_NO_TEXT = ["head", "script", "style", "nav", "form", "button", "img"]  # elements that say nothing of an answer


@dataclass(frozen=True, slots=True)
class PageSection:
    """A heading with its text. `level` is from 1, 0 before the first heading; `body` is Markdown."""

    line: int
    level: int
    heading: str
    body: str


def read_page(file: Path) -> tuple[list[ImportedRow], list[LeftOut]]:
    """Read a Markdown or HTML page. Raises NotReadable, OSError."""
    text, is_html = decoded(file.read_bytes()), file.suffix.lower() in (".html", ".htm")
    try:
        rows, left_out = rows_of_page(html_sections(text) if is_html else markdown_sections(text))
    except (ParserRejectedMarkup, RecursionError):  # the latter from walking deeply nested elements
        raise NotReadable("broken_page") from None
    if not rows:
        raise NotReadable("no_headings")
    return rows, left_out


def markdown_sections(text: str) -> list[PageSection]:
    lines, tokens = text.splitlines(), _PARSER.parse(text)
    heads = [
        (token.map[0], token.map[1], int(token.tag[1]), " ".join(tokens[place + 1].content.split()))
        for place, token in enumerate(tokens)
        if token.type == "heading_open" and token.level == 0 and token.map
    ]
    starts = [*(start for start, *_ in heads), len(lines)]
    before = "\n".join(lines[: starts[0]]).strip()
    return _after(before) + [
        PageSection(start + 1, level, heading, "\n".join(lines[after:end]).strip())
        for (start, after, level, heading), end in zip(heads, starts[1:], strict=True)
    ]


def html_sections(text: str) -> list[PageSection]:
    heads = [tag for tag in BeautifulSoup(text, "html.parser")(_LEVELS) if not tag.find_parent(_LEVELS)]
    lines = [head.sourceline or 1 for head in heads]
    line_starts = [0, *(match.end() for match in re.finditer("\n", text))]
    starts = [line_starts[line - 1] + (head.sourcepos or 0) for line, head in zip(lines, heads, strict=True)]
    starts += [len(text)]
    return _after(_markdown(text[: starts[0]])) + [
        PageSection(line, _LEVELS[head.name], " ".join(head.get_text().split()), _markdown(text[start:end]))
        for line, head, (start, end) in zip(lines, heads, pairwise(starts), strict=True)
    ]


def _after(text: str) -> list[PageSection]:
    """Return the text before the first heading as a section."""
    return [PageSection(1, 0, "", text)] if text else []


def rows_of_page(sections: Sequence[PageSection]) -> tuple[list[ImportedRow], list[LeftOut]]:
    """Turn sections into rows.

    A heading with nothing below it, or the only one of the first level, is the title of a part and left out.
    """
    levels = [section.level for section in sections if section.heading]
    top = min(levels, default=0)
    is_title_of_page = len(levels) > 1 and levels.count(top) == 1
    rows, left_out = [], []
    for section in sections:
        if not section.heading:
            left_out.append(LeftOut(section.line, section.body[:80], "no_question"))
        elif not section.body or (is_title_of_page and section.level == top and "?" not in section.heading):
            left_out.append(LeftOut(section.line, section.heading, "part"))
        else:
            rows.append(ImportedRow(section.line, [section.heading], answer=section.body))
    return rows, left_out


def _markdown(html: str) -> str:
    """Convert the text to Markdown, without its headings."""
    soup = BeautifulSoup(html, "html.parser")
    for tag in soup([*_NO_TEXT, *_LEVELS]):
        tag.decompose()
    text: str = MarkdownConverter(bullets="-").convert_soup(soup)
    return re.sub(r"\n{3,}", "\n\n", text).strip()
