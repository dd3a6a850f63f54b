"""Which addresses the answers hold, and where they stand. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt

from bot.knowledge.models import Entry, Knowledge

_PARSER = MarkdownIt("commonmark")


@dataclass(frozen=True, slots=True)
class LinkLocation:
    """`title`: of the entry; `line`: its first one."""

    url: str
    title: str
    file: str
    line: int

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}"


def locations(knowledge: Knowledge) -> Iterator[LinkLocation]:
    """One for each address of each entry."""
    for entry in knowledge.entries.values():
        origin = knowledge.origins.get(entry.id)
        file, line = (origin.file, origin.line) if origin else ("", 0)
        yield from (LinkLocation(url, entry.title, file, line) for url in addresses(entry))


def addresses(entry: Entry) -> list[str]:
    """Those of its links and in its text that lead into the web, each once."""
    found = [link.url for link in entry.links]
    if entry.answer and "://" in entry.answer:
        tokens = [token for block in _PARSER.parse(entry.answer) for token in block.children or ()]
        found += [str(token.attrs["href"]) for token in tokens if token.type == "link_open"]
    return [url for url in dict.fromkeys(found) if url.startswith(("http://", "https://"))]
