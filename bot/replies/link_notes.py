"""Addresses that died or moved: how an answer gives them, and what moderators read of them."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime

from bot.knowledge.models import Entry, Link
from bot.replies import blocks, markdown
from bot.replies.dates import day, full_day
from bot.replies.markdown import code, escape
from bot.replies.sentences import Sentences

SHOWN = 10  # of each kind
LONGEST = 120  # characters of an address that are shown
NAME = 150  # characters of a link's title beside its mark


@dataclass(frozen=True, slots=True)
class LinkRow:
    """`title`: of the entry; `where`: file and line; `detail`: why it could not be tried, or where it moved to."""

    title: str
    where: str
    url: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class OverdueEntry:
    """An entry whose `review_by` is past."""

    title: str
    where: str
    since: date


@dataclass(frozen=True, slots=True)
class LinkReport:
    """All that wants a look. `once`: seen dead, but not yet for certain. `looked`, `then`: the last look, the next."""

    dead: Sequence[LinkRow] = ()
    once: Sequence[LinkRow] = ()
    moved: Sequence[LinkRow] = ()
    unsure: Sequence[LinkRow] = ()
    review: Sequence[OverdueEntry] = ()
    looked: datetime | None = None
    then: datetime | None = None


class LinkReplies(Sentences):
    def mark_dead_links(self, entry: Entry, dead: Set[str]) -> Entry:
        """The entry as it is given out: dead links left out where it has others, else marked; marked in its text."""
        if not dead:
            return entry
        living = tuple(link for link in entry.links if link.url not in dead)
        links = living or tuple(self._marked(link) for link in entry.links)
        return entry.model_copy(update={"links": links, "answer": entry.answer and self._within(entry.answer, dead)})

    def links_news(self, dead: Sequence[LinkRow], alive: Sequence[LinkRow], moved: Sequence[LinkRow]) -> str:
        """What the weekly look changed."""
        sections = [self._rows("dead", dead), self._rows("alive", alive), self._rows("moved", moved)]
        return self._bounded(self._say("links_news"), *sections, self._say("links_how"))

    def link_report(self, watched: LinkReport) -> str:
        parts = [
            self._rows("dead", watched.dead),
            self._rows("once", watched.once),
            self._rows("moved", watched.moved),
            self._kind("review", [self._due(one) for one in watched.review]),
            self._rows("unsure", watched.unsure),
        ]
        found = [part for part in parts if part] or [self._say("links_fine")]
        return self._bounded(self._when(watched), *found)

    def _marked(self, link: Link) -> Link:
        title = markdown.clip(markdown.one_line(link.title), NAME)
        return link.model_copy(update={"title": self._say("link_to_check", title=title)})

    def _within(self, answer: str, dead: Set[str]) -> str:
        mark = self._say("link_to_check", title="").strip()
        for url in dead:
            for written in (f"]({url})", f"<{url}>"):
                answer = answer.replace(written, f"{written} *{mark}*")
        return answer

    def _when(self, watched: LinkReport) -> str:
        if watched.then is None:
            return self._say("links_not_yet")
        then = day(self._words, watched.then.astimezone(self._timezone))
        if watched.looked is None:
            return self._say("links_first", then=then)
        return self._say("links_looked", day=day(self._words, watched.looked.astimezone(self._timezone)), then=then)

    def _due(self, due: OverdueEntry) -> str:
        since = full_day(self._words, due.since)
        return self._say("links_due", title=_title(due.title), where=escape(due.where), day=since)

    def _rows(self, kind: str, rows: Sequence[LinkRow]) -> str:
        return self._kind(kind, [self._row_of(kind, row) for row in rows])

    def _row_of(self, kind: str, row: LinkRow) -> str:
        detail = self._why(row.detail) if kind == "unsure" else code(markdown.clip(row.detail, LONGEST))
        shown = markdown.link(markdown.clip(row.url, LONGEST), row.url)
        key = f"links_row_{kind}" if kind in ("moved", "unsure") else "links_row"
        return self._say(key, title=_title(row.title), url=shown, where=escape(row.where), detail=detail)

    def _kind(self, kind: str, rows: Sequence[str]) -> str:
        if not rows:
            return ""
        more = [self._say("links_more", number=len(rows) - SHOWN)] if len(rows) > SHOWN else []
        return "\n".join([self._say(f"links_{kind}"), "", *(f"- {row}" for row in [*rows[:SHOWN], *more])])

    def _why(self, detail: str) -> str:
        """A status as it is; what else went wrong, as far as there is a word for it."""
        if detail.isdecimal():
            return self._say("links_why_status", status=detail)
        return self._say(f"links_why_{_WHY.get(detail, 'other')}")


_WHY = {
    "no such host": "name",
    "leads to a private address": "private",
    "too many redirects": "redirects",
    "TimeoutError": "time",
    "ConnectTimeout": "time",
    "ReadTimeout": "time",
}


def _title(title: str) -> str:
    return escape(markdown.clip(markdown.one_line(title), blocks.TITLE))
