"""From a raw Matrix event to an `Event` of the journal, and from there to what it says. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.channels.matrix.mentions import Pill, find_pills
from bot.messages import Edit, Event, Kind, Listen, Loss, Message, Reaction, Redaction

CHANNEL = "matrix"
ENCRYPTED = "m.room.encrypted"
EVENT_TYPES = ("m.room.message", ENCRYPTED, "m.reaction", "m.room.redaction")
"""The event types in which people speak or act."""

Raw = Mapping[str, Any]
LATEST_EDIT = "concierge.newest"
"""In the content of an event that was read again: its latest edit."""
_NOT_KEPT = {"unsigned", LATEST_EDIT}  # the first may hold what others said
_QUOTE = re.compile(r"\A(?:>.*\n)+\n?")
_CALL = 20  # characters that may stand before a pill that calls the bot: a greeting
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_ID = 255  # bytes
_LATEST = 4_000_000_000_000  # milliseconds; the year 2096


@dataclass(frozen=True, slots=True)
class RoomRole:
    """What a room is to the bot."""

    listen: Listen
    direct: bool = False
    private: bool = False
    moderators: bool = False
    encrypted: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """What an event points to: `kind` is the rel_type, `target` its event."""

    kind: str | None
    target: str | None
    reply_to: str | None  # the event that it answers; not the thread's last one, put in for old clients
    quotes: bool  # the text may begin with the quoted one


def parse_relation(content: Raw) -> Relation:
    relates = _object(content.get("m.relates_to"))
    answered = _event_id(_object(relates.get("m.in_reply_to")).get("event_id"))
    kind = _text(relates.get("rel_type"))
    falling_back = kind == "m.thread" and relates.get("is_falling_back") is True
    target = _event_id(relates.get("event_id"))
    return Relation(kind, target, None if falling_back else answered, answered is not None)


def parse_event(raw: Raw, room: str) -> Event | None:
    """The journal's row; None: nothing that a person says or does."""
    kind = _KINDS.get(_text(raw.get("type")) or "")
    found = kind(raw, _object(raw.get("content"))) if kind and "state_key" not in raw else None
    return _event(raw, room, *found) if found else None


def make_join_event(raw: Raw, room: str) -> Event | None:
    """The bot's own coming in, from its m.room.member event."""
    return _event(raw, room, "joined", None)


def make_key_event(room: str, session: str, us: str, now: datetime) -> Event:
    """A key came for what one device says in the room."""
    return Event(CHANNEL, f"key {session}", room, us, "key", now, "{}")


def make_renewal_event(losses: Mapping[Loss, str], us: str, now: datetime) -> Event:
    """The bot began anew. `losses`: with a token each, which makes the event another one than that of the last time."""
    return Event(CHANNEL, f"renewed {' '.join(losses.values())}", "", us, "renewed", now, json.dumps(list(losses)))


def is_join(raw: Raw, user: str) -> bool:
    """Whether the user comes in here; a new name or picture, which looks alike, is none."""
    before = _object(_object(raw.get("unsigned")).get("prev_content")).get("membership")
    now = _object(raw.get("content")).get("membership")
    return (raw.get("type"), raw.get("state_key"), now) == ("m.room.member", user, "join") and before != "join"


def drop_before_join(happened: Sequence[Raw], user: str, direct: bool) -> Sequence[Raw]:
    """Without what was said before the user came in. In a direct room the invitation counts: what follows it is meant
    for whom it invites, and many clients send the first question right behind it."""
    joins = [number for number, raw in enumerate(happened) if is_join(raw, user)]
    if not joins:
        return happened
    invited = [number for number, raw in enumerate(happened[: joins[-1]]) if direct and _is_invitation(raw, user)]
    return happened[invited[-1] if invited else joins[-1] :]


def is_relevant(event: Event, us: str, ignored: Collection[str]) -> bool:
    """Our own words are not, nor other bots'; a deletion counts whoever made it, moderation bots included."""
    if event.kind in ("joined", "key"):
        return True
    return event.sender != us and (event.kind == "redaction" or event.sender not in ignored)


def parse_message(event: Event, content: Raw, place: RoomRole, us: str) -> Message | None:
    """`content` in the clear. None: a notice, a picture, or nothing at all."""
    if content.get("msgtype") != "m.text" or not isinstance(content.get("body"), str):
        return None
    points_to = parse_relation(content)
    links = find_pills(_html(content))
    named = _mentioned(content, links, us)
    return Message(
        channel=event.channel,
        id=event.id,
        room=event.room,
        sender=event.sender,
        text=_said(content["body"], points_to.quotes, links, us),
        sent=event.sent,
        direct=place.direct,
        private=place.private,
        moderators_room=place.moderators,
        listen=place.listen,
        mentions_bot=us in named,
        mentions_others=bool(named - {us, event.sender}),
        reply_to=points_to.reply_to,
        thread=points_to.target if points_to.kind == "m.thread" else None,
        unencrypted=place.encrypted and json.loads(event.content)["type"] != ENCRYPTED,
    )


