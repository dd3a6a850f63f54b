"""Rates on a clock of the test's own, and whom a request counts for."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from bot.pages.routes import MOST_VISITORS, SEARCHES, VisitorLimits, visitor


def test_a_burst_then_a_steady_pace() -> None:
    limits = VisitorLimits((2.0, 3), (1_000.0, 1_000))
    assert [limits.wait("a", 0.0) for _ in range(4)] == [0, 0, 0, pytest.approx(0.5)]
    assert limits.wait("a", 0.5) == 0


def test_what_is_refused_counts_for_nobody() -> None:
    limits = VisitorLimits(*SEARCHES)
    waits = [limits.wait("ana", 0.0) for _ in range(100)]
    assert waits.count(0) == 20  # all together, at once
    assert limits.wait("bob", 2.0) == 0


def test_one_visitor_leaves_room_for_others() -> None:
    limits = VisitorLimits(*SEARCHES)
    served = {"ana": 0, "bob": 0}
    for tick in range(600):  # a minute: Ana asks ten times a second, Bob once
        served["ana"] += limits.wait("ana", tick / 10) == 0
        if tick % 10 == 5:
            served["bob"] += limits.wait("bob", tick / 10) == 0
    assert served["bob"] == 60
    assert 2 * 60 <= served["ana"] <= 2 * 60 + 30


def test_only_so_many_visitors_are_remembered() -> None:
    limits = VisitorLimits((1.0, 1), (1e9, 1_000_000_000))
    assert [limits.wait(str(number), 0.0) for number in range(MOST_VISITORS + 1)] == [0] * (MOST_VISITORS + 1)
    assert limits.wait(str(MOST_VISITORS), 0.0) > 0
    assert limits.wait("0", 0.0) == 0  # forgotten
    assert MOST_VISITORS <= 100_000


PROXIES = tuple(map(ip_network, ("127.0.0.1/32", "10.0.0.0/8", "::1/128")))


@pytest.mark.parametrize(
    ("remote", "forwarded", "expected"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "203.0.113.9", "192.0.2.1"),  # no proxy of ours: it may say what it likes
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),  # made up by the visitor
        ("127.0.0.1", "203.0.113.9, 10.1.2.3", "203.0.113.9"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("127.0.0.1", "<script>" * 500, "127.0.0.1"),
        ("::1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::1", "2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "", "fe80::/64"),
        (None, "", "None"),
    ],
)
def test_whom_a_request_counts_for(remote: str | None, forwarded: str, expected: str) -> None:
    assert visitor(remote, forwarded, PROXIES) == expected
