"""Links of the knowledge: their places, and the verdict of several checks. Pure; the time is an argument.

A link is dead if two checks, three days or more apart, found it dead and none in between found it right: a site that is
down for a day, or being moved, is not marked. A check that could not reach it counts neither way.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from markdown_it import MarkdownIt

from bot.knowledge.models import Entry, Knowledge
from bot.linkcheck.probe import ProbeResult
from bot.store import LinkState

LinkVerdict = Literal["right", "dead", "suspect", "untried"]
"""`suspect`: dead at the last check, but not for long enough; `untried`: the last check could not reach it."""

_PARSER = MarkdownIt("commonmark")


@dataclass(frozen=True, slots=True)
class LinkLocation:
    """The place of a link: title and id of its entry, file, and the entry's first line."""

    url: str
    title: str
    file: str
    line: int
    entry: str = ""

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}"


def locations(knowledge: Knowledge) -> Iterator[LinkLocation]:
    """Yield a location for each link of each entry."""
    for entry in knowledge.entries.values():
        origin = knowledge.origins.get(entry.id)
        file, line = (origin.file, origin.line) if origin else ("", 0)
        yield from (LinkLocation(url, entry.title, file, line, entry.id) for url in addresses(entry))


def addresses(entry: Entry) -> list[str]:
    """Return the http(s) addresses of an entry's links and text, without duplicates."""
    urls = [link.url for link in entry.links]
    if entry.answer and "://" in entry.answer:
        tokens = [token for block in _PARSER.parse(entry.answer) for token in block.children or ()]
        urls += [str(token.attrs["href"]) for token in tokens if token.type == "link_open"]
    return [url for url in dict.fromkeys(urls) if url.startswith(("http://", "https://"))]


def verdict(state: LinkState) -> LinkVerdict:
    if state.is_dead:
        return "dead"
    verdicts: dict[str, LinkVerdict] = {"right": "right", "moved": "right", "dead": "suspect"}
    return verdicts.get(state.state, "untried")


def next_state(before: LinkState | None, result: ProbeResult, now: datetime) -> LinkState:
    state = before or LinkState(result.url, result.state, result.detail, now)
    state = replace(state, state=result.state, detail=result.detail, checked=now)
    match result.state:
        case "dead":
            return replace(state, dead_since=state.dead_since or now, dead_times=state.dead_times + 1, dead_last=now)
        case "unsure":
            return state
        case _:
            moved_to = result.detail if result.state == "moved" else None
            return replace(state, dead_since=None, dead_times=0, dead_last=None, right_last=now, moved_to=moved_to)


def changes(before: Mapping[str, LinkState], after: Iterable[LinkState]) -> tuple[list[LinkState], ...]:
    """Return the links that interest the moderators: dead, alive again and moved since the last check."""
    pairs = [(before.get(new.url), new) for new in after]
    return (
        [new for old, new in pairs if new.is_dead and not (old and old.is_dead)],
        [new for old, new in pairs if old and old.is_dead and not new.is_dead],
        [new for old, new in pairs if new.moved_to and _target(new) != _target(old)],
    )


def _target(state: LinkState | None) -> str | None:
    """Return the new address of a moved link, without the query, which on some sites differs each time."""
    return state.moved_to.partition("?")[0] if state and state.moved_to else None