def parse_edit(event: Event, content: Raw, original: Raw, place: RoomRole, us: str) -> Edit | None:
    """New words for `original`, the raw event that is edited: it says what they answer, and only its sender may."""
    if event.relates_to is None or original.get("sender") != event.sender:
        return None
    new = dict(_object(content.get("m.new_content")))
    new["m.relates_to"] = _object(_object(original.get("content")).get("m.relates_to"))
    said = parse_message(replace(event, id=event.relates_to), new, place, us)
    return Edit(event.id, said) if said else None


def parse_reaction(event: Event, content: Raw) -> Reaction | None:
    key = _text(_object(content.get("m.relates_to")).get("key"))
    if event.relates_to is None or key is None:
        return None
    return Reaction(event.channel, event.id, event.room, event.sender, event.relates_to, key)


def parse_redaction(event: Event) -> Redaction | None:
    if event.relates_to is None:
        return None
    return Redaction(event.channel, event.id, event.room, event.sender, event.relates_to)


def _message_kind(raw: Raw, content: Raw) -> tuple[Kind, str | None] | None:
    if content.get("msgtype") != "m.text" and content.get("algorithm") is None:
        return None
    points_to = parse_relation(content)
    if points_to.kind == "m.replace":
        return ("edit", points_to.target) if points_to.target else None
    return "message", points_to.reply_to or (points_to.target if points_to.kind == "m.thread" else None)


def _reaction_kind(raw: Raw, content: Raw) -> tuple[Kind, str | None] | None:
    points_to = parse_relation(content)
    return ("reaction", points_to.target) if points_to.kind == "m.annotation" and points_to.target else None


def _redaction_kind(raw: Raw, content: Raw) -> tuple[Kind, str | None] | None:
    target = _event_id(raw.get("redacts")) or _event_id(content.get("redacts"))  # since room version 11: in the content
    return ("redaction", target) if target else None


_KINDS: dict[str, Callable[[Raw, Raw], tuple[Kind, str | None] | None]] = {
    "m.room.message": _message_kind,
    ENCRYPTED: _message_kind,
    "m.reaction": _reaction_kind,
    "m.room.redaction": _redaction_kind,
}


def _is_invitation(raw: Raw, user: str) -> bool:
    now = _object(raw.get("content")).get("membership")
    return (raw.get("type"), raw.get("state_key"), now) == ("m.room.member", user, "invite")


def _event(raw: Raw, room: str, kind: Kind, relates_to: str | None) -> Event | None:
    id, sender = _event_id(raw.get("event_id")), _id(raw.get("sender"))
    if id is None or sender is None:
        return None
    content = json.dumps({key: value for key, value in raw.items() if key not in _NOT_KEPT}, ensure_ascii=False)
    return Event(CHANNEL, id, room, sender, kind, parse_timestamp(raw), content, relates_to)


def _mentioned(content: Raw, links: list[Pill], us: str) -> set[str]:
    """The users whom it names. A pill counts where the client knows no `m.mentions`, and always when it calls us."""
    calls = {pill.user for pill in links if pill.user == us and _calls(pill)}
    if not isinstance(content.get("m.mentions"), dict):
        return {pill.user for pill in links}
    users = content["m.mentions"].get("user_ids")
    return calls | {user for user in users if isinstance(user, str)} if isinstance(users, list) else calls


def _said(body: str, quotes: bool, links: list[Pill], us: str) -> str:
    """The text without a reply's quote; a pill that calls us is written as our user id, which is always understood."""
    text = _QUOTE.sub("", body, count=1) if quotes else body
    first = next((pill for pill in links if pill.user == us and _calls(pill)), None)
    if first and first.text and text.startswith(first.before + first.text):
        return first.before + us + text[len(first.before + first.text) :]
    return text


def _calls(pill: Pill) -> bool:
    return len(pill.before.strip()) <= _CALL


def _html(content: Raw) -> str:
    html = content.get("formatted_body")
    return html if content.get("format") == "org.matrix.custom.html" and isinstance(html, str) else ""


def parse_timestamp(raw: Raw) -> datetime:
    """When it was sent. Servers of others write the time: what makes no sense is very old."""
    milliseconds = raw.get("origin_server_ts")
    if not isinstance(milliseconds, int) or not 0 <= milliseconds <= _LATEST:
        return _EPOCH
    return _EPOCH + timedelta(milliseconds=milliseconds)


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _event_id(value: object) -> str | None:
    """Anybody can write any: one of another network, such as a forum's `57/2`, must not be taken for what is there."""
    id = _id(value)
    return id if id and id.startswith("$") else None


def _id(value: object) -> str | None:
    """Longer ones are none by the specification, and PostgreSQL puts them into no index: one would stop the journal."""
    text = _text(value)
    return text if text and len(text.encode(errors="replace")) <= _LONGEST_ID else None
