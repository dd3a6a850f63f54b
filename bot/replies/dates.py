"""Days, times and figures as people write them in the bot's language."""

from __future__ import annotations

from datetime import date, datetime

from bot.locale import Wording


def day(words: Wording, value: date) -> str:
    """'23 novembre', '1er mai'."""
    number = words("replies.first") if value.day == 1 else value.day
    return words("replies.day", day=number, month=words("replies.months").split()[value.month - 1])


def full_day(words: Wording, value: date) -> str:
    return words("replies.full_day", day=day(words, value), year=value.year)


def hour(words: Wording, at: datetime) -> str:
    """'14 h 05', as the clock of its own time zone shows it."""
    return words("replies.hour", hour=at.hour, minute=f"{at.minute:02}")


def probability(words: Wording, value: float) -> str:
    """'0,93'; rounded down, so that what missed a threshold does not look as if it reached it."""
    return f"{int(value * 100 + 1e-9) / 100:.2f}".replace(".", words("replies.decimal_mark"))
