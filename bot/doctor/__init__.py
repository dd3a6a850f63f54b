"""`concierge doctor`: checks the whole set-up, changes nothing, and explains how to fix each problem."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import Any

from bot.channels.channel_kind import ChannelInstance, Examination
from bot.channels.channel_kind import Check as ChannelCheck
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
    """Yield each finding with its area, as soon as it is known; the networks' checks need what the store's have
    read."""
    for area in ("settings", "knowledge", "store", *CHANNELS, "web"):
        for check in (*AREAS.get(area, ()), *_of_networks(area, setup)):
            async for finding in _guarded(check, setup):
                yield area, finding


def _of_networks(area: str, setup: SetupInfo) -> Iterator[Check]:
    for network in setup.settings.networks:
        if check := network.kind.checks.get(area):
            yield partial(_examine_network, check, network)


def _examine_network(
    check: ChannelCheck[Any], network: ChannelInstance[Any], setup: SetupInfo
) -> AsyncIterator[Finding]:
    web, has_room = setup.settings.web, setup.settings.has_moderators_room
    return check(network, Examination(setup.notes, setup.clock, web.host if web else None, has_room))


async def _guarded(check: Check, setup: SetupInfo) -> AsyncIterator[Finding]:
    """Run a check so that its error does not end the others."""
    try:
        async for finding in check(setup):
            yield finding
    except Halt as halt:
        yield halt.finding
    except Exception as error:
        log.debug("traceback:", exc_info=True)
        yield wrong("unforeseen", error=f"{type(error).__name__}: {error}"[:300])
