"""Wait that a 429 asks for, from its Retry-After header or its body; and the Date header (RFC 9110).

The seconds travel as `RateLimited.after`. `backoff.py` obeys them when reading, `workers/sender.py` when posting.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST = 3600.0
"""Seconds: after an hour a server is asked again whatever it wants, or the bot would fall silent for good."""


def pause(header: str | None, seconds: object, unknown: float) -> float:
    """Return the seconds to wait after a 429, at most `LONGEST`.

    The Retry-After header decides (a number or a date, RFC 9110 section 10.2.3), else the `seconds` of the body, else
    `unknown`.
    """
    ways = (number(header), _until(header), number(seconds), unknown)
    return min(next(way for way in ways if way is not None), LONGEST)


def number(value: object) -> float | None:
    """Return a finite number, at least 0; None for anything else."""
    try:
        seconds = float(value)  # type: ignore[arg-type]  # whatever the server wrote
    except (TypeError, ValueError, OverflowError):
        return None
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def http_date(header: str | None) -> datetime | None:
    """Parse an HTTP date (RFC 9110 section 5.6.7); None for any other text."""
    try:
        date = parsedate_to_datetime(header or "")
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _until(header: str | None) -> float | None:
    date = http_date(header)
    return None if date is None else max((date - datetime.now(UTC)).total_seconds(), 0.0)
