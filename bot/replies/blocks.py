"""Entries in Markdown: in full, in short, or on one line to choose from."""

from collections.abc import Sequence
from datetime import date

from bot.knowledge.models import Entry, Knowledge, Link
from bot.locale import Wording
from bot.replies.sentences import full_day
from bot.text import markdown
from bot.text.markdown import paragraphs


def title(entry: Entry, pages: str = "") -> str:
    url = page_address(entry, pages)
    return f"**{markdown.link(entry.title, url) if url else markdown.excerpt(entry.title)}**"


def page_address(entry: Entry, pages: str) -> str:
    """Return the address of an entry's page; empty for a hidden entry, which has none.

    `pages`: the address with `{id}` for the id; empty if there are no pages.
    """
    return pages.replace("{id}", entry.id) if entry.public else ""


BRIEF_SENTENCES, BRIEF_LINKS = 2, 3  # kept in a brief answer
SCREEN, SCREEN_LINKS = 400, 5  # characters of text, and links, that a phone shows at once beside titles and notes
_SAVED, _SAVED_OF_LONG = 150, 50  # characters of an answer: it is not shortened by less
SEE_ALSO = 2  # related entries that are named


def related(entry: Entry, knowledge: Knowledge) -> Sequence[Entry]:
    """Return the entries that an answer names under 'see also', in their order."""
    return [knowledge.entries[id] for id in entry.see_also if id in knowledge.entries][:SEE_ALSO]


def brief(entry: Entry, share: int = 1) -> Entry:
    """Return the entry with its first links and, if that leaves out enough, the start of its answer.

    `share`: how many entries the screen is for. What is shortened names no related entries.
    """
    answer, room = entry.answer or "", SCREEN // share
    starts = [markdown.first_sentences(answer, most) for most in range(BRIEF_SENTENCES, 0, -1)]
    start = next((start for start in starts if len(start) <= room), None) or markdown.shorten(answer, room)
    least = _SAVED if len(answer) <= room else _SAVED_OF_LONG
    shown = start if len(answer) - len(start) >= least else entry.answer
    links = entry.links[: min(BRIEF_LINKS, SCREEN_LINKS // share)]
    is_whole = shown == entry.answer and links == entry.links
    return entry if is_whole else entry.model_copy(update={"answer": shown, "links": links, "see_also": ()})


def full(
    words: Wording, entries: Sequence[Entry], knowledge: Knowledge, today: date, room: int, pages: str = ""
) -> list[str]:
    """Return a block for each entry, about `room` bytes in all."""
    distinct, shown = {entry.id: entry for entry in entries}.values(), []
    for entry in distinct:
        part, also = room // len(distinct), related(entry, knowledge) if len(distinct) == 1 else ()
        whole = markdown.contained(entry.answer or "")
        names = ", ".join(markdown.escape(name.lstrip("@ ")) for name in entry.contacts[:10])
        titles = " · ".join(
            f"**{number}.** {markdown.escape(markdown.clip(other.title, markdown.TITLE))}"
            for number, other in enumerate(also, start=1)
        )
        margin = (
            words("replies.who_knows", names=names) if names else "",
            words("replies.see_also", titles=titles) if titles else "",
            _review_note(words, entry, today),
        )
        head, *tail = title(entry, pages), links(entry.links, whole, part * 2 // 3), "\n".join(filter(None, margin))
        note = words("replies.shortened_with_links" if entry.links else "replies.shortened")
        left = part - len("".join([head, *tail, note]).encode()) - 16  # 16: the blank lines between them
        text = markdown.shorten(whole, max(left, 200))
        tail[0] = links(entry.model_copy(update={"answer": text}).further_links, whole, part * 2 // 3)
        shown.append(paragraphs([head, text, note if text != whole else "", *tail]))
    return shown


def short(words: Wording, entry: Entry, today: date, pages: str = "") -> str:
    return paragraphs([title(entry, pages), links(entry.links[:SCREEN_LINKS]), _review_note(words, entry, today)])


def line(entry: Entry, pages: str = "") -> str:
    """Return title and first link."""
    return "\n".join([title(entry, pages), *(markdown.link(link.title, link.url) for link in entry.links[:1])])


def links(links: Sequence[Link], after: str = "", room: int = markdown.LIMIT // 2) -> str:
    """Return a list of links, separate from any list before it, within `room` bytes."""
    mark = markdown.bullet(after)
    return markdown.fit_rows([f"{mark} {markdown.link(link.title, link.url)}" for link in links], room)


def _review_note(words: Wording, entry: Entry, today: date) -> str:
    if entry.review_by is None or not entry.is_overdue(today):
        return ""
    key = "replies.to_check" if entry.updated else "replies.to_check_since"
    return words(key, date=full_day(words, entry.updated or entry.review_by))
