"""Entries in Markdown: in full, in short, or as one line to choose from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import accumulate

from bot.knowledge.models import Entry, Knowledge, Link
from bot.locale import Wording
from bot.replies import markdown
from bot.replies.dates import full_day

TITLE = 200  # characters shown of a title


def title(entry: Entry) -> str:
    return f"**{markdown.escape(markdown.clip(markdown.one_line(entry.title), TITLE))}**"


def full(words: Wording, entries: Sequence[Entry], knowledge: Knowledge, today: date, room: int) -> list[str]:
    """One block for each entry; together they fit into about `room` bytes."""
    distinct = {entry.id: entry for entry in entries}.values()
    return [_full(words, entry, knowledge, today, room // len(distinct)) for entry in distinct]


def _full(words: Wording, entry: Entry, knowledge: Knowledge, today: date, room: int) -> str:
    whole = markdown.contained(entry.answer or "")
    around = [title(entry), links(entry.links, whole, room * 2 // 3), _margin(words, entry, knowledge, today)]
    note = words("replies.shortened_with_links" if entry.links else "replies.shortened")
    left = room - len("".join([*around, note]).encode()) - 16  # 16: the blank lines between them
    text = markdown.shorten(whole, max(left, 200))
    return paragraphs([around[0], text, note if text != whole else "", *around[1:]])


def short(words: Wording, entry: Entry, today: date) -> str:
    return paragraphs([title(entry), links(entry.links), _doubt(words, entry, today)])


def line(entry: Entry) -> str:
    """Title and first link."""
    return "\n".join([title(entry), *(markdown.link(link.title, link.url) for link in entry.links[:1])])


def paragraphs(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part)


def links(links: Sequence[Link], after: str = "", room: int = markdown.LIMIT // 2) -> str:
    """A list of its own, whatever stands before it; within `room` bytes."""
    mark = markdown.bullet(after)
    return fitting([f"{mark} {markdown.link(link.title, link.url)}" for link in links], room)


def fitting(rows: Sequence[str], room: int) -> str:
    """As many rows, a line each, as fit into `room` bytes; an ellipsis stands for the others."""
    sizes = accumulate(len(row.encode()) + 1 for row in rows)
    kept = sum(size <= room for size in sizes)
    return "\n".join([*rows[:kept], *(["…"] if kept < len(rows) else [])])


def _margin(words: Wording, entry: Entry, knowledge: Knowledge, today: date) -> str:
    """Who knows, what else to read, and how far to trust it: a line each."""
    names = ", ".join(markdown.escape(name.lstrip("@ ")) for name in entry.contacts[:10])
    others = [knowledge.entries[id] for id in entry.see_also if id in knowledge.entries][:2]
    titles = " · ".join(markdown.escape(markdown.clip(other.title, TITLE)) for other in others)
    lines = [
        words("replies.who_knows", names=names) if names else "",
        words("replies.see_also", titles=titles) if titles else "",
        _doubt(words, entry, today),
    ]
    return "\n".join(line for line in lines if line)


def _doubt(words: Wording, entry: Entry, today: date) -> str:
    if entry.review_by is None or entry.review_by >= today:
        return ""
    if entry.updated:
        return words("replies.to_check", date=full_day(words, entry.updated))
    return words("replies.to_check_since", date=full_day(words, entry.review_by))
