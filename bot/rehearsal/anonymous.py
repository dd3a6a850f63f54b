"""Removal of people from a text: mentions, addresses and telephone numbers become one neutral word. Pure.

Names typed as words stay: no pattern tells them from the words of the field.
"""

from __future__ import annotations

import re

from bot.text.folding import LONGEST

_AT = r"(?:@|[ ]?[\[(](?:at|arobase|chez)[\])][ ]?)"
_EMAIL = rf"(?:mailto:)?(?<![\w.+%-])[\w.+%-]++{_AT}[\w-]++(?:\.[\w-]++)+"
_MENTION = r"(?<![\w@/])@[\w.=/+-]*\w(?::[\w.-]*\w(?::\d+)?)?"
_SIGN = r"[ \u00a0\u202f.()-]"
_TELEPHONE = rf"(?<![\w+.-])(?:\+\d|\(\+\d|\(?0\d){_SIGN}{{0,3}}(?:\d{_SIGN}{{0,3}}){{6,12}}\d(?![\w-])"
_PERSON = re.compile(rf"(?P<link>https?://\S++)|{_EMAIL}|{_MENTION}|{_TELEPHONE}")
_LEADS_TO_PERSON = re.compile(r"@|/(?:u|users?|profile)/.")


def without_people(text: str, someone: str) -> str:
    """Return as much of a text as the matching reads, with `someone` for each person and no broken characters."""

    def instead(found: re.Match[str]) -> str:
        link = found["link"]
        return link if link and not _LEADS_TO_PERSON.search(link) else someone

    whole = text[: 2 * LONGEST].encode("utf-8", "replace").decode()
    return _PERSON.sub(instead, whole)[:LONGEST]
