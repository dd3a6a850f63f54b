"""Reader of a network's export, whose format is recognised by its content: JSON, JSON lines, or a mailbox.

Formats: RFC 8259 (JSON), https://jsonlines.org, RFC 4155 (mbox). JSON of a network is read by the network's package. Of
a mail its author's words are read, without quotes.
"""

import json
import mailbox
import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from email import message_from_binary_file
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import EmailMessage
from email.policy import Compat32
from email.utils import parseaddr, parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import Any

from bot.channels.fields import ChannelSettings
from bot.channels.registry import CHANNELS
from bot.decoding import decoded
from bot.messages import UNDATED, Message, Past, Skipped
from bot.rehearsal import UnreadableExport
from bot.text.html import spoken_text

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
        if text.lstrip()[0] not in "[{":
            raise UnreadableExport("unknown_format")
        try:
            whole = json.loads(text)
        except json.JSONDecodeError as error:
            raise UnreadableExport("bad_json", error.lineno, column=error.colno) from None
        except (ValueError, RecursionError):
            raise UnreadableExport("unknown_format") from None
        for kind in CHANNELS.values():
            if past := kind.read_export(whole, sections.get(kind.name)):
                return past
        raise UnreadableExport("unknown_json")
    said = [_message(line, number) for number, line in lines]
    messages = [message for message in said if message.text.strip()]
    return Past(messages, {"empty": len(said) - len(messages)} if len(said) > len(messages) else {})


def _object(line: str) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


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


# A mailing list's archive: the author's words without quotes

_LIST = "list"
_LONGEST = 2_000  # characters of a header (a line: 998, RFC 5322 §2.1.1); `email` takes quadratic time
_AUTOMATIC = re.compile(r"(?!no\b)\w", re.IGNORECASE)  # RFC 3834, "Auto-Submitted"
_TAG = re.compile(r"\A\s*+(?:\[[^\[\]\n]{1,60}\]\s*+)+")  # '[list] Subject'
_ANSWER = re.compile(r"\s*+(?:re|rép|rep|tr|fwd?|aw)\s?:", re.IGNORECASE)
_WROTE = re.compile(r"\b(?:a écrit|ecrivait|écrivait|wrote|writes|schrieb)\b", re.IGNORECASE)
_FORWARDED = re.compile(
    r"(?m)^-{2,10} ?(?:Message d['’]origine|Original Message|Message transféré|Forwarded message)"
    r"|^(?:De|From)\s?:[^\n]*+\n(?:Envoyé|Date|Sent)\s?:"
)
_SIGNATURE = re.compile(r"(?m)^-- ?$")  # RFC 3676 §4.3


def past_of_mailbox(path: Path) -> Past:
    """Read a mailbox. Raises UnreadableExport, OSError."""
    policy: Any = _RawHeaders()  # the library's stubs allow no such pair
    parsed: Any = partial(message_from_binary_file, _class=_Mail, policy=policy)
    box = mailbox.mbox(path, factory=parsed, create=False)
    messages, skipped = dict[str, Message](), Counter[Skipped]()
    try:
        for number, key in enumerate(box.keys(), start=1):
            item = _read(box, key, number)
            if isinstance(item, Message):
                messages.setdefault(item.id, item)
            else:
                skipped[item] += 1
    finally:
        box.close()
    if not messages and skipped["unreadable"]:
        raise UnreadableExport("bad_mailbox", messages=skipped["unreadable"])
    return Past(sorted(messages.values(), key=lambda one: one.sent), dict(skipped))


class _RawHeaders(Compat32):
    """Leaves encoded words as they are: the library would decode them with any codec that they name."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, " ".join(decoded(value[:_LONGEST].encode("ascii", "surrogateescape")).split())


class _Mail(EmailMessage):
    def is_attachment(self) -> bool:
        return self.get_content_disposition() == "attachment"


def _read(box: mailbox.mbox, key: Any, number: int) -> Message | Skipped:
    try:
        mail: Any = box.get(key)
        if _AUTOMATIC.match(mail.get("Auto-Submitted", "no")):
            return "robot"
        if not (text := _own_words(mail)):
            return "empty"
        subject = _TAG.sub("", _words(mail.get("Subject", "")))
        before = (mail.get("In-Reply-To", "").split() + mail.get("References", "").split()[-1:])[:1]
        is_reply = bool(before) or _ANSWER.match(subject) is not None
        name, sender = parseaddr(mail.get("From", ""))
        name = _words(name)
        names = {name.casefold(), name.casefold().partition(" ")[0]} - {""}
        said = text if is_reply else f"{subject.strip()}\n\n{text}"
        unsigned = [line for line in said.split("\n") if line.strip(" ,.-–").casefold() not in names]
        return Message(
            channel=_LIST,
            id=mail.get("Message-ID", "") or f"mail {number}",
            room=_LIST,
            sender=sender or name or f"somebody {number}",
            text="\n".join(unsigned).strip(),
            sent=_sent(mail),
            reply_to=next(iter(before), "a subject with Re:") if is_reply else None,
        )
    except Exception:  # the parser of headers raises whatever it meets in a broken one (cpython#81074 and others)
        return "unreadable"


def _words(header: str) -> str:
    """Decode the encoded words of a header (RFC 2047)."""
    try:
        parts = decode_header(header)
    except HeaderParseError:
        return header
    return "".join(part if isinstance(part, str) else decoded(part, charset) for part, charset in parts)


def _sent(mail: EmailMessage) -> datetime:
    try:
        moment = parsedate_to_datetime(mail.get("Date", ""))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(moment.astimezone(UTC), UNDATED)
    except (ValueError, TypeError, OverflowError):
        return UNDATED


def _own_words(mail: EmailMessage) -> str:
    """Return the text without the signature, quotes, and the lines that introduce them."""
    body: Any = mail.get_body(("plain", "html"))
    if body is None:
        return ""
    charset, raw = body.get_param("charset"), body.get_payload(decode=True)
    text = decoded(raw, charset[2] if isinstance(charset, tuple) else charset)  # a tuple: RFC 2231
    text = spoken_text(text) if body.get_content_subtype() == "html" else text
    text = _SIGNATURE.split(_FORWARDED.split(text.replace("\r\n", "\n"), maxsplit=1)[0], maxsplit=1)[0]
    own: list[str] = []
    for line in [*text.split("\n"), ">"]:
        if line.lstrip().startswith(">"):
            own = _without_introduction(own)
        else:
            own.append(line)
    return "\n".join(own).strip()


def _without_introduction(lines: list[str]) -> list[str]:
    """Remove 'Le 12 mars, Ana a écrit :' at the end, which may take two lines."""
    kept = "\n".join(lines).rstrip().split("\n")
    if not (kept[-1].rstrip().endswith(":") and _WROTE.search(" ".join(kept[-2:]))):
        return lines
    is_second = len(kept) > 1 and kept[-2].strip() and not re.match(r"\s*(?:Le|On)\b", kept[-1])
    return kept[: -2 if is_second else -1]
