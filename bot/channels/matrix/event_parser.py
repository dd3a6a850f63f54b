"""Conversion of a raw Matrix event to an `Event` of the journal, and of that to its meaning. Pure.

Client-Server API, "Room event format", "Instant Messaging", "Event replacements", "Threading", "Redactions". Users that
a message names: "User and room mentions" (`m.mentions`, MSC3952) and, from clients that do not send it, links to users
("pills": Appendices, "Matrix URI scheme" and "matrix.to navigation").
"""

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import unquote

from bot.channels.matrix.schema import Raw, get_event_id, get_id, get_object, get_text
from bot.messages import NOWHERE, UNDATED, Edit, Event, Kind, Listen, Message, Venue
from bot.text.html import links

CHANNEL = "matrix"
ENCRYPTED = "m.room.encrypted"
VERIFICATION = "m.key.verification."
_VERIFICATION_TYPES = tuple(VERIFICATION + one for one in ("ready", "start", "accept", "key", "mac", "done", "cancel"))
STICKER = "m.sticker"
EVENT_TYPES = ("m.room.message", ENCRYPTED, STICKER, "m.reaction", "m.room.redaction", *_VERIFICATION_TYPES)
"""Types of events by which people speak or act."""
LATEST_EDIT = "concierge.newest"  # our own key in an event that was fetched again: its latest edit

_FILES = ("m.image", "m.file", "m.audio", "m.video")
_DROPPED_KEYS = {"unsigned", LATEST_EDIT}  # the first may hold other people's text
_MAX_TIMESTAMP = 4_000_000_000_000  # milliseconds; the year 2096
_USER = re.compile(r"(?:https?://matrix\.to/#/|matrix:u/)(@?[^?/]+)", re.IGNORECASE)
_GREETING = 20  # characters that may stand before a pill that is a vocative
_QUOTE = re.compile(r"\A(?:>.*\n)+\n?")


@dataclass(frozen=True, slots=True)
class RoomRole:
    """A room's role for the bot."""

    listen: Listen
    direct: bool = False
    private: bool = False
    moderators: bool = False
    encrypted: bool = False
    venue: Venue = NOWHERE


@dataclass(frozen=True, slots=True)
class Relation:
    """`m.relates_to` ("Forming relationships between events"): `kind` is the rel_type, `target` its event."""

    kind: str | None
    target: str | None
    reply_to: str | None  # the event that it answers; not the thread's last one, put in for old clients
    is_reply: bool  # of either kind: the text may begin with a quote


def parse_relation(content: Raw) -> Relation:
    """Parse the relation of a content.

    In a thread `m.in_reply_to` may be a fallback for old clients ("Threading": `is_falling_back`), no real reply.
    """
    relates = get_object(content, "m.relates_to")
    reply_to = get_event_id(get_object(relates, "m.in_reply_to"), "event_id")
    kind = get_text(relates, "rel_type")
    is_fallback = kind == "m.thread" and relates.get("is_falling_back") is True
    return Relation(kind, get_event_id(relates, "event_id"), None if is_fallback else reply_to, reply_to is not None)


def parse_timestamp(raw: Raw) -> datetime:
    """Parse `origin_server_ts`, in milliseconds. Other servers write it: an invalid one counts as very old."""
    milliseconds = raw.get("origin_server_ts")
    if not isinstance(milliseconds, int) or not 0 <= milliseconds <= _MAX_TIMESTAMP:
        return UNDATED
    return UNDATED + timedelta(milliseconds=milliseconds)


def parse_event(raw: Raw, room: str) -> Event | None:
    """Return the journal's row; None for anything that is not a post, an edit, a reaction or a redaction."""
    row = None if "state_key" in raw else _classify(raw, get_object(raw, "content"))
    return make_event(raw, room, *row) if row else None


def find_verification_step(raw: Raw) -> str | None:
    """Return the step, `request`, `start`, …; None for no verification ("Key verification framework").

    The event is from a room or a device; in a room the request is a message.
    """
    type, content = raw.get("type"), get_object(raw, "content")
    step = (content.get("msgtype") if type == "m.room.message" else type) or ""
    is_step = isinstance(step, str) and step in (f"{VERIFICATION}request", *_VERIFICATION_TYPES)
    return step.removeprefix(VERIFICATION) if is_step else None


def make_event(raw: Raw, room: str, kind: Kind, relates_to: str | None = None) -> Event | None:
    """Return the journal's row; None for an event without a valid id or sender. `joined`: the bot's own join."""
    id, sender = get_event_id(raw, "event_id"), get_id(raw, "sender")
    if id is None or sender is None:
        return None
    content = json.dumps({key: value for key, value in raw.items() if key not in _DROPPED_KEYS}, ensure_ascii=False)
    return Event(CHANNEL, id, room, sender, kind, parse_timestamp(raw), content, relates_to)


def has_membership(raw: Raw, user: str, membership: str) -> bool:
    """Whether it is the m.room.member event that gives the user this membership ("Room membership")."""
    state = (raw.get("type"), raw.get("state_key"), get_object(raw, "content").get("membership"))
    return state == ("m.room.member", user, membership)


def is_join(raw: Raw, user: str) -> bool:
    """Whether the user joins here. A new name or picture looks alike, but `prev_content` is a join already."""
    previous = get_object(raw, "unsigned", "prev_content").get("membership")
    return has_membership(raw, user, "join") and previous != "join"


