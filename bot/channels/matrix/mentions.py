"""Links to users in a message's HTML: how clients write a mention that can be clicked.

Not with `html.parser`: 64 kB of `<a <a <a …` kept it busy for 39 seconds, and `<![x[` made it raise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from urllib.parse import unquote

_TAG = re.compile(r"(<[^<>]*>)")
_NAME = re.compile(r"<(/?)([a-z-]+)", re.IGNORECASE)
_HREF = re.compile(r"""\shref\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_USER = re.compile(r"(?:https?://matrix\.to/#/|matrix:u/)(@?[^?/]+)", re.IGNORECASE)
_LEAD = 100  # pieces of text, none of them empty: a pill behind more of them calls nobody


@dataclass(frozen=True, slots=True)
class Pill:
    user: str
    text: str  # what is read in its place
    before: str  # the visible text before it, as much of it as a greeting may be


def find_pills(html: str) -> list[Pill]:
    """All of them, in order; what a reply quotes (<mx-reply>) is left out."""
    found: list[Pill] = []
    text: list[str] = []
    quoted, begun = False, None
    for number, piece in enumerate(_TAG.split(html)):
        if number % 2 == 0:
            text += [unescape(piece)] if piece and not quoted else []
            continue
        match _tag(piece):
            case ("mx-reply", closing):
                quoted = not closing
            case ("a", False) if not quoted:
                begun = (user, len(text)) if (user := _user(piece)) else None
            case ("a", True) if begun:
                found.append(Pill(begun[0], "".join(text[begun[1] :]), "".join(text[: min(begun[1], _LEAD)])))
                begun = None
    return found


def _tag(piece: str) -> tuple[str, bool] | None:
    """Its name, and whether it closes."""
    name = _NAME.match(piece)
    return (name[2].lower(), bool(name[1])) if name else None


def _user(tag: str) -> str | None:
    href = _HREF.search(tag)
    address = unescape(href[1] or href[2] or "") if href else ""
    match = _USER.match(address)
    user = unquote(match[1]) if match else ""
    user = f"@{user}" if address.lower().startswith("matrix:u/") else user
    return user if user.startswith("@") and ":" in user else None
