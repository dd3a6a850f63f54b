"""How sentences are made of the wording: filled in, dated, and kept short enough."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.locale import Wording
from bot.matching import Match
from bot.replies import blocks, markdown
from bot.replies.blocks import paragraphs
from bot.replies.dates import day, hour, probability
from bot.replies.markdown import escape, shorten

ROOM = markdown.LIMIT - 700
"""UTF-8 bytes for entries; the rest is for the sentences around them."""


class Sentences:
    """`name` is what the bot is called, `prefix` what begins a command; `timezone` is the readers'."""

    def __init__(self, words: Wording, name: str, prefix: str, timezone: ZoneInfo) -> None:
        self._words = words
        self._timezone = timezone
        self._always = {"name": escape(name), "call": f"{prefix}{name.casefold()}", "prefix": prefix}

    def _say(self, key: str, **values: object) -> str:
        return self._words(f"replies.{key}", **{**self._always, **values})

    def _command(self, command: str, part: str) -> str:
        return self._words(f"commands.{command}_{part}")

    def _usage(self, command: str) -> str:
        return markdown.code(f"{self._always['call']} {self._command(command, 'usage')}")

    def _bounded(self, *parts: str) -> str:
        return shorten(paragraphs(parts))

    def _late(self, asked: datetime | None, today: date | None) -> str:
        return self._at("late", asked, today) if asked else ""

    def _at(self, key: str, moment: datetime, today: date | None) -> str:
        """The sentence with its hour; with its day, where that is not today."""
        local = moment.astimezone(self._timezone)
        if local.date() == today:
            return self._say(key, hour=hour(self._words, local))
        return self._say(f"{key}_day", hour=hour(self._words, local), day=day(self._words, local))

    def _p(self, confidence: float) -> str:
        return probability(self._words, confidence)

    def _quoted(self, text: str) -> str:
        return self._say("quoted", text=escape(markdown.clip(markdown.one_line(text), blocks.TITLE)))

    def _match(self, match: Match) -> str:
        return self._say(
            "match", title=self._quoted(match.title), id=markdown.code(match.id), confidence=self._p(match.confidence)
        )

    def _with_problems(self, said: str, problems: Sequence[str]) -> str:
        return self._bounded(said, markdown.code_block(blocks.fitting(problems, ROOM)) if problems else "")
