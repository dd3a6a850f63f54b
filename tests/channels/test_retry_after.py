"""How long a 429 asks to wait, on either network."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from bot.channels.backoff import pause

NEVER = "Fri, 31 Dec 9999 23:59:59 GMT"


@pytest.mark.parametrize(
    ("header", "body", "seconds"),
    [
        *(("3", 9, 3), (None, 1.5, 1.5), ("nan", 30, 30)),
        *((None, "NaN", 5), (None, 10**400, 5), (None, None, 5), ("soon", None, 5)),
        *((None, 10**12, 3600), ("1e308", None, 3600), (NEVER, None, 3600)),
        *(("-2", None, 0), (NEVER.replace("9999", "2001"), None, 0)),
    ],
)
def test_the_header_decides_then_the_body_up_to_an_hour(header: str | None, body: object, seconds: float) -> None:
    assert pause(header, body, unknown=5) == seconds


def test_the_header_may_hold_a_date() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert 50 < pause(soon, None, unknown=5) <= 60
