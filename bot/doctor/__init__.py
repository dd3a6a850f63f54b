"""`concierge doctor`: checks the whole set-up, changes nothing, and explains how to fix each problem."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable

from bot.channels.channel_kind import Examination
from bot.channels.findings import SIGNS, Finding, Halt, wrong
from bot.channels.registry import CHANNELS
from bot.doctor import local
from bot.doctor.local import SetupInfo

log = logging.getLogger(__name__)

Check = Callable[[SetupInfo], AsyncIterator[Finding]]

AREAS: dict[str, tuple[Check, ...]] = {
    "settings": (local.team, local.secrets),
    "knowledge": (local.knowledge, local.encoder, local.confidence),
    "store": (local.store, local.disk_space),
    "web": (local.web_server, local.reader_pages),
}
"""The checks of this machine, by area of the report. Each network adds its own."""


async def examine(setup: SetupInfo) -> AsyncIterator[tuple[str, Finding]]:
    """Yield each finding with its area, as soon as it is known. An error of one check does not end the others.

    The networks' checks need what the store's have read.
    """
    settings = setup.settings
    host = settings.web.host if settings.web else None
    for area in ("settings", "knowledge", "store", *CHANNELS, "web"):
        checks = [check(setup) for check in AREAS.get(area, ())]
        for network in settings.networks:
            if check := network.kind.checks.get(area):
                facts = Examination(setup.notes, setup.clock, host, settings.has_moderators_room)
                checks.append(check(network, facts))
        for findings in checks:
            try:
                async for finding in findings:
                    yield area, finding
            except Halt as halt:
                yield area, halt.finding
            except Exception as error:
                log.debug("traceback:", exc_info=True)
                yield area, wrong("unforeseen", error=f"{type(error).__name__}: {error}"[:300])
