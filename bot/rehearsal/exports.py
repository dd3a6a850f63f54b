"""Reader of a network's export, whose format is recognised by its content: JSON, JSON lines, or a mailbox.

Formats: RFC 8259 (JSON), https://jsonlines.org, RFC 4155 (mbox). JSON of a network is read by the network's package.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.channels.fields import ChannelSettings
from bot.channels.registry import CHANNELS
from bot.messages import UNDATED, Message, Past
from bot.rehearsal import UnreadableExport
from bot.rehearsal.mail import past_of_mailbox

_MAILBOX = b"From "
_TEXTS = ("id", "room", "sender", "reply_to", "thread")
_LATEST = 4_000_000_000  # seconds; the year 2096
_MILLISECONDS = 100_000_000_000  # least date that is in milliseconds


def read_past(path: Path, sections: Mapping[str, ChannelSettings]) -> Past:
    """Read an export. `sections`: of the settings, by network. Raises UnreadableExport, OSError."""
    with path.open("rb") as file:
        start = file.read(len(_MAILBOX))
    if start == _MAILBOX:
        return past_of_mailbox(path)
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableExport("not_utf8", raw.count(b"\n", 0, error.start) + 1) from None
    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if not lines:
        raise UnreadableExport("empty_file")
    first = _object(lines[0][1])
    if first is None or ("text" not in first and len(lines) == 1):
        return _of_json(text, sections)
    said = [_message(line, number) for number, line in lines]
    messages = [message for message in said if message.text.strip()]
    return Past(messages, {"empty": len(said) - len(messages)} if len(said) > len(messages) else {})


def _object(line: str) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _of_json(text: str, sections: Mapping[str, ChannelSettings]) -> Past:
    if text.lstrip()[0] not in "[{":
        raise UnreadableExport("unknown_format")
    try:
        raw = json.loads(text)
    except json.JSONDecodeError as error:
        raise UnreadableExport("bad_json", error.lineno, column=error.colno) from None
    except (ValueError, RecursionError):
        raise UnreadableExport("unknown_format") from None
    for kind in CHANNELS.values():
        if past := kind.read_export(raw, sections.get(kind.name)):
            return past
    raise UnreadableExport("unknown_json")


def _message(line: str, number: int) -> Message:
    row = _object(line) or {}
    texts, sent = {name: row.get(name) for name in _TEXTS}, _moment(row.get("sent"))
    is_wrong = any(not isinstance(value, str | None) for value in texts.values())
    if not isinstance(row.get("text"), str) or sent is None or is_wrong:
        raise UnreadableExport("bad_line", number)
    sender, id = texts["sender"] or f"somebody {number}", texts["id"] or f"line {number}"
    reply_to, thread = texts["reply_to"], texts["thread"]
    return Message("lines", id, texts["room"] or "room", sender, row["text"], sent, reply_to=reply_to, thread=thread)


def _moment(value: object) -> datetime | None:
    """Return the time from ISO 8601, or from seconds or milliseconds since 1970; None if it is none of these."""
    if value is None:
        return UNDATED
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return moment if moment.astimezone(UTC) > UNDATED else UNDATED
        seconds = value / 1000 if value >= _MILLISECONDS else value
        return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < _LATEST else UNDATED
    except (ValueError, OverflowError):
        return None
