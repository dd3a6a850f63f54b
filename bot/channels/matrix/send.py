"""Outgoing events: their content, sending them, and lookup in the room of one that was sent before.

Client-Server API, "Sending events to a room" and "Transaction identifiers". A homeserver recognises a transaction id on
the same device only, Synapse for a day: after that, the same post would appear twice.
"""

import json
from collections.abc import AsyncIterator, Collection
from datetime import datetime, timedelta

from bot.channels.matrix.client import MatrixClient, require_text
from bot.channels.matrix.crypto.device import Device
from bot.channels.matrix.event_parser import parse_timestamp
from bot.channels.matrix.schema import Json, Raw, get_object
from bot.messages import Outgoing, OutgoingReaction, Removal, Reply
from bot.text.renderers import to_html, to_plain_text

MAX_CONTENT = 44_000
"""Bytes of an event's content. The whole event may take 65,536 ("Size limits"), and encryption makes four of three."""
POST_TYPES = ["m.room.message", "m.room.encrypted"]
_CLOCK_SKEW = timedelta(hours=1)  # between the homeserver and us
_PAGE = "100"  # events of a request


async def send_event(server: MatrixClient, device: Device, outgoing: Outgoing, transaction: str) -> str:
    """Send a redaction ("Redactions"), a post or a reaction, and return the event's id."""
    room = outgoing.room
    if isinstance(outgoing, Removal):
        answer = await server.call("PUT", "rooms", room, "redact", outgoing.target, transaction, body={})
        return require_text(answer, "event_id")
    return await put_event(server, device, room, *build_content(outgoing), transaction)


async def put_event(server: MatrixClient, device: Device, room: str, type: str, content: Json, transaction: str) -> str:
    """Send an event: never plain text into an encrypted room, but reactions are never encrypted, in any client."""
    if type != "m.reaction" and await device.is_encrypted(room):
        type, content = await device.encrypt(room, type, content)
    answer = await server.call("PUT", "rooms", room, "send", type, transaction, body=content)
    return require_text(answer, "event_id")


def build_content(outgoing: Reply | OutgoingReaction) -> tuple[str, Json]:
    """Return the event's type and content. A text too long for one event ends early, with `…`. Pure."""
    if isinstance(outgoing, OutgoingReaction):
        relates = {"rel_type": "m.annotation", "event_id": outgoing.target, "key": outgoing.key}
        return "m.reaction", {"m.relates_to": relates}
    content, text = _build_message(outgoing, outgoing.text), outgoing.text
    while (size := len(json.dumps(content, ensure_ascii=False).encode(errors="replace"))) > MAX_CONTENT and text:
        text = text[: int(len(text) * MAX_CONTENT / size * 0.9)]
        # At a nearby line's end, else at a blank.
        near = next((at for at in (text.rfind("\n"), text.rfind(" ")) if at > len(text) / 2), len(text))
        text = text[:near].rstrip()
        content = _build_message(outgoing, f"{text}\n\n…")
    return "m.room.message", content


async def find_sent(
    server: MatrixClient, bot_id: str, outgoing: Outgoing, transactions: Collection[str], since: datetime
) -> list[str]:
    """Return ids of our own posts that an attempt to send this may have made, likeliest first.

    First those with the same relation and one of these transactions; then others with the same relation, since a bot
    restored from a backup may word its reply otherwise; then redacted ones since `since`, which no longer show theirs.
    Reactions and removals are not looked up: a second one changes nothing.
    """
    if not isinstance(outgoing, Reply):
        return []
    posts = [raw async for raw in _fetch_own_posts(server, bot_id, outgoing.room, since - _CLOCK_SKEW)]
    # `unsigned.transaction_id` is shown to the device that sent the event, and to no other.
    attempts = [raw for raw in posts if raw.get("unsigned", {}).get("transaction_id") in (None, *transactions)]
    relates = get_object(build_content(outgoing)[1], "m.relates_to")
    alike = [raw for raw in posts if raw["content"] and get_object(raw, "content", "m.relates_to") == relates]
    same = [raw for raw in alike if raw in attempts]
    others = [raw for raw in alike if relates and raw not in attempts]
    redacted = [raw for raw in attempts if not raw["content"] and any(transactions) and parse_timestamp(raw) >= since]
    return [raw["event_id"] for raw in (*same, *others, *redacted)]


async def _fetch_own_posts(server: MatrixClient, bot_id: str, room: str, since: datetime) -> AsyncIterator[Raw]:
    """Yield own posts with GET /messages, newest first.

    Redacted events keep sender and type, so the filter finds them as well.
    """
    query = {"dir": "b", "limit": _PAGE, "filter": json.dumps({"senders": [bot_id], "types": POST_TYPES})}
    while True:
        page = await server.call("GET", "rooms", room, "messages", query=query)
        for raw in page.get("chunk", ()):
            if parse_timestamp(raw) < since:
                return
            yield raw
        if "end" not in page:
            return
        query["from"] = page["end"]


def _build_message(reply: Reply, text: str) -> Json:
    """Return the content of a post. Notices never ring; without `m.mentions` servers search the text for names ("User
    and room mentions")."""
    content: Json = {
        "msgtype": "m.notice" if reply.quiet else "m.text",
        "body": to_plain_text(text),
        "format": "org.matrix.custom.html",
        "formatted_body": to_html(text),
        "m.mentions": {"user_ids": list(reply.mentions)} if reply.mentions else {},
    }
    if reply.replaces:
        # "Event replacements", with an asterisk for clients that know no edits. Outside of `m.new_content`,
        # `m.mentions` holds only people to notify now: those of the original were already.
        return content | {
            "body": f"* {content['body']}",
            "formatted_body": f"* {content['formatted_body']}",
            "m.mentions": {},
            "m.new_content": content,
            "m.relates_to": {"rel_type": "m.replace", "event_id": reply.replaces},
        }
    # "Rich replies", without a quoted fallback (MSC2781), and "Threading". Under the thread's root the relation is a
    # fallback for clients without threads: the others would quote the root inside its own thread. Below another message
    # of a thread it is a reply, which all clients show as such.
    to = reply.to or reply.thread
    relates: Json = {"m.in_reply_to": {"event_id": to}} if to else {}
    if reply.thread:
        relates |= {"rel_type": "m.thread", "event_id": reply.thread, "is_falling_back": to == reply.thread}
    return content | ({"m.relates_to": relates} if relates else {})
