"""The same sentences on a forum, where a reply stands among posts: it says what it answers, that a program wrote it,
and how to call a person. Nobody reacts there with an emoji."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.knowledge.models import Entry, Knowledge
from bot.locale import Wording
from bot.replies import Replies, markdown
from bot.replies.blocks import paragraphs

ASKED = 300  # characters of a question that are repeated


class ForumReplies(Replies):
    """`team`: the name of the moderators' group on the forum, if there is one."""

    quotes = True

    def __init__(self, words: Wording, name: str, prefix: str, timezone: ZoneInfo, team: str | None = None) -> None:
        super().__init__(words, name, prefix, timezone)
        self._team = team

    def wrap(self, asked: str, text: str) -> str:
        line = markdown.escape(markdown.clip(markdown.one_line(asked), ASKED))
        call = self._say("call_team", team=markdown.code(f"@{self._team}")) if self._team else self._say("call_person")
        return paragraphs([markdown.quote(line), text, self._say("forum_end", call=call)])

    def overheard(
        self, entries: Sequence[Entry], knowledge: Knowledge, today: date, *, late: datetime | None = None
    ) -> str:
        return self.answer(entries, knowledge, today, late=late)

    def _choose(self, number: int) -> str:
        return self._say("choose_link")
