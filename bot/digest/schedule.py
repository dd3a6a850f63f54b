"""Schedule of the weekly digest. Pure: the time is an argument.

Times are local: `09:00` is nine o'clock in summer and in winter. An hour that is skipped when the clocks go forward
moves by as much; of one that occurs twice the first counts.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

PREVIEW = time(18)  # when moderators see what the digest will ask, on the day before
CATCH_UP = timedelta(days=2)  # how late a digest is still posted if the bot was down


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """ISO 8601 week: it begins on Monday and belongs to the year of its Thursday."""

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

    @property
    def after(self) -> Self:
        return self.of(self.day(0) + timedelta(days=7))

    def __str__(self) -> str:
        return f"{self.year}-W{self.number:02}"


@dataclass(frozen=True, slots=True)
class Schedule:
    """Once a week on `weekday` (0: Monday) at the local time `at` of `zone`."""

    weekday: int
    at: time
    zone: ZoneInfo

    def local_day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def day(self, week: Week) -> date:
        return week.day(self.weekday)

    def moment(self, week: Week) -> datetime:
        """In UTC."""
        return datetime.combine(self.day(week), self.at, self.zone).astimezone(UTC)

    def last(self, now: datetime) -> Week:
        """The week of the latest moment up to now."""
        week = Week.of(self.local_day(now))
        return week if self.moment(week) <= now else week.before

    def next(self, now: datetime) -> datetime:
        """The first moment after now."""
        return self.moment(self.last(now).after)

    def preview_due(self, now: datetime) -> Week | None:
        """The week whose digest is to be posted next, if moderators may see now what it will ask."""
        week = self.last(now).after
        preview = datetime.combine(self.day(week) - timedelta(days=1), PREVIEW, self.zone).astimezone(UTC)
        return week if preview <= now else None

    def due(self, now: datetime, begun: datetime) -> Week | None:
        """The week whose digest may be posted now. Weeks before `begun`, the bot's first start, count as done."""
        week = self.last(now)
        moment = self.moment(week)
        return week if begun <= moment and now - moment <= CATCH_UP else None
