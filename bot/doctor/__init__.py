"""`concierge doctor`: looks at the whole set-up, changes nothing, and says of what is wrong how to mend it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

from bot.doctor import discourse_checks, local, matrix_checks
from bot.doctor.finding import SIGNS, Check, Finding, Halt, SetupInfo, wrong

__all__ = ["AREAS", "SIGNS", "Finding", "SetupInfo", "examine"]

log = logging.getLogger(__name__)

AREAS: dict[str, tuple[Check, ...]] = {
    "knowledge": (local.knowledge, local.encoder),
    "store": (local.store, local.room),
    "matrix": (matrix_checks.examine,),
    "discourse": (discourse_checks.examine,),
    "web": (local.web_door, discourse_checks.webhook),
}
"""In this order: what the store remembers is needed for Matrix. An area with nothing to say is left out."""


async def examine(patient: SetupInfo) -> AsyncIterator[tuple[str, Finding]]:
    """Each finding with its area, as soon as it is known."""
    for area, checks in AREAS.items():
        for check in checks:
            async for finding in _guarded(check, patient):
                yield area, finding


async def _guarded(check: Check, patient: SetupInfo) -> AsyncIterator[Finding]:
    """Whatever a set-up is like, the other checks are made too."""
    try:
        async for finding in check(patient):
            yield finding
    except Halt as halt:
        yield halt.finding
    except Exception as error:
        log.debug("where it happened:", exc_info=True)
        yield wrong("unforeseen", error=f"{type(error).__name__}: {error}"[:300])
