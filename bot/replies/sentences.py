"""Sentences from the wording: values filled in, dates and numbers in the bot's language, bounded in size."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.locale import Wording
from bot.matching import Match
from bot.text import markdown
from bot.text.markdown import escape, paragraphs, shorten

ROOM = markdown.LIMIT - 700
"""UTF-8 bytes for entries; the rest is for the sentences around them."""


def day(words: Wording, value: date) -> str:
    """Return '23 novembre', '1er mai'."""
    number = words("replies.first") if value.day == 1 else value.day
    return words("replies.day", day=number, month=words("replies.months").split()[value.month - 1])


def full_day(words: Wording, value: date) -> str:
    return words("replies.full_day", day=day(words, value), year=value.year)


def hour(words: Wording, at: datetime) -> str:
    """Return '14 h 05', in the time zone of `at`."""
    return words("replies.hour", hour=at.hour, minute=f"{at.minute:02}")


_OPENED, _CLOSED = re.compile(r"«\s?"), re.compile(r"\s?»")


class Sentences:
    """The base of all replies. `name`: of the bot; `prefix`: of its commands; `timezone`: of its readers.

    `contact`: a person whom readers can reach. `pages`: address of an answer's page with `{id}` in it, empty if there
    are none. `reacts`: people can put an emoji under a post, so sentences may mention it. `has_team`: moderators see
    questions, so sentences may promise it.
    """

    def __init__(
        self,
        words: Wording,
        name: str,
        prefix: str,
        timezone: ZoneInfo,
        *,
        contact: str = "",
        pages: str = "",
        reacts: bool = True,
        has_team: bool = True,
    ) -> None:
        self._words, self._has_team = words, has_team
        self._variants = ("" if has_team else "_no_team", "" if reacts else "_word")
        self._timezone = timezone
        self._contact, self._pages = escape(contact), pages
        self._always = {"name": escape(name), "call": f"{prefix}{name.casefold()}", "prefix": prefix}

    def say(self, key: str, **values: object) -> str:
        """Return a sentence of `replies`. `values` are inserted as they are: people's text must be escaped before."""
        for variant in self._variants:
            if f"replies.{key}{variant}" in self._words:
                key += variant
        return self._words(f"replies.{key}", **{**self._always, **values})

    def _command(self, command: str, part: str) -> str:
        return self._words(f"commands.{command}_{part}")

    def _typed(self, command: str, part: str, *, is_short: bool) -> str:
        """Return a command as it is typed. `is_short`: the bot's name may be left out."""
        start = self._always["prefix"] if is_short else f"{self._always['call']} "
        return markdown.code(f"{start}{self._command(command, part)}")

    def command_name(self, command: str) -> str:
        """Return the name of a command in the bot's language. `command`: its French name."""
        return self._command(command, "usage").partition(" ")[0]

    def _summary(self, command: str) -> str:
        return self._command(command, "summary")

    def _join(self, *parts: str) -> str:
        """Join paragraphs, shortened to the size of a reply."""
        return shorten(paragraphs(parts))

    def _late(self, question: datetime | None, today: date | None) -> str:
        return self._say_at("late", question, today) if question else ""

    def _say_at(self, key: str, moment: datetime, today: date | None) -> str:
        """Say a sentence with the hour of the moment, and with its day unless that is today."""
        local = moment.astimezone(self._timezone)
        if local.date() == today:
            return self.say(key, hour=hour(self._words, local))
        return self.say(f"{key}_day", hour=hour(self._words, local), day=day(self._words, local))

    def _day(self, moment: datetime) -> str:
        return day(self._words, moment.astimezone(self._timezone))

    def _quote(self, text: str, length: int = markdown.TITLE) -> str:
        """Quote a text; French quotation marks inside become English ones."""
        inner = _OPENED.sub("“", _CLOSED.sub("”", text))
        return self.say("quoted", text=markdown.excerpt(inner, length))

    def _match(self, match: Match) -> str:
        confidence = self._words.confidence(match.confidence)
        return self.say("match", title=self._quote(match.title), id=markdown.code(match.id), confidence=confidence)

    def _with_problems(self, text: str, problems: Sequence[str]) -> str:
        return self._join(text, markdown.fit_rows([_problem(one) for one in problems], ROOM))


def _problem(said: str) -> str:
    """Format a problem: `file:line: sentence`, perhaps with corrected lines below, to be pasted as they are."""
    sentence, _, correction = said.partition("\n")
    place, _, sentence = sentence.partition(": ")
    row = f"{markdown.code(place)}: {markdown.escape(sentence)}\n"
    return f"{row}\n{markdown.code_block(correction)}\n" if correction else row
