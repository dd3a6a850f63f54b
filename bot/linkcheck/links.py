"""Which addresses the answers hold, and where they stand. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from markdown_it import MarkdownIt

from bot.knowledge.models import Entry, Knowledge
from bot.linkcheck.probe import ProbeResult
from bot.store import LinkState

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


LinkVerdict = Literal["right", "dead", "suspect", "untried"]
"""`suspect`: not there at the last look, and not for long enough; `untried`: it could not be tried."""


@dataclass(frozen=True, slots=True)
class LinkChanges:
    """What moderators want to hear of."""

    dead: tuple[LinkState, ...] = ()
    alive: tuple[LinkState, ...] = ()
    moved: tuple[LinkState, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.dead or self.alive or self.moved)


def verdict(standing: LinkState) -> LinkVerdict:
    if standing.dead:
        return "dead"
    kinds: dict[str, LinkVerdict] = {"right": "right", "moved": "right", "dead": "suspect"}
    return kinds.get(standing.state, "untried")


def next_state(before: LinkState | None, checked: ProbeResult, now: datetime) -> LinkState:
    known = before or LinkState(checked.url, checked.state, checked.detail, now)
    known = replace(known, state=checked.state, detail=checked.detail, checked=now)
    match checked.state:
        case "dead":
            return replace(known, dead_since=known.dead_since or now, dead_times=known.dead_times + 1, dead_last=now)
        case "unsure":
            return known
        case _:
            moved_to = checked.detail if checked.state == "moved" else None
            return replace(known, dead_since=None, dead_times=0, dead_last=None, right_last=now, moved_to=moved_to)


def changes(before: Mapping[str, LinkState], after: Iterable[LinkState]) -> LinkChanges:
    pairs = [(before.get(now.url), now) for now in after]
    return LinkChanges(
        dead=tuple(now for was, now in pairs if now.dead and not (was and was.dead)),
        alive=tuple(now for was, now in pairs if was and was.dead and not now.dead),
        moved=tuple(now for was, now in pairs if now.moved_to and _page(now) != _page(was)),
    )


def _page(standing: LinkState | None) -> str | None:
    """Where it moved to; behind the question mark some sites write something else each time."""
    return standing.moved_to.partition("?")[0] if standing and standing.moved_to else None