def drop_before_join(events: Sequence[Raw], user: str, is_direct: bool) -> Sequence[Raw]:
    """Drop the events before the user's join.

    In a direct room the invitation counts: many clients send the first question right behind it.
    """
    joins = [number for number, raw in enumerate(events) if is_join(raw, user)]
    if not joins:
        return events
    before = enumerate(events[: joins[-1]]) if is_direct else ()
    invitations = [number for number, raw in before if has_membership(raw, user, "invite")]
    return events[invitations[-1] if invitations else joins[-1] :]


def is_relevant(event: Event, bot_id: str, ignored: Collection[str]) -> bool:
    """Whether an event counts: not the bot's own or other bots', except redactions, which moderation bots may make."""
    if event.kind in ("joined", "key"):
        return True
    return event.sender != bot_id and (event.kind == "redaction" or event.sender not in ignored)


def parse_message(event: Event, content: Raw, role: RoomRole, bot_id: str) -> Message | None:
    """Parse decrypted content; None for a notice (never answered: "Instant Messaging", m.notice) or no text.

    In a direct room a file, picture, voice message or sticker (which alone has no `msgtype`) is a message without text.
    """
    is_file = role.direct and content.get("msgtype", _FILES[0]) in _FILES
    if not is_file and (content.get("msgtype") != "m.text" or not isinstance(content.get("body"), str)):
        return None
    relation, pills = parse_relation(content), get_pills(content)
    vocative = next((pill for pill in pills if pill.user == bot_id and len(pill.before.strip()) <= _GREETING), None)
    users = get_mentioned_users(content, pills, vocative)
    return Message(
        channel=event.channel,
        id=event.id,
        room=event.room,
        sender=event.sender,
        text="" if is_file else strip_body(content["body"], relation.is_reply, vocative),
        is_file=is_file,
        sent=event.sent,
        direct=role.direct,
        private=role.private,
        moderators_room=role.moderators,
        listen=role.listen,
        mentions_bot=bot_id in users,
        mentions_others=bool(users - {bot_id, event.sender}),
        reply_to=relation.reply_to,
        thread=relation.target if relation.kind == "m.thread" else None,
        venue=role.venue,
        unencrypted=role.encrypted and json.loads(event.content)["type"] != ENCRYPTED,
    )


def parse_edit(event: Event, content: Raw, original: Raw, role: RoomRole, bot_id: str) -> Edit | None:
    """Parse an edit of the raw event `original`.

    Only its sender may edit it, and its own relation holds ("Event replacements").
    """
    if event.relates_to is None or original.get("sender") != event.sender:
        return None
    relates = get_object(original, "content", "m.relates_to")
    new_content = get_object(content, "m.new_content") | {"m.relates_to": relates}
    message = parse_message(replace(event, id=event.relates_to), new_content, role, bot_id)
    return Edit(event.id, message) if message and not message.is_file else None


def _classify(raw: Raw, content: Raw) -> tuple[Kind, str | None] | None:
    """Return the kind of an event in the journal, and the event that it relates to."""
    type, relation = raw.get("type"), parse_relation(content)
    if type in ("m.room.message", ENCRYPTED, STICKER):
        is_known = content.get("msgtype") in ("m.text", f"{VERIFICATION}request", *_FILES) or type == STICKER
        if not is_known and content.get("algorithm") is None:
            return None
        if relation.kind == "m.replace":
            return ("edit", relation.target) if relation.target else None
        return "message", relation.reply_to or (relation.target if relation.kind == "m.thread" else None)
    if type == "m.reaction":
        return ("reaction", relation.target) if relation.kind == "m.annotation" and relation.target else None
    if type == "m.room.redaction":  # `redacts` is in the content since room version 11 (MSC2174)
        target = get_event_id(raw, "redacts") or get_event_id(content, "redacts")
        return ("redaction", target) if target else None
    is_step = type in _VERIFICATION_TYPES and relation.kind == "m.reference"  # a message without text
    return ("message", None) if is_step else None


# Users that a message names


@dataclass(frozen=True, slots=True)
class Pill:
    user: str
    text: str  # visible text of the link
    before: str  # the start of the visible text before it


def find_pills(html: str) -> list[Pill]:
    """Return all pills, in order; what a reply quotes (`<mx-reply>`) is left out."""
    pills: list[Pill] = []
    for link in links(html, {"mx-reply"}):
        match = _USER.match(link.address)
        user = unquote(match[1]) if match else ""
        user = f"@{user}" if link.address.lower().startswith("matrix:u/") else user
        if user.startswith("@") and ":" in user:
            pills.append(Pill(user, link.text, link.before))
    return pills


def get_pills(content: Raw) -> list[Pill]:
    html = content.get("formatted_body")
    return find_pills(html) if content.get("format") == "org.matrix.custom.html" and isinstance(html, str) else []


def get_mentioned_users(content: Raw, pills: list[Pill], vocative: Pill | None) -> set[str]:
    """Return the ids of mentioned users.

    Without `m.mentions` every pill counts; with it only the vocative for the bot: some clients leave it empty.
    """
    mentions = content.get("m.mentions")
    if not isinstance(mentions, dict):
        return {pill.user for pill in pills}
    users = mentions.get("user_ids")
    called = {vocative.user} if vocative else set()
    return called | {user for user in users if isinstance(user, str)} if isinstance(users, list) else called


def strip_body(body: str, is_reply: bool, vocative: Pill | None) -> str:
    """Return the text without a reply's quote ("Rich replies", the fallback that MSC2781 dropped).

    The vocative for the bot becomes its user id, which is always understood.
    """
    text = _QUOTE.sub("", body, count=1) if is_reply else body
    if vocative and vocative.text and text.startswith(vocative.before + vocative.text):
        return vocative.before + vocative.user + text[len(vocative.before + vocative.text) :]
    return text
