"""How long a 429 asks to wait, on either network, and the pauses of a network that does not answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from bot.channels.backoff import Backoff, pause
from bot.messages import RateLimited, Unreachable


@pytest.mark.parametrize(
    ("header", "body", "seconds"),
    [
        ("3", 9, 3),
        (None, 1.5, 1.5),
        (None, "NaN", 5),
        (None, 10**400, 5),
        (None, None, 5),
        ("nan", 30, 30),
        ("soon", None, 5),
        ("-2", None, 0),
        (None, 10**12, 3600),
        ("1e308", None, 3600),
        ("Fri, 31 Dec 9999 23:59:59 GMT", None, 3600),
        (format_datetime(datetime(2001, 1, 1, tzinfo=UTC), usegmt=True), None, 0),
    ],
)
def test_the_header_decides_then_the_body_up_to_an_hour(header: str | None, body: object, seconds: float) -> None:
    assert pause(header, body, unknown=5) == seconds


def test_the_header_may_hold_a_date() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert 50 < pause(soon, None, unknown=5) <= 60


async def test_a_step_is_repeated_until_it_succeeds_ever_more_slowly_and_as_late_as_it_is_told() -> None:
    slept: list[float] = []
    troubles = [Unreachable("down"), Unreachable("down"), RateLimited(90), RateLimited(0)]

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def step() -> str:
        if troubles:
            raise troubles.pop(0)
        return "done"

    assert await Backoff("the network", first=1, longest=60, sleep=sleep).retry(step) == "done"
    assert 0.5 <= slept[0] <= 1 <= slept[1] <= 2
    assert (slept[2], 4 <= slept[3] <= 5) == (90, True)  # no hot loop where a limit asks for no time
