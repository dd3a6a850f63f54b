"""Once a week at the hour that the clocks there show, whatever the clocks do."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.digest.schedule import Schedule, Week

ZONES = ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca"]
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (given a zone)


def schedule(weekday: int, at: str, zone: str = "Europe/Paris") -> Schedule:
    return Schedule(weekday, time.fromisoformat(at), ZoneInfo(zone))


def test_the_moment_of_a_week() -> None:
    for weekday, at, zone, week, utc in (
        (0, "09:00", "Europe/Paris", Week(2026, 48), "2026-11-23T08:00"),  # winter
        (0, "09:00", "Europe/Paris", Week(2026, 27), "2026-06-29T07:00"),  # summer
        (6, "02:30", "Europe/Paris", Week(2026, 13), "2026-03-29T01:30"),  # 02:30 does not exist: 03:30 there
        (6, "02:30", "Europe/Paris", Week(2026, 43), "2026-10-25T00:30"),  # twice: the first one
        (0, "00:00", "Europe/Paris", Week(2026, 53), "2026-12-27T23:00"),  # a year with 53 weeks
        (6, "23:59", "Europe/Paris", Week(2026, 53), "2027-01-03T22:59"),
        (0, "09:00", "Europe/Paris", Week(2027, 1), "2027-01-04T08:00"),
        (0, "09:00", "Europe/Paris", Week(2025, 1), "2024-12-30T08:00"),  # its Monday lies in the year before
        (6, "02:30", "Australia/Lord_Howe", Week(2026, 14), "2026-04-04T16:00"),
        (0, "09:00", "Pacific/Noumea", Week(2026, 48), "2026-11-22T22:00"),
    ):
        assert schedule(weekday, at, zone).moment(week) == datetime.fromisoformat(utc).replace(tzinfo=UTC), week


@given(st.sampled_from(ZONES), st.integers(0, 6), st.times(), MOMENTS)
def test_moments_follow_each_other_week_by_week(zone: str, weekday: int, at: time, now: datetime) -> None:
    here = Schedule(weekday, at, ZoneInfo(zone))
    last, following = here.moment(here.last(now)), here.next(now)
    assert last <= now < following
    assert timedelta(days=6, hours=21) <= following - last <= timedelta(days=8)
    assert here.last(following) == Week.of(here.last(now).day(0) + timedelta(days=7))
