"""Marks in an entry before it is given: dead links, its region or rooms. Reports of links to the moderators."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime

from bot.knowledge.models import Entry
from bot.locale import Wording
from bot.replies.sentences import Sentences, full_day
from bot.text import markdown
from bot.text.markdown import code, escape, excerpt

SHOWN = 10  # rows of each kind
LONGEST = 120  # characters of an address that are shown
NAME = 150  # characters of a link's title beside its mark


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link in a report. `title`, `entry`: title and id of its entry; `where`: file and line.

    `detail`: the reason why the link could not be probed, or its new address.
    """

    title: str
    where: str
    url: str = ""
    detail: str = ""
    entry: str = ""


@dataclass(frozen=True, slots=True)
class OverdueEntry:
    """An entry past its `review_by`."""

    title: str
    where: str
    since: date
    entry: str = ""


@dataclass(frozen=True, slots=True)
class LinkReport:
    """A report of links by kind: `dead`, `once` (dead at the last check, not yet for certain), `moved`, `unsure`.

    `looked`, `then`: last and next check; `unlooked`: number of addresses that were never checked.
    """

    links: Mapping[str, Sequence[LinkRow]]
    review: Sequence[OverdueEntry] = ()
    unlooked: int = 0
    looked: datetime | None = None
    then: datetime | None = None


def mark_in_answer(words: Wording, answer: str, dead: Set[str]) -> str:
    """Return the Markdown with a mark after each dead link."""
    mark = words("replies.link_to_check", title="").strip()
    for url in dead:
        for link in (f"]({url})", f"<{url}>"):
            answer = answer.replace(link, f"{link} *{mark}*")
    return answer


def whose(words: Wording, entry: Entry) -> str:
    """Say for whom an entry is: a region, or else rooms; empty if for everybody."""
    if entry.region:
        return words("replies.for_region", region=entry.region)
    return words("replies.for_rooms", rooms=", ".join(entry.rooms)) if entry.rooms else ""


class LinkReplies(Sentences):
    def sources(self, entries: Sequence[Entry]) -> str:
        """Say where an answer comes from: who wrote it, the named sources, its links."""
        named = [self.say("source_named", source=escape(entry.source)) for entry in entries if entry.source]
        links = _links(entries)
        return self._join(self.say("sources_links" if links else "sources"), links, *named)

    def link_reported(self, entries: Sequence[Entry]) -> str:
        """Tell moderators that a link was reported."""
        titles = ", ".join(self._quote(entry.title) for entry in entries)
        return self._join(self.say("link_reported_note", titles=titles), _links(entries))

    def mark_dead_links(self, entry: Entry, dead: Set[str]) -> Entry:
        """Return the entry with dead links removed (marked if there are no others), and marked in its text."""
        if not dead:
            return entry
        links = tuple(link for link in entry.links if link.url not in dead)
        if not links:
            titles = [markdown.clip(markdown.one_line(link.title), NAME) for link in entry.links]
            marks = [{"title": self.say("link_to_check", title=title)} for title in titles]
            links = tuple(link.model_copy(update=mark) for link, mark in zip(entry.links, marks, strict=True))
        answer = entry.answer and mark_in_answer(self.words, entry.answer, dead)
        return entry.model_copy(update={"links": links, "answer": answer})

    def mark_elsewhere(self, entry: Entry) -> Entry:
        """Return the entry with a title that says for whom it is: a region, or else rooms."""
        title = self.say("for_others", whose=whose(self.words, entry), title=entry.title)
        return entry.model_copy(update={"title": title})

    def links_news(self, dead: Sequence[LinkRow], alive: Sequence[LinkRow], moved: Sequence[LinkRow]) -> str:
        """Report changes since the last check."""
        sections = [self._rows("dead", dead), self._rows("alive", alive), self._rows("moved", moved)]
        return self._join(self.say("links_news"), *sections, self.say("links_how"))

    def link_report(self, report: LinkReport) -> str:
        if report.then is None:
            head = self.say("links_not_yet")
        elif report.looked is None:
            head = self.say("links_first", then=self._day(report.then))
        else:
            head = self.say("links_looked", day=self._day(report.looked), then=self._day(report.then))
            head += f" {self.say('links_new', number=report.unlooked)}" if report.unlooked else ""
        due = []
        for one in report.review:
            since = full_day(self.words, one.since)
            due.append(self.say("links_due", title=excerpt(one.title), where=escape(one.where), day=since))
        parts = [self._rows(kind, report.links.get(kind, ())) for kind in ("dead", "once", "moved")]
        parts.append(self._list(self.say("links_review"), due, SHOWN))
        parts.append(self._rows("unsure", report.links.get("unsure", ())))
        fine = "links_fine" if report.looked else "links_fine_so_far"
        return self._join(head, *([part for part in parts if part] or [self.say(fine)]))

    def _rows(self, kind: str, rows: Sequence[LinkRow]) -> str:
        key, shown = f"links_row_{kind}" if kind in ("moved", "unsure") else "links_row", []
        for row in rows:
            address = code(markdown.clip(row.detail, LONGEST))
            detail = why_unreachable(self.words, row.detail) if kind == "unsure" else address
            link = markdown.link(markdown.clip(row.url, LONGEST), row.url)
            shown.append(self.say(key, title=excerpt(row.title), url=link, where=escape(row.where), detail=detail))
        return self._list(self.say(f"links_{kind}"), shown, SHOWN)


def _links(entries: Sequence[Entry]) -> str:
    links = {link.url: link.title for entry in entries for link in entry.links}  # two entries may share one
    return "\n".join(f"- {markdown.link(title, url)}" for url, title in links.items())


def why_unreachable(words: Wording, detail: str) -> str:
    """Say why a link cannot be reached: a status as a number, any other error in words."""
    if detail.isdecimal():
        return words("replies.links_why_status", status=detail)
    why = {"no such host": "name", "leads to a private address": "private", "too many redirects": "redirects"}
    why |= dict.fromkeys(("TimeoutError", "ConnectTimeout", "ReadTimeout"), "time")
    return words(f"replies.links_why_{why.get(detail, 'other')}")
