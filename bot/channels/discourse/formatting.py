"""From a reply's text to what stands in the post. Pure.

A name after an @ would call its owner, and an address alone on its line would become a preview as large as the reply.
"""

from __future__ import annotations

import re

from bot.channels.discourse.site import Site, place_of, topic_of
from bot.messages import Reply

LONGEST = 32_000
"""Characters that a forum takes as it is installed."""

_AS_TYPED = re.compile(r"(https?://\S+|mailto:\S+|(?<![\\`])`[^`\n]+`(?!`))")  # a name in code calls nobody
_NAME = re.compile(r"(?<![\w/.@])@(?=\w)")
_ALONE = re.compile(r"(?m)^([ \t]*(?:[-*>][ \t]+|\d+[.)][ \t]+)*)(https?://[^\s<>]+)[ \t]*$")


def raw(text: str) -> str:
    """Names without their @, addresses alone on a line in angle brackets."""
    pieces = _AS_TYPED.split(text)
    named = "".join(piece if number % 2 else _NAME.sub("", piece) for number, piece in enumerate(pieces))
    return _shorter(_ALONE.sub(r"\1<\2>", named).strip())


def varied(raw: str, link: str) -> str:
    """The same with another first line: a forum refuses what the same user posted word for word minutes ago.

    `link`: to the question, which makes it unlike all others.
    """
    first, line_end, rest = raw.partition("\n")
    return f"{first} [↩]({link}){line_end}{rest}"


def answered(reply: Reply) -> int | None:
    """The number of the post that it answers."""
    place = place_of(reply.to or "")
    return place[1] if place else None


def variants(site: Site, reply: Reply) -> tuple[str, str]:
    """What it may say: as it is, and with another first line."""
    body = raw(reply.text)
    place = place_of(reply.to or "") or (topic_of(reply.room) or 0, 1)
    return body, varied(body, site.link(*place))


def words(raw: str) -> str:
    """A forum turns all blanks, French ones too, into plain ones and leaves out those at the end."""
    return " ".join(raw.split())


def _shorter(raw: str) -> str:
    if len(raw) <= LONGEST:
        return raw
    cut = raw[: LONGEST - 200]  # room for the variation
    return f"{cut[: max(cut.rfind(mark) for mark in (chr(10), ' '))].rstrip()}\n\n…"
