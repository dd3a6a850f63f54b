"""The weeks, and the moment in each at which the digest is due. Pure: the time is an argument.

`09:00` means nine o'clock there, in summer and in winter. An hour that a week does not have (the clocks go forward)
comes as much later as is missing; one that it has twice counts the first time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

CATCH_UP = timedelta(days=2)
"""So much later a digest is still posted, when the bot was down at its hour."""


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """Of ISO 8601: it begins on Monday, and belongs to the year that its Thursday lies in."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Self:
        year, number, _ = day.isocalendar()
        return cls(year, number)

    def day(self, weekday: int) -> date:
        """`weekday`: 0 is Monday."""
        return date.fromisocalendar(self.year, self.number, weekday + 1)

    @property
    def before(self) -> Self:
        return self.of(self.day(0) - timedelta(days=7))

    def __str__(self) -> str:
        return f"{self.year}-W{self.number:02}"


@dataclass(frozen=True, slots=True)
class Schedule:
    """Once a week, `weekday` (0: Monday) at `at`, as the clocks of `zone` show it."""

    weekday: int
    at: time
    zone: ZoneInfo

    def moment(self, week: Week) -> datetime:
        """In UTC."""
        return datetime.combine(week.day(self.weekday), self.at, self.zone).astimezone(UTC)

    def last(self, now: datetime) -> Week:
        """The week whose moment was the latest one up to now."""
        week = Week.of(now.astimezone(self.zone).date())
        return week if self.moment(week) <= now else week.before

    def next(self, now: datetime) -> datetime:
        """The first moment after now."""
        return self.moment(_after(self.last(now)))

    def due(self, now: datetime, begun: datetime) -> Week | None:
        """The week whose digest may be posted now. `begun`: the bot's first start, before which all counts as done."""
        week = self.last(now)
        moment = self.moment(week)
        return week if begun <= moment and now - moment <= CATCH_UP else None


def _after(week: Week) -> Week:
    return Week.of(week.day(0) + timedelta(days=7))
