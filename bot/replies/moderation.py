"""What moderators read: the queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.replies import markdown
from bot.replies.dates import day
from bot.replies.drafts import Drafts
from bot.replies.figures import Numbers
from bot.replies.links import Addresses
from bot.replies.markdown import escape

SHOWN = 300  # characters of a question that are shown
LINKS = 3  # places where it was asked


@dataclass(frozen=True, slots=True)
class Shown:
    """An open question as moderators see it. `text` is None where its words are not for them, or not there."""

    number: int
    text: str | None
    askers: int
    since: datetime
    links: tuple[str, ...] = ()  # where it was asked, latest first


class Moderation(Drafts, Numbers, Addresses):
    # The queue

    def new_question(self, shown: Shown) -> str:
        """A note in the moderators' room, which can be replied to."""
        how = self._say("question_how", number=shown.number)
        return f"{self._say('question_new', question=self._question(shown))}\n{how}"

    def more_questions(self) -> str:
        return self._say("question_more")

    def open_questions(self, shown: Sequence[Shown], total: int, page: int, pages: int) -> str:
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

    def _row(self, shown: Shown) -> str:
        asked = self._say("asked_by_one" if shown.askers == 1 else "asked_by", people=shown.askers)
        since = self._say("asked_since", day=day(self._words, shown.since.astimezone(self._timezone)))
        return f"{self._question(shown)} · {asked}, {since}"

    def _question(self, shown: Shown) -> str:
        said = self._quoted_long(shown.text) if shown.text else self._say("question_private")
        where = [markdown.link(self._say("there"), link) for link in shown.links[:LINKS]]
        return " · ".join([self._say("question_number", number=shown.number, text=said), *where])

    def _quoted_long(self, text: str) -> str:
        return self._say("quoted", text=escape(markdown.clip(markdown.one_line(text), SHOWN)))
