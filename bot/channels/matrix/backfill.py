"""What a sync left out of a room, read back beside the syncs, however long the homeserver takes for it.

Until a gap is closed nothing of its room is taken from the syncs: what is read back reaches up to the newest of them,
so that everything comes in order. Open gaps stand in the position that is kept: a crash forgets none.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.channels.backoff import Backoff
from bot.channels.matrix import event_parser
from bot.channels.matrix.client import Json, MatrixClient
from bot.channels.matrix.event_parser import Raw
from bot.channels.matrix.schema import sanitize_events as raw_events
from bot.messages import NetworkRefusal, RateLimited, Unreachable

log = logging.getLogger(__name__)

_PAGE = "500"
_PAGES = 400  # of one gap; a server that never ends must not fill the memory
HORIZON = timedelta(hours=6)
"""How far back a room is read in which the bot was before its first sync: older questions are not answered anyway."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Between two positions; without `since` it reaches back to our joining, or a few hours.

    `anew`: nothing is kept of what was before, and an earlier bot may have answered there already.
    """

    since: str | None
    until: str | None  # None: now
    anew: bool = False


class Backfill:
    """`since`: up to where the syncs are kept. `position`: that, and the open gaps by room, in one text."""

    def __init__(self, position: str | None) -> None:
        kept: Mapping[str, Any] = json.loads(position) if position and position.startswith("{") else {}
        self.since: str | None = kept.get("since", position)
        self.open: dict[str, Gap] = {room: Gap(*ends) for room, ends in kept.get("gaps", {}).items()}

    @property
    def position(self) -> str:
        if not self.open:
            return self.since or ""
        gaps = {room: list(astuple(gap)) for room, gap in self.open.items()}
        return json.dumps({"since": self.since, "gaps": gaps})

    def widen(self, room: str, gap: Gap) -> None:
        """There is one, or an open one has grown."""
        self.open[room] = replace(self.open.get(room, gap), until=gap.until)

    def close(self, room: str, gap: Gap) -> None:
        """It was read; what came since it was begun is a gap still."""
        now = self.open.pop(room)
        if now.until != gap.until:
            self.open[room] = Gap(gap.until, now.until)


async def read_back(server: MatrixClient, room: str, gap: Gap, us: str, filter: str) -> list[Raw]:
    """Everything in it, oldest first; nothing where we may no longer look. Waits for a homeserver that fails."""
    try:
        return await _pages(server, room, gap, us, filter)
    except NetworkRefusal as refusal:
        log.warning("what happened in %s cannot be read back from where we stood (%s)", room, refusal)
    try:
        return await _pages(server, room, Gap(None, None), us, filter)
    except NetworkRefusal:
        return []


async def _pages(server: MatrixClient, room: str, gap: Gap, us: str, filter: str) -> list[Raw]:
    found: list[Raw] = []
    backoff, before = Backoff(f"reading back in {room}"), gap.until
    for _ in range(_PAGES):
        page = await _page(server, room, gap, before, filter, backoff)
        chunk = raw_events(page.get("chunk"))
        found += chunk
        before = page.get("end")
        if not isinstance(before, str) or _far_enough(chunk, gap, us):
            break
    return found[::-1]


async def _page(server: MatrixClient, room: str, gap: Gap, before: str | None, filter: str, backoff: Backoff) -> Json:
    ends = {name: token for name, token in (("from", before), ("to", gap.since)) if token}
    query = {"dir": "b", "limit": _PAGE, "filter": filter} | ends
    while True:
        try:
            page = await server.call("GET", "rooms", room, "messages", query=query)
        except (Unreachable, RateLimited) as trouble:
            await backoff.wait(trouble)
        else:
            backoff.reset()
            return page


def _far_enough(chunk: list[Raw], gap: Gap, us: str) -> bool:
    if any(event_parser.is_join(raw, us) for raw in chunk):
        return True
    oldest = datetime.now(UTC) - HORIZON
    return gap.since is None and bool(chunk) and all(event_parser.parse_timestamp(raw) < oldest for raw in chunk)
