"""Pages with headings as questions, each with the text below it as its answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from markdown_it import MarkdownIt

from bot.decoding import decoded
from bot.importing import ImportedRow, LeftOut, NotReadable

_PARSER = MarkdownIt("commonmark")
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6, "dt": 7, "summary": 7}
_NO_TEXT = ["head", "script", "style", "nav", "form", "button", "img"]


@dataclass(frozen=True, slots=True)
class PageSection:
    """`level`: of the heading, from 1. `body`: Markdown."""

    line: int
    level: int
    heading: str
    body: str


def read_page(file: Path) -> tuple[list[ImportedRow], list[LeftOut]]:
    """Raises NotReadable, OSError."""
    text, is_html = decoded(file.read_bytes()), file.suffix.lower() in (".html", ".htm")
    try:
        rows, left_out = rows_of_page(html_sections(text) if is_html else markdown_sections(text))
    except (AssertionError, RecursionError):  # of the parser, and of what walks through the elements
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
    finder = _HeadingFinder(text)
    finder.feed(text)
    finder.close()
    heads = finder.headings
    starts = [*(one.start for one in heads), len(text)]
    return _after(_markdown(text[: starts[0]])) + [
        PageSection(one.line, one.level, " ".join(one.text.split()), _markdown(text[one.end : end]))
        for one, end in zip(heads, starts[1:], strict=True)
    ]


def _after(text: str) -> list[PageSection]:
    """What stands before the first heading."""
    return [PageSection(1, 0, "", text)] if text else []


def rows_of_page(sections: Sequence[PageSection]) -> tuple[list[ImportedRow], list[LeftOut]]:
    """A heading with nothing below it, and the only one of the first level, is the title of a part."""
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
    from bs4 import BeautifulSoup
    from markdownify import MarkdownConverter

    soup = BeautifulSoup(html, "html.parser")
    for tag in soup(_NO_TEXT):
        tag.decompose()
    text: str = MarkdownConverter(bullets="-").convert_soup(soup)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


@dataclass(slots=True)
class _Heading:
    """`start`, `end`: offsets of its tags in the page."""

    line: int
    level: int
    start: int
    end: int
    text: str = ""


class _HeadingFinder(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.headings: list[_Heading] = []
        self._open = ""
        self._offsets = [0, *(match.end() for match in re.finditer("\n", text))]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HEADINGS and not self._open:
            line, column = self.getpos()
            start = self._offsets[line - 1] + column
            self.headings.append(_Heading(line, _HEADINGS[tag], start, start))
            self._open = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self._open:
            line, column = self.getpos()
            self.headings[-1].end = self._offsets[line - 1] + column + len(f"</{tag}>")
            self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open:
            self.headings[-1].text += data
