"""Sentences from the wording: values filled in, dates and numbers in the bot's language, bounded in size."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.locale import Wording
from bot.matching import Match
from bot.text import markdown

ROOM = markdown.LIMIT - 700
"""UTF-8 bytes for entries; the rest is for the sentences around them."""


def day(words: Wording, value: date) -> str:
    """Return '23 novembre', '1er mai'."""
    number = words("replies.first") if value.day == 1 else value.day
    return words("replies.day", day=number, month=words("replies.months").split()[value.month - 1])


def full_day(words: Wording, value: date) -> str:
    return words("replies.full_day", day=day(words, value), year=value.year)


def month(words: Wording, value: date) -> str:
    """Return 'novembre 2026'."""
    return words("replies.full_day", day=words("replies.months").split()[value.month - 1], year=value.year)


def hour(words: Wording, at: datetime) -> str:
    """Return '14 h 05', in the time zone of `at`."""
    return words("replies.hour", hour=at.hour, minute=f"{at.minute:02}")


_WAITS = (1.5, 8, 16, 36, 60, 168)  # hours up to which each of `replies.waits` holds; the last has no end


def spoken_wait(words: Wording, wait: timedelta) -> str:
    """Return 'half a day', 'two days'."""
    return words("replies.waits").split(", ")[bisect_left(_WAITS, wait / timedelta(hours=1))]


_OPENED, _CLOSED = re.compile(r"«\s?"), re.compile(r"\s?»")


@dataclass(eq=False)
class Sentences:
    """The base of all replies. `name`: of the bot; `prefix`: of its commands; `timezone`: of its readers.

    `team`: name of the moderators' group on a forum, if there is one. `contact`: a person whom readers can reach.
    `pages`: address of an answer's page with `{id}` in it, empty if there are none. `reacts`: people can put an emoji
    under a post, so sentences may mention it. `has_team`: moderators see questions, so sentences may promise it.
    """

    words: Wording
    name: str
    prefix: str
    timezone: ZoneInfo
    team: str | None = None
    _: KW_ONLY
    contact: str = ""
    pages: str = ""
    reacts: bool = True
    has_team: bool = True

    def __post_init__(self) -> None:
        self._variants = ("" if self.has_team else "_no_team", "" if self.reacts else "_word")
        self._call = f"{self.prefix}{self.name.casefold()}"

    def say(self, key: str, **values: object) -> str:
        """Return a sentence of `replies`. `values` are inserted as they are: people's text must be escaped before."""
        for variant in self._variants:
            if f"replies.{key}{variant}" in self.words:
                key += variant
        always = {"name": markdown.escape(self.name), "call": self._call, "prefix": self.prefix}
        return self.words(f"replies.{key}", **{**always, **values})

    def _typed(self, command: str, *, is_short: bool) -> str:
        """Return a command as it is typed. `is_short`: the bot's name may be left out."""
        return f"{self.prefix}{command}" if is_short else f"{self._call} {command}"

    def _join(self, *parts: str) -> str:
        """Join paragraphs, shortened to the size of a reply."""
        return markdown.shorten(markdown.paragraphs(parts))

    def _list(self, head: str, rows: Sequence[str], most: int = 100) -> str:
        """Return a heading, the first rows, and the number of the others; empty without rows."""
        if not rows:
            return ""
        more = [self.say("more_rows", number=len(rows) - most)] if len(rows) > most else []
        return "\n".join([head, "", *(f"- {row}" for row in [*rows[:most], *more])])

    def _say_at(self, key: str, moment: datetime, today: date) -> str:
        """Say a sentence with the hour of the moment, and with its day unless that is today."""
        local = moment.astimezone(self.timezone)
        key, said = key if local.date() == today else f"{key}_day", day(self.words, local)
        return self.say(key, hour=hour(self.words, local), day=said)

    def _day(self, moment: datetime) -> str:
        return day(self.words, moment.astimezone(self.timezone))

    def _quote(self, text: str, length: int = markdown.TITLE) -> str:
        """Quote a text; French quotation marks inside become English ones."""
        inner = _OPENED.sub("“", _CLOSED.sub("”", text))
        return self.say("quoted", text=markdown.excerpt(inner, length))

    def _match(self, match: Match) -> str:
        confidence = self.words.confidence(match.confidence)
        return self.say("match", title=self._quote(match.title), id=markdown.code(match.id), confidence=confidence)

    def _with_problems(self, text: str, problems: Sequence[str]) -> str:
        """Add problems: each `file:line: sentence`, perhaps with corrected lines below, to be pasted as they are."""
        rows = []
        for problem in problems:
            said, _, correction = problem.partition("\n")
            place, _, sentence = said.partition(": ")
            block = f"\n{markdown.code_block(correction)}\n" if correction else ""
            rows.append(f"{markdown.code(place)}: {markdown.escape(sentence)}\n{block}")
        return self._join(text, markdown.fit_rows(rows, ROOM))
