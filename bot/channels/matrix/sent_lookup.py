"""Looking in a room for what an earlier attempt to send, or an earlier bot whose store is lost, may have left there.

A homeserver knows a transaction id again on the same device and for some hours only; after that, the same post would
come twice.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection, Iterable, Sequence, Set
from datetime import datetime, timedelta

from bot.channels.matrix import event_parser, send
from bot.channels.matrix.client import MatrixClient
from bot.channels.matrix.event_parser import Raw
from bot.messages import Outgoing, Reply

_CLOCKS = timedelta(hours=1)  # how far the homeserver's clock may be from ours
_PAGE = "100"
_TYPES = ["m.room.message", "m.room.encrypted"]


async def find_sent(
    server: MatrixClient, us: str, outgoing: Outgoing, transactions: Collection[str], since: datetime
) -> list[str]:
    """Our own messages that point to the same event, those of these transactions first, for a bot that came back from
    a backup may word its reply otherwise; then those that were deleted and no longer tell. Of these, none from before.

    Marks and removals are not looked for: a second one changes nothing.
    """
    if not isinstance(outgoing, Reply):
        return []
    found = [raw async for raw in _ours(server, us, outgoing.room, since - _CLOCKS)]
    ours = [raw for raw in found if _may_be(raw, transactions)]
    relates = send.content(outgoing)[1].get("m.relates_to")
    same = [raw for raw in ours if raw["content"] and raw["content"].get("m.relates_to") == relates]
    alike = [raw for raw in found if relates and raw["content"].get("m.relates_to") == relates and raw not in ours]
    gone = [raw for raw in ours if not raw["content"] and any(transactions) and event_parser.moment(raw) >= since]
    return [*_ids(same), *_ids(alike), *_ids(gone)]


def unanswered(happened: Sequence[Raw], us: str) -> list[Raw]:
    """For a room of which nothing is kept: without what an earlier bot of this account replied to already, the edits
    of that, and a coming in after which it spoke. Encrypted events, too, show what they answer. Pure.
    """
    ours = [place for place, raw in enumerate(happened) if raw.get("sender") == us and raw.get("type") in _TYPES]
    done = {event_parser.relation(happened[place]["content"]).reply_to for place in ours}
    last = max(ours, default=-1)
    kept = [raw for place, raw in enumerate(happened) if place > last or not event_parser.is_join(raw, us)]
    return [raw for raw in kept if not _is_about(raw, done)]


def _is_about(raw: Raw, answered: Set[str | None]) -> bool:
    relation = event_parser.relation(raw["content"])
    return raw.get("event_id") in answered or (relation.kind == "m.replace" and relation.target in answered)


async def _ours(server: MatrixClient, us: str, room: str, since: datetime) -> AsyncIterator[Raw]:
    """Newest first. Deleted ones keep sender and type, so the filter finds them too."""
    only = json.dumps({"senders": [us], "types": _TYPES})
    query = {"dir": "b", "limit": _PAGE, "filter": only}
    while True:
        page = await server.call("GET", "rooms", room, "messages", query=query)
        for raw in page.get("chunk", ()):
            if event_parser.moment(raw) < since:
                return
            yield raw
        if "end" not in page:
            return
        query["from"] = page["end"]


def _may_be(raw: Raw, transactions: Collection[str]) -> bool:
    """The homeserver tells the transaction to the device that sent it."""
    told = raw.get("unsigned", {}).get("transaction_id")
    return told is None or told in transactions


def _ids(ours: Iterable[Raw]) -> list[str]:
    return [raw["event_id"] for raw in ours]
