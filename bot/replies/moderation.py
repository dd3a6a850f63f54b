"""Replies to moderators: `!stats`, the queue of open questions, the desk."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.locale import Wording
from bot.replies.draft_notes import NAME
from bot.replies.sentences import Sentences, month
from bot.text import markdown
from bot.text.markdown import code

SHOWN_IDS = 10  # entries that are shown
SHOWN = 300  # characters of a question that are shown
GAPS = 15  # rows
TREND = 6  # months
LINKS = 3  # to its occurrences


FigureSums = Mapping[str, int | None]
"""The sum of each figure, and the median wait in `hours`: None if nobody waited."""


@dataclass(frozen=True, slots=True)
class StatsSummary:
    """Statistics. `week`: of the last seven days; `judged`: ids with 👍 and 👎.

    `waiting`: numbers of open questions of this week, of this month, and older.
    """

    week: FigureSums
    judged: tuple[tuple[str, int, int], ...]
    doubtful: tuple[str, ...]
    unasked: tuple[str, ...]
    waiting: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class DislikedAnswer:
    """The entry that answered a question. `people`: how many put 👎 on it."""

    id: str
    title: str
    people: int


@dataclass(frozen=True, slots=True)
class QueueRow:
    """An open question as shown to moderators. `text` is None if it is private or erased."""

    number: int
    text: str | None
    askers: int
    since: datetime
    links: tuple[str, ...] = ()  # to its occurrences in public, latest first
    private: bool = False  # asked in private only
    disliked: DislikedAnswer | None = None  # the answer that it got
    taken: Sequence[tuple[str, datetime]] = ()  # who looks after it, and since when: one person at most


@dataclass(frozen=True, slots=True)
class GapRow:
    """Questions that ask the same. `title`, `id`: of the nearest entry; None and empty if none is near."""

    text: str
    times: int
    title: str | None
    id: str = ""


class ModerationReplies(Sentences):
    def stats(self, stats: StatsSummary) -> str:
        week, month, older = stats.waiting
        figures = ("asked", "answered", "resolved", "refused", "missed")
        asked, answered, resolved, refused, missed = (stats.week[figure] for figure in figures)
        votes = [self.say("stats_one", id=code(id), up=up, down=down) for id, up, down in stats.judged[:SHOWN_IDS]]
        doubtful, unasked = _ids(stats.doubtful), _ids(stats.unasked)
        rows = [
            self.say("stats_week", asked=asked, answered=answered, resolved=resolved, refused=refused, missed=missed),
            self.say("stats_queue", total=sum(stats.waiting), week=week, month=month, older=older),
            self.say("stats_judged", entries=", ".join(votes)) if votes else "",
            self.say("stats_doubtful", entries=doubtful) if doubtful else "",
            self.say("stats_unasked", total=len(stats.unasked), entries=unasked) if unasked else "",
        ]
        return self._join("\n".join(f"- {row}" for row in rows if row))

    # The queue

    def new_question(self, row: QueueRow) -> str:
        """Return the note about a question, which moderators can reply to."""
        head = self.say("question_disliked" if row.disliked else "question_new", question=self._question(row))
        fix = self.say("question_fix", id=row.disliked.id) if row.disliked else ""
        return "\n".join(filter(None, [head, self._disliked(row), fix, self.say("question_how", number=row.number)]))

    def near(self, title: str, link: str) -> str:
        """Tell a contact of an entry about an open question near it."""
        return self.say("near", title=self._quote(title), there=markdown.link(self.say("near_there"), link))

    def question_again(self, number: int, text: str, link: str) -> str:
        """Return a shorter note about the same question, for the evening before the digest."""
        there = markdown.link(self.say("there"), link)
        return f"{self.say('question_number', number=number, text=self._quote(text, SHOWN))} · {there}"

    def open_questions(self, rows: Sequence[QueueRow], total: int, page: int, pages: int) -> str:
        """List open questions. `rows`: of this page; `total`: number of open questions."""
        if not rows:
            return self.say("questions_none")
        head = self.say("questions" if pages == 1 else "questions_page", total=total, page=page, pages=pages)
        how = self.say("questions_how", number=rows[0].number)
        more = self.say("questions_next", page=page + 1) if page < pages else ""
        listed = []
        for row in rows:
            askers, since = self._people(row.askers), self.say("asked_since", day=self._day(row.since))
            listed.append(" · ".join(filter(None, [self._question(row), f"{askers}, {since}", self._disliked(row)])))
        return self._join(self._list(head, listed), how, more)

    def phrasings(self, rows: Sequence[tuple[str, str]], replies: Sequence[tuple[str, str, str]] = ()) -> str:
        """List new phrasings and replies.

        `rows`: members' words, and the title of the entry that they meant; `replies`: a question, a person's reply, and
        the address of the reply.
        """
        lines = [
            self.say("phrasings_row", place=place, text=self._quote(text, SHOWN), title=self._quote(title))
            for place, (text, title) in enumerate(rows, 1)
        ]
        further = []
        for place, (question, reply, link) in enumerate(replies, len(rows) + 1):
            asked, replied = self._quote(question, SHOWN), self._quote(reply, SHOWN)
            row = self.say("phrasings_reply", place=place, question=asked, reply=replied)
            further.append(f"{row} · {markdown.link(self.say('there'), link)}")
        parts = (("phrasings", lines), ("phrasings_replies", further))
        return self._join(*(self._list(self.say(head), part) for head, part in parts), self.say("phrasings_how"))

    def phrasings_decided(
        self, phrasings: tuple[int, int], replies: tuple[int, int], refusals: Sequence[Callable[[Wording], str]] = ()
    ) -> str:
        """Report the numbers kept and dropped, of either kind. `refusals`: of phrasings that the files refused."""
        counts = (("phrasings_decided", *phrasings), ("phrasings_drafted", *replies))
        lines = [self.say(key, kept=kept, dropped=dropped) for key, kept, dropped in counts if kept + dropped]
        problems = "\n".join(f"- {markdown.escape(say(self.words))}" for say in refusals)
        return self._join("\n".join(lines), problems)

    def gaps(self, rows: Sequence[GapRow], days: int, months: Sequence[tuple[date, FigureSums]] = ()) -> str:
        """List gaps in the answers, most asked first. `months`: the figures of each month, by its first day."""
        trend = [
            self.say("gaps_month", month=month(self.words, begin), missed=row["missed"], asked=row["asked"])
            for begin, row in months[-TREND:]
        ]
        missed = self.say("gaps_trend", months=" · ".join(trend)) if trend else ""
        if not rows:
            return self._join(self.say("gaps_none", days=days), missed)
        listed = []
        for gap in rows:
            entry = self.say("gaps_complete", title=self._quote(gap.title)) if gap.title else self.say("gaps_new")
            times = self.say("gaps_times", times=gap.times) if gap.times > 1 else ""
            listed.append(" · ".join(filter(None, [self._quote(gap.text, SHOWN), times, entry])))
        return self._join(self._list(self.say("gaps", days=days), listed, GAPS), missed, self.say("gaps_how"))

    def relayed(self, number: int, links: Sequence[str], *, private: int) -> str:
        """Say where a moderator's reply went. `links`: to public questions; `private`: number of private rooms."""
        there = [markdown.link(self.say("there"), link) for link in links[:LINKS]]
        where = " · ".join([*there, *([self.say("relayed_private")] if private else [])])
        if not where:
            return self.say("answer_sent_nowhere", number=number)
        return self.say("relayed", number=number, where=where)

    def _disliked(self, row: QueueRow) -> str:
        if row.disliked is None:
            return ""
        people = self._people(row.disliked.people)
        return self.say("question_answer", title=self._quote(row.disliked.title), people=people)

    def _people(self, number: int) -> str:
        return self.say("asked_by_one" if number == 1 else "asked_by", people=number)

    def _question(self, row: QueueRow) -> str:
        text = self._quote(row.text, SHOWN) if row.text else self.say("question_private")
        links = [markdown.link(self.say("there"), link) for link in row.links[:LINKS]]
        private = [self.say("relayed_private")] if row.private and row.text else []
        taken = [self.say("taken_by", name=markdown.excerpt(name, NAME), day=self._day(at)) for name, at in row.taken]
        return " · ".join([self.say("question_number", number=row.number, text=text), *links, *private, *taken])

    # The desk

    def desk_link(self, url: str, tunnel: str) -> str:
        """Give the link to the desk. `tunnel`: what an ssh tunnel forwards; empty if the page has a public address."""
        text = self.say("desk_link", link=markdown.link(self.say("desk_enter"), url))
        return self._join(text, self.say("desk_local", tunnel=tunnel) if tunnel else "")

    def session_opened(self, moment: datetime, today: date) -> str:
        return f"{self._say_at('session_opened', moment, today)} {self.say('session_stop')}"

    def at_desk(self, name: str, text: str) -> str:
        """Report an action of a moderator at the desk."""
        return self._join(self.say("at_desk", name=markdown.excerpt(name, NAME)), text)

    def answered_at_desk(self, name: str, number: int) -> str:
        return self.say("answered_at_desk", name=markdown.excerpt(name, NAME), number=number)

    def phrase_added_at_desk(self, name: str, number: int, title: str) -> str:
        shown = self._quote(title)
        return self.say("phrase_added_at_desk", name=markdown.excerpt(name, NAME), number=number, title=shown)


def _ids(ids: Sequence[str]) -> str:
    return ", ".join([*map(code, ids[:SHOWN_IDS]), *(["…"] if len(ids) > SHOWN_IDS else [])])
