"""From what the bot wants to say to the content of a Matrix event. Pure."""

from __future__ import annotations

import json
from typing import Any

from bot.channels.matrix import html
from bot.messages import OutgoingReaction, Reply

Json = dict[str, Any]

LARGEST = 44_000
"""Bytes of an event's content. A server takes 65,536 for the whole event, and encryption makes four of three."""


def content(outgoing: Reply | OutgoingReaction) -> tuple[str, Json]:
    """The event's type and content. A text too long for one event ends early, with `…`."""
    if isinstance(outgoing, OutgoingReaction):
        relates = {"rel_type": "m.annotation", "event_id": outgoing.target, "key": outgoing.key}
        return "m.reaction", {"m.relates_to": relates}
    made, text = _message(outgoing, outgoing.text), outgoing.text
    while (size := _size(made)) > LARGEST and text:
        text = _shorter(text, LARGEST / size)
        made = _message(outgoing, f"{text}\n\n…")
    return "m.room.message", made


def _message(reply: Reply, text: str) -> Json:
    said = {
        "msgtype": "m.notice" if reply.quiet else "m.text",
        "body": html.plain(text),
        "format": "org.matrix.custom.html",
        "formatted_body": html.html(text),
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
