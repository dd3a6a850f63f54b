"""Users that a message names: `m.mentions` and, from clients that do not send it, links to users ("pills"). Pure.

Client-Server API, "User and room mentions" (MSC3952); the links: Appendices, "Matrix URI scheme" and "matrix.to
navigation".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from bot.channels.matrix.schema import Raw
from bot.text.html import links

_USER = re.compile(r"(?:https?://matrix\.to/#/|matrix:u/)(@?[^?/]+)", re.IGNORECASE)
_GREETING = 20  # characters that may stand before a pill that is a vocative
_QUOTE = re.compile(r"\A(?:>.*\n)+\n?")


@dataclass(frozen=True, slots=True)
class Pill:
    user: str
    text: str  # visible text of the link
    before: str  # the start of the visible text before it

    @property
    def is_vocative(self) -> bool:
        return len(self.before.strip()) <= _GREETING


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


def get_mentioned_users(content: Raw, pills: list[Pill], bot_id: str) -> set[str]:
    """Return the ids of mentioned users.

    Without `m.mentions` every pill counts; with it only a vocative for the bot: some clients leave it empty.
    """
    mentions = content.get("m.mentions")
    if not isinstance(mentions, dict):
        return {pill.user for pill in pills}
    users = mentions.get("user_ids")
    called = {pill.user for pill in pills if pill.user == bot_id and pill.is_vocative}
    return called | {user for user in users if isinstance(user, str)} if isinstance(users, list) else called


def strip_body(body: str, is_reply: bool, pills: list[Pill], bot_id: str) -> str:
    """Return the text without a reply's quote ("Rich replies", the fallback that MSC2781 dropped).

    A vocative pill for the bot becomes its user id, which is always understood.
    """
    text = _QUOTE.sub("", body, count=1) if is_reply else body
    vocative = next((pill for pill in pills if pill.user == bot_id and pill.is_vocative), None)
    if vocative and vocative.text and text.startswith(vocative.before + vocative.text):
        return vocative.before + bot_id + text[len(vocative.before + vocative.text) :]
    return text
