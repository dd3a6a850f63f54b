"""Every sentence that the bot says, in Markdown. Pure: days and times are arguments.

The words stand in locale/; what comes from knowledge files, names and quotes is escaped here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal

from bot.knowledge.models import Entry, Knowledge, Origin
from bot.matching import Match
from bot.messages import Topic
from bot.replies import blocks, markdown
from bot.replies.blocks import paragraphs
from bot.replies.digest_post import DigestReplies
from bot.replies.markdown import escape, shorten
from bot.replies.moderation import ModerationReplies
from bot.replies.sentences import ROOM

__all__ = ["AGREE", "CAPTURE", "CHOICES", "REFUSE", "QueueStatus", "Replies", "escape"]

AGREE, REFUSE, CAPTURE = "✅", "❌", "📝"
CHOICES = ("1️⃣", "2️⃣", "3️⃣")
QueueStatus = Literal["nothing", "queued", "offered", "offered_word"]
"""What becomes of a question without an answer; `offered`: moderators see it if the asker reacts so, or says so."""
UNKNOWN: dict[QueueStatus, str] = {
    "nothing": "unknown",
    "queued": "unknown_queued",
    "offered": "unknown_offered",
    "offered_word": "unknown_offered_word",
}


class Replies(ModerationReplies, DigestReplies):
    """What members read; the rest of it is for moderators."""

    quotes = False
    """Whether a reply repeats what it answers."""

    # Answers

    def answer(
        self, entries: Sequence[Entry], knowledge: Knowledge, today: date, *, late: datetime | None = None
    ) -> str:
        """One block for each entry; `late` is when the question was asked, if that was a while ago."""
        return self._bounded(self._late(late, today), *blocks.full(self._words, entries, knowledge, today, ROOM))

    def overheard(
        self, entries: Sequence[Entry], knowledge: Knowledge, today: date, *, late: datetime | None = None
    ) -> str:
        """An answer that nobody asked the bot for: it says so, and how to object."""
        return self._bounded(self.answer(entries, knowledge, today, late=late), self._say("overheard"))

    def short(self, entries: Sequence[Entry], where: str | None, today: date) -> str:
        """The same answer again, within the hour; `where` is the address of the first one."""
        above = self._say("above")
        shown = [blocks.short(self._words, entry, today) for entry in entries]
        return self._bounded(*shown, markdown.link(above, where) if where else above)

    def suggest(
        self,
        entries: Sequence[Entry],
        knowledge: Knowledge,
        today: date,
        *,
        answered: Sequence[Entry] = (),
        late: datetime | None = None,
    ) -> str:
        """Up to three entries to choose from, under the answers to those questions of the message that are sure."""
        known = blocks.full(self._words, answered, knowledge, today, ROOM - 2_000) if answered else []
        ask = "suggest_one" if len(entries) == 1 else "suggest"
        offers = [f"{key} {blocks.line(entry)}" for key, entry in zip(CHOICES, entries, strict=False)]
        how = self._choose(len(offers))
        return self._bounded(self._late(late, today), *known, self._say(f"{ask}_rest" if known else ask), *offers, how)

    def _choose(self, number: int) -> str:
        return self._say(f"choose_{number}")

    def with_rest(self, text: str, *, queued: bool) -> str:
        """A reply, and that the message asks something else to which there is no answer."""
        return self._bounded(text, self._say("rest_queued" if queued else "rest"))

    def unknown(
        self,
        *,
        then: QueueStatus,
        topics: Sequence[Topic] = (),
        late: datetime | None = None,
        today: date | None = None,
    ) -> str:
        """`topics` of the forum may help meanwhile.

        Without `today` a late question's day is always said.
        """
        found = [f"- {markdown.link(topic.title, topic.url)}" for topic in topics]
        elsewhere = "\n".join([self._say("on_the_forum"), "", *found]) if found else ""
        return paragraphs([self._late(late, today), self._say(UNKNOWN[then]), elsewhere])

    def rehearsal(self, link: str, reply: str, confidence: float) -> str:
        """For the moderators: what would have been said to the message at `link`."""
        said = self._say(
            "rehearsal", link=markdown.link(self._say("this_message"), link), confidence=self._p(confidence)
        )
        return self._bounded(said, markdown.quote(shorten(reply, ROOM - reply.count("\n") * 2)))

    # Manners

    def wrap(self, asked: str, text: str) -> str:
        """A reply as it stands in its place; `asked` is what it answers. In a chat that can be seen anyway."""
        return text

    def introduction(self, *, overhears: bool = True) -> str:
        """`overhears`: in this room it also answers questions that are put to nobody in particular."""
        return self._say("introduction", overhears=self._say("introduction_overhears") if overhears else "")

    def courtesy(self) -> str:
        """To a greeting, thanks, or nothing but a call."""
        return self._say("courtesy")

    def flood(self, window: timedelta) -> str:
        return self._say("flood", minutes=round(window.total_seconds() / 60))

    def undecryptable(self) -> str:
        return self._say("undecryptable")

    def not_readable(self) -> str:
        return self._say("not_readable")

    def held_up(self, link: str) -> str:
        return self._say("held_up", link=link)

    def renewed(self, losses: Sequence[str]) -> str:
        """`losses`: 'device', 'identity' or 'encryption' (`bot.messages.Loss`)."""
        return paragraphs([self._say(f"renewed_{loss}") for loss in losses])

    # Commands

    def help(self, commands: Sequence[str]) -> str:
        """What it can do, and these commands: their French names, as in the wording (`commands.aide_usage`)."""
        rows = [
            self._say("help_row", usage=self._usage(key), summary=self._command(key, "summary")) for key in commands
        ]
        return paragraphs([self._say("help"), "\n".join(rows), self._say("help_end")])

    def help_one(self, command: str) -> str:
        example = markdown.code(f"{self._always['call']} {self._command(command, 'example')}")
        return self._say(
            "help_one", usage=self._usage(command), summary=self._command(command, "summary"), example=example
        )

    def privacy(self, days: int) -> str:
        return self._say("privacy", days=days)

    def forgotten(self) -> str:
        return self._say("forgotten")

    def welcome_back(self) -> str:
        return self._say("welcome_back")

    def why(self, matches: Sequence[Match], origin: Origin | None) -> str:
        """Why the first match came up: likeness, words in common, where it stands; and which came second."""
        if not matches:
            return self._say("why_nothing")
        evidence = matches[0].evidence
        rows = [
            self._say("why", match=self._match(matches[0])),
            origin and self._say("why_where", where=escape(f"{origin.file}:{origin.line}")),
            evidence.phrasing and self._say("why_phrasing", phrasing=self._quoted(evidence.phrasing)),
            evidence.words and self._say("why_words", words=escape(", ".join(evidence.words))),
            self._say("why_likeness", lexical=self._p(evidence.lexical), semantic=self._p(evidence.semantic)),
            *(self._second(matches[0], second) for second in matches[1:2]),
        ]
        return shorten("\n".join(f"- {row}" for row in rows if row))

    def _second(self, best: Match, second: Match) -> str:
        return self._say("why_second", match=self._match(second), margin=self._p(best.confidence - second.confidence))

    def why_gone(self) -> str:
        return self._say("why_gone")

    def search_results(self, entries: Sequence[Entry]) -> str:
        if not entries:
            return self._say("search_nothing")
        return self._bounded(*(blocks.line(entry) for entry in entries))

    def hushed(self, until: datetime, today: date) -> str:
        return self._at("hushed", until, today)

    def no_right(self) -> str:
        return self._say("no_right")

    def unknown_command(self, name: str, likely: str | None) -> str:
        """`likely` is the name of the command that was probably meant."""
        values = {"command": self._quoted(name), "likely": likely}
        return self._say("unknown_command_likely" if likely else "unknown_command", **values)

    def reloaded(self, known: int, problems: Sequence[str] = ()) -> str:
        """`known` entries are in use now; `problems` are the warnings, as `file:line: sentence`."""
        return self._with_problems(self._say("reloaded_warned" if problems else "reloaded", known=known), problems)

    def not_reloaded(self, problems: Sequence[str]) -> str:
        """The files have errors; the answers from before stay in use."""
        return self._with_problems(self._say("not_reloaded"), problems)
