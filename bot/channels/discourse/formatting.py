"""Conversion of a reply's Markdown to that of a post. Pure.

A name after an @ would notify its owner; an address alone on its line would become a preview (a onebox) as large as the
reply (https://meta.discourse.org/t/rich-link-previews-with-onebox/98088).
"""

from __future__ import annotations

import re

from bot.channels.discourse.site import Site, position_of, topic_of
from bot.messages import Reply

LONGEST = 32_000  # characters of a post: `max_post_length` by default (`config/site_settings.yml`)

_AS_TYPED = re.compile(r"(https?://\S+|mailto:\S+|(?<![\\`])`[^`\n]+`(?!`))")  # a name in code notifies nobody
_NAME = re.compile(r"(?<![\w/.@])@(?=\w)")
_ALONE = re.compile(r"(?m)^([ \t]*(?:[-*>][ \t]+|\d+[.)][ \t]+)*)(https?://[^\s<>]+)[ \t]*$")


def raw(text: str) -> str:
    """Remove the @ of names, put addresses alone on a line in angle brackets, and end a text that is too long early."""
    pieces = _AS_TYPED.split(text)
    silent = "".join(piece if number % 2 else _NAME.sub("", piece) for number, piece in enumerate(pieces))
    whole = _ALONE.sub(r"\1<\2>", silent).strip()
    if len(whole) <= LONGEST:
        return whole
    cut = whole[: LONGEST - 200]  # room for the variation
    return f"{cut[: max(cut.rfind(mark) for mark in (chr(10), ' '))].rstrip()}\n\n…"


def answered_number(reply: Reply, topic: int | None = None) -> int | None:
    """Return the number of the post that it answers; None if that stands in another topic than this one."""
    position = position_of(reply.to or "")
    return position[1] if position and topic in (None, position[0]) else None


def variants(site: Site, reply: Reply) -> tuple[str, str]:
    """Return the texts that the post may have: as it is, and with a link to the question in its first line.

    `unique_posts_mins` refuses a user's post that repeats a recent one; the link makes it unlike all others.
    """
    body = raw(reply.text)
    first, line_end, rest = body.partition("\n")
    position = position_of(reply.to or "") or (topic_of(reply.room) or 0, 1)
    return body, f"{first} [↩]({site.link(*position)}){line_end}{rest}"


def normalized(raw: str) -> str:
    """Return the text as the forum stores it: with plain blanks, stripped (`lib/text_cleaner.rb`)."""
    return " ".join(raw.split())
