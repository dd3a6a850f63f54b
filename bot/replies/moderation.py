"""The figures of `!stats` in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.replies import markdown
from bot.replies.dates import day
from bot.replies.draft_notes import DraftReplies
from bot.replies.link_notes import LinkReplies
from bot.replies.markdown import code, escape
from bot.replies.sentences import Sentences

SHOWN_IDS = 10  # entries that are named


@dataclass(frozen=True, slots=True)
class EntryFeedback:
    id: str
    up: int
    down: int


@dataclass(frozen=True, slots=True)
class StatsSummary:
    """Of the last seven days: `answered`, `suggested`, `unknown`. `waiting`: open questions of this week, of this
    month, older."""

    answered: int
    suggested: int
    unknown: int
    judged: tuple[EntryFeedback, ...]
    doubtful: tuple[str, ...]
    unasked: tuple[str, ...]
    waiting: tuple[int, int, int]


class StatsReplies(Sentences):
    def stats(self, figures: StatsSummary) -> str:
        week, month, older = figures.waiting
        judged = [
            self._say("stats_one", id=code(one.id), up=one.up, down=one.down) for one in figures.judged[:SHOWN_IDS]
        ]
        rows = [
            self._say("stats_week", answered=figures.answered, suggested=figures.suggested, unknown=figures.unknown),
            self._say("stats_queue", total=sum(figures.waiting), week=week, month=month, older=older),
            self._say("stats_judged", entries=", ".join(judged)) if judged else "",
            self._say("stats_doubtful", entries=self._ids(figures.doubtful)) if figures.doubtful else "",
            self._say("stats_unasked", total=len(figures.unasked), entries=self._ids(figures.unasked))
            if figures.unasked
            else "",
        ]
        return self._bounded("\n".join(f"- {row}" for row in rows if row))

    def _ids(self, ids: Sequence[str]) -> str:
        shown = ", ".join(code(id) for id in ids[:SHOWN_IDS])
        return f"{shown}, …" if len(ids) > SHOWN_IDS else shown


SHOWN = 300  # characters of a question that are shown
LINKS = 3  # places where it was asked


@dataclass(frozen=True, slots=True)
class QueueRow:
    """An open question as moderators see it. `text` is None where its words are not for them, or not there."""

    number: int
    text: str | None
    askers: int
    since: datetime
    links: tuple[str, ...] = ()  # where it was asked, latest first


class ModerationReplies(DraftReplies, StatsReplies, LinkReplies):
    # The queue

    def new_question(self, shown: QueueRow) -> str:
        """A note in the moderators' room, which can be replied to."""
        how = self._say("question_how", number=shown.number)
        return f"{self._say('question_new', question=self._question(shown))}\n{how}"

    def more_questions(self) -> str:
        return self._say("question_more")

    def open_questions(self, shown: Sequence[QueueRow], total: int, page: int, pages: int) -> str:
        """A page of them; `total` are open."""
        if not shown:
            return self._say("questions_none")
        head = self._say("questions" if pages == 1 else "questions_page", total=total, page=page, pages=pages)
        rows = [self._row(question) for question in shown]
        how = self._say("questions_how", number=shown[0].number)
        more = self._say("questions_next", page=page + 1) if page < pages else ""
        return self._bounded(head, "\n".join(f"- {row}" for row in rows), how, more)

    def elsewhere(self) -> str:
        """A moderators' command, given among members."""
        return self._say("elsewhere")

    # Answers

    def answer_sent(self, number: int, rooms: int) -> str:
        key = "answer_sent" if rooms else "answer_sent_nowhere"
        return self._say(key, number=number)

    def no_open_question(self, number: int) -> str:
        return self._say("no_open_question", number=number)

    def no_such_page(self, pages: int) -> str:
        return self._say("questions_no_page", pages=pages)

    def _row(self, shown: QueueRow) -> str:
        asked = self._say("asked_by_one" if shown.askers == 1 else "asked_by", people=shown.askers)
        since = self._say("asked_since", day=day(self._words, shown.since.astimezone(self._timezone)))
        return f"{self._question(shown)} · {asked}, {since}"

    def _question(self, shown: QueueRow) -> str:
        said = self._quoted_long(shown.text) if shown.text else self._say("question_private")
        where = [markdown.link(self._say("there"), link) for link in shown.links[:LINKS]]
        return " · ".join([self._say("question_number", number=shown.number, text=said), *where])

    def _quoted_long(self, text: str) -> str:
        return self._say("quoted", text=escape(markdown.clip(markdown.one_line(text), SHOWN)))
