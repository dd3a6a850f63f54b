"""Gaps that a sync left in a room (`limited: true`), read back beside the syncs, however long the homeserver takes.

Client-Server API, "Syncing": a gap is filled with GET /messages between two tokens. Until a gap is closed, no events of
its room are taken from the syncs: reading back reaches up to the newest of them, so that everything comes in order.
Open gaps are part of the stored position: a crash forgets none.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from bot.channels.backoff import Backoff
from bot.channels.matrix.client import MatrixClient
from bot.channels.matrix.event_parser import is_join, parse_relation, parse_timestamp
from bot.channels.matrix.schema import Raw, get_event_id, sanitize_events
from bot.channels.matrix.send import POST_TYPES
from bot.messages import NetworkRefusal

log = logging.getLogger(__name__)

_PAGE = "500"  # events of a request
_MAX_PAGES = 400  # of one gap; a server that never ends must not fill the memory
HORIZON = timedelta(hours=6)  # read back in a room joined before the first sync: older questions get no answer anyway


@dataclass(frozen=True, slots=True)
class Gap:
    """Gap between two tokens; without `since` it reaches back to our join, or to the horizon.

    `is_new`: nothing from before is stored, and an earlier bot may have answered there already.
    """

    since: str | None
    until: str | None  # None: now
    is_new: bool = False


class Backfill:
    """Open gaps by room. `since` is the token up to which syncs are stored; `position` is both in one text."""

    def __init__(self, position: str | None) -> None:
        stored: Mapping[str, Any] = json.loads(position) if position and position.startswith("{") else {}
        self.since: str | None = stored.get("since", position)
        self.open: dict[str, Gap] = {room: Gap(*values) for room, values in stored.get("gaps", {}).items()}

    @property
    def position(self) -> str:
        if not self.open:
            return self.since or ""
        gaps = {room: astuple(gap) for room, gap in self.open.items()}
        return json.dumps({"since": self.since, "gaps": gaps})

    def widen(self, room: str, gap: Gap) -> None:
        """Open this gap, or extend the open one to its end."""
        self.open[room] = replace(self.open.get(room, gap), until=gap.until)

    def close(self, room: str, gap: Gap) -> None:
        """Close a gap that was read; what a sync left out meanwhile stays open."""
        current = self.open.pop(room)
        if current.until != gap.until:
            self.open[room] = Gap(gap.until, current.until)


async def read_back(server: MatrixClient, room: str, gap: Gap, bot_id: str, filter: str) -> list[Raw]:
    """Return all events in a gap, oldest first; none if the bot may no longer look.

    Waits for a homeserver that fails.
    """
    try:
        return await _read_pages(server, room, gap, bot_id, filter)
    except NetworkRefusal as refusal:
        log.warning("cannot read %s back from the stored position (%s); reading the last hours", room, refusal)
    try:
        return await _read_pages(server, room, Gap(None, None), bot_id, filter)
    except NetworkRefusal:
        return []


def drop_answered(events: Sequence[Raw], bot_id: str) -> list[Raw]:
    """Drop events that an earlier bot of this account answered, edits of them, and a join that our posts follow. Pure.

    For a room of which nothing is stored. Encrypted events also show what they answer ("Forming relationships between
    events": `m.relates_to` in cleartext).
    """
    posts = {n: raw for n, raw in enumerate(events) if raw.get("sender") == bot_id and raw.get("type") in POST_TYPES}
    answered = {parse_relation(raw["content"]).reply_to for raw in posts.values()} - {None}
    last = max(posts, default=-1)
    new: list[Raw] = []
    for number, raw in enumerate(events):
        relation = parse_relation(raw["content"])
        edited = relation.target if relation.kind == "m.replace" else None
        is_answered = not answered.isdisjoint((get_event_id(raw, "event_id"), edited))
        if not is_answered and (number > last or not is_join(raw, bot_id)):
            new.append(raw)
    return new


async def _read_pages(server: MatrixClient, room: str, gap: Gap, bot_id: str, filter: str) -> list[Raw]:
    events: list[Raw] = []
    backoff, token = Backoff(f"reading back in {room}"), gap.until
    for _ in range(_MAX_PAGES):
        ends = {name: end for name, end in (("from", token), ("to", gap.since)) if end}
        query = {"dir": "b", "limit": _PAGE, "filter": filter} | ends
        page = await backoff.retry(partial(server.call, "GET", "rooms", room, "messages", query=query))
        chunk = sanitize_events(page.get("chunk"))
        events += chunk
        token, horizon = page.get("end"), datetime.now(UTC) - HORIZON
        is_old = gap.since is None and bool(chunk) and all(parse_timestamp(raw) < horizon for raw in chunk)
        if not isinstance(token, str) or is_old or any(is_join(raw, bot_id) for raw in chunk):
            break
    return events[::-1]
