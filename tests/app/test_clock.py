"""Which time it is, on a machine whose clock is wrong or jumps; test_trouble.py shows what members see of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.app.clock import ClockJumps, SkewedClock

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_jump_is_said_once_and_a_gentle_correction_never() -> None:
    steadiness = ClockJumps(NOW, 100)
    hour = timedelta(hours=1)
    looks = [(timedelta(seconds=10), 110), (hour, 120), (hour + timedelta(seconds=10), 130), (timedelta(), 140)]
    jumps = [round(steadiness.jump(NOW + ahead, at).total_seconds()) for ahead, at in looks]
    assert jumps == [0, 3580, 0, -3620]
    assert not steadiness.is_steady(150, 3600)
    assert steadiness.is_steady(140 + 3600, 3600)


def test_the_time_is_the_machines_until_that_is_far_from_what_the_network_says() -> None:
    machine, seconds = NOW, 100.0
    time = SkewedClock(lambda: machine, lambda: seconds)
    assert time() == NOW
    time.on_server_time(NOW + timedelta(seconds=30))
    assert time() == NOW
    machine, seconds = NOW + timedelta(hours=10), 110.0
    assert time() == NOW + timedelta(seconds=40)
    assert time.ahead == timedelta(hours=10) - timedelta(seconds=40)
    time.on_server_time(machine)
    assert time() == machine
