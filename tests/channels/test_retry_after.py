"""How long a 429 asks to wait, on either network, and the pauses of a network that does not answer."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from bot.channels.backoff import Backoff, pause
from bot.messages import RateLimited, Unreachable

NEVER = "Fri, 31 Dec 9999 23:59:59 GMT"


def test_the_header_decides_then_the_body_up_to_an_hour() -> None:
    for header, body, seconds in (
        *(("3", 9, 3), (None, 1.5, 1.5), ("nan", 30, 30)),
        *((None, "NaN", 5), (None, 10**400, 5), (None, None, 5), ("soon", None, 5)),
        *((None, 10**12, 3600), ("1e308", None, 3600), (NEVER, None, 3600)),
        *(("-2", None, 0), (NEVER.replace("9999", "2001"), None, 0)),
    ):
        assert pause(header, body, unknown=5) == seconds, (header, body)
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert 50 < pause(soon, None, unknown=5) <= 60


async def test_pauses_grow_and_are_as_long_as_the_network_asks() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    backoff = Backoff("the network", first=1, longest=60, sleep=sleep)
    for trouble in (Unreachable("down"), Unreachable("down"), RateLimited(90), RateLimited(0)):
        await backoff.wait(trouble)
    assert 0.5 <= slept[0] <= 1 <= slept[1] <= 2
    assert (slept[2], 4 <= slept[3] <= 5) == (90, True)  # no hot loop where a limit asks for no time
