"""A length of time as people type it. Pure."""

from __future__ import annotations

import re
from datetime import timedelta

from bot.text.folding import fold

_UNITS = {"s": "seconds", "m": "minutes", "min": "minutes", "h": "hours", "j": "days", "d": "days"}


def duration(words: str) -> timedelta | None:
    """Parse '1h', '30 min' or '2 j', at most a month; None for anything else."""
    if not (match := re.fullmatch(r"(\d{1,3})\s*(s|m|min|h|j|d)", fold(words).strip())):
        return None
    return min(timedelta(**{_UNITS[match[2]]: int(match[1])}), timedelta(days=31))
