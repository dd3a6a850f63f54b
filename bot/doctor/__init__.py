"""`concierge doctor`: looks at the whole set-up, changes nothing, and says of what is wrong how to mend it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

from bot.doctor import forum, homeserver, house
from bot.doctor.finding import SIGNS, Check, Finding, Halt, Patient, wrong

__all__ = ["AREAS", "SIGNS", "Finding", "Patient", "examine"]

log = logging.getLogger(__name__)

AREAS: dict[str, tuple[Check, ...]] = {
    "knowledge": (house.knowledge, house.encoder),
    "store": (house.store, house.room),
    "matrix": (homeserver.examine,),
    "discourse": (forum.examine,),
    "web": (house.web_door, forum.webhook),
}
"""In this order: what the store remembers is needed for Matrix. An area with nothing to say is left out."""


async def examine(patient: Patient) -> AsyncIterator[tuple[str, Finding]]:
    """Each finding with its area, as soon as it is known."""
    for area, checks in AREAS.items():
        for check in checks:
            async for finding in _guarded(check, patient):
                yield area, finding


async def _guarded(check: Check, patient: Patient) -> AsyncIterator[Finding]:
    """Whatever a set-up is like, the other checks are made too."""
    try:
        async for finding in check(patient):
            yield finding
    except Halt as halt:
        yield halt.finding
    except Exception as error:
        log.debug("where it happened:", exc_info=True)
        yield wrong("unforeseen", error=f"{type(error).__name__}: {error}"[:300])
