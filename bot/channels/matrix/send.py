"""From what the bot wants to say to the content of a Matrix event. Pure."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection, Iterable, Sequence, Set
from datetime import datetime, timedelta
from typing import Any

from bot.channels.matrix import event_parser, html
from bot.channels.matrix.client import MatrixClient
from bot.channels.matrix.event_parser import Raw
from bot.messages import Outgoing, OutgoingReaction, Reply

Json = dict[str, Any]

MAX_CONTENT = 44_000
"""Bytes of an event's content. A server takes 65,536 for the whole event, and encryption makes four of three."""


def build_content(outgoing: Reply | OutgoingReaction) -> tuple[str, Json]:
    """The event's type and content. A text too long for one event ends early, with `…`."""
    if isinstance(outgoing, OutgoingReaction):
        relates = {"rel_type": "m.annotation", "event_id": outgoing.target, "key": outgoing.key}
        return "m.reaction", {"m.relates_to": relates}
    made, text = _message(outgoing, outgoing.text), outgoing.text
    while (size := _size(made)) > MAX_CONTENT and text:
        text = _shorter(text, MAX_CONTENT / size)
        made = _message(outgoing, f"{text}\n\n…")
    return "m.room.message", made


def _message(reply: Reply, text: str) -> Json:
    said = {
        "msgtype": "m.notice" if reply.quiet else "m.text",
        "body": html.to_plain_text(text),
        "format": "org.matrix.custom.html",
        "formatted_body": html.to_html(text),
        "m.mentions": {"user_ids": list(reply.mentions)} if reply.mentions else {},
    }
    return _edit(reply.replaces, said) if reply.replaces else said | _relation(reply)


def _relation(reply: Reply) -> Json:
    answers = {"m.in_reply_to": {"event_id": reply.to}} if reply.to else {}
    if reply.thread:
        thread = {"rel_type": "m.thread", "event_id": reply.thread, "is_falling_back": False}
        return {"m.relates_to": thread | answers}
    return {"m.relates_to": answers} if answers else {}


def _edit(original: str, said: Json) -> Json:
    """The new words, and for clients that know no edits the same with an asterisk.

    Who is named in them was told already: outside of `m.new_content` stand only people to call now, and that is nobody.
    """
    return said | {
        "body": f"* {said['body']}",
        "formatted_body": f"* {said['formatted_body']}",
        "m.mentions": {},
        "m.new_content": said,
        "m.relates_to": {"rel_type": "m.replace", "event_id": original},
    }


def _shorter(text: str, part: float) -> str:
    """About this part of the text, cut at a line's end where one is near, else at a blank."""
    cut = text[: int(len(text) * part * 0.9)]
    for mark in ("\n", " "):
        place = cut.rfind(mark)
        if place > len(cut) / 2:
            return cut[:place].rstrip()
    return cut


def _size(made: Json) -> int:
    return len(json.dumps(made, ensure_ascii=False).encode(errors="replace"))


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
    relates = build_content(outgoing)[1].get("m.relates_to")
    same = [raw for raw in ours if raw["content"] and raw["content"].get("m.relates_to") == relates]
    alike = [raw for raw in found if relates and raw["content"].get("m.relates_to") == relates and raw not in ours]
    gone = [
        raw for raw in ours if not raw["content"] and any(transactions) and event_parser.parse_timestamp(raw) >= since
    ]
    return [*_ids(same), *_ids(alike), *_ids(gone)]


def drop_answered(happened: Sequence[Raw], us: str) -> list[Raw]:
    """For a room of which nothing is kept: without what an earlier bot of this account replied to already, the edits
    of that, and a coming in after which it spoke. Encrypted events, too, show what they answer. Pure.
    """
    ours = [place for place, raw in enumerate(happened) if raw.get("sender") == us and raw.get("type") in _TYPES]
    done = {event_parser.parse_relation(happened[place]["content"]).reply_to for place in ours}
    last = max(ours, default=-1)
    kept = [raw for place, raw in enumerate(happened) if place > last or not event_parser.is_join(raw, us)]
    return [raw for raw in kept if not _is_about(raw, done)]


def _is_about(raw: Raw, answered: Set[str | None]) -> bool:
    relation = event_parser.parse_relation(raw["content"])
    return raw.get("event_id") in answered or (relation.kind == "m.replace" and relation.target in answered)


async def _ours(server: MatrixClient, us: str, room: str, since: datetime) -> AsyncIterator[Raw]:
    """Newest first. Deleted ones keep sender and type, so the filter finds them too."""
    only = json.dumps({"senders": [us], "types": _TYPES})
    query = {"dir": "b", "limit": _PAGE, "filter": only}
    while True:
        page = await server.call("GET", "rooms", room, "messages", query=query)
        for raw in page.get("chunk", ()):
            if event_parser.parse_timestamp(raw) < since:
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
