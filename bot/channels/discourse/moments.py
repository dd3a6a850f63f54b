"""When things happened, as a forum says it: what makes no sense counts as very old."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import AfterValidator

LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2096, 1, 1, tzinfo=UTC)


def _sensible(moment: datetime) -> datetime:
    """Beyond these no database and no time zone of a reader is sure to hold it."""
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment if LONG_AGO < moment < _LATEST else LONG_AGO


Moment = Annotated[datetime, AfterValidator(_sensible)]
