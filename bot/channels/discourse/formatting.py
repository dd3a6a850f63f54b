"""The text of a post: from a reply's Markdown, and without its markup, with whom it mentions. Pure.

A name after an @ would notify its owner; an address alone on its line would become a preview (a onebox) as large as the
reply (https://meta.discourse.org/t/rich-link-previews-with-onebox/98088).

Mentions come from the HTML (`cooked`), where the forum has told names from code and addresses; those in a quote, which
notify nobody (`app/services/post_alerter.rb`), are left out.
"""

import re
from urllib.parse import unquote

from bot.channels.discourse.site import Site, folded, position_of, topic_of
from bot.messages import Reply
from bot.text.html import UNSPOKEN, links

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


# What people wrote

_MENTIONS = {"mention", "mention-group"}  # classes of links to users and groups
_QUOTE = re.compile(r"(\[/?quote\b[^\[\]\n]{0,500}\])", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_FENCE = re.compile(r"[ ]{0,3}(`{3,}|~{3,})")
_REPLACEMENTS = (
    (re.compile(r"!\[[^\[\]\n]{0,300}\]\([^()\n]{0,2000}\)"), ""),  # pictures
    (re.compile(r"\[([^\[\]\n]{1,500})\]\([^()\n]{0,2000}(?:\([^()\n]{0,500}\)[^()\n]{0,500})?\)"), r"\1"),  # links
    (re.compile(r"<(https?://[^<>\s]+)>"), r"\1"),  # addresses
    (re.compile(r"(?<!`)(`{1,3})(?!`)[^`\n]{1,1000}\1(?!`)"), ""),  # code
    (re.compile(r"</?[a-zA-Z][^<>\n]{0,500}>"), ""),  # tags
    # BBCode
    (re.compile(r"\[/?(?:details|spoiler|poll|wrap|date|center|b|i|u|s)\b[^\[\]\n]{0,500}\]", re.IGNORECASE), ""),
    (re.compile(r"(?<![\w:]):(?:[+-]1|[a-z][a-z0-9_+-]{0,60}):(?:t[2-6]:)?(?!\w)"), ""),  # emojis
    (re.compile(r"(?m)^[ ]{0,3}(?:[-*_][ \t]*){3,}$"), ""),  # rules
    (re.compile(r"(?m)^[ ]{0,3}#{1,6}[ \t]+"), ""),  # headings
    (re.compile(r"\*\*+|__+|~~+"), ""),  # stress
    (re.compile(r"(?<![ \t])[ \t]++(?=\n|\Z)"), ""),  # blanks at line ends
    (re.compile(r"\n{3,}"), "\n\n"),  # empty lines
)


def mentions(cooked: str) -> set[str]:
    """Return the names of users and groups, folded."""
    named = [link.address for link in links(cooked, UNSPOKEN) if link.classes & _MENTIONS]
    return {folded(unquote(address.rstrip("/").rpartition("/")[2])) for address in named} - {""}


def plain_text(raw: str) -> str:
    """Return the text of Markdown as typed; the texts of links and the line ends stay."""
    # without [quote]…[/quote], nested ones included; of one that is never closed only the tag is dropped
    spoken, quote_starts = list[str](), list[int]()
    for number, piece in enumerate(_QUOTE.split(_COMMENT.sub("", raw.replace("\r\n", "\n")))):
        if number % 2 == 0:
            spoken.append(piece)
        elif not piece.startswith("[/"):
            quote_starts.append(len(spoken))
        elif quote_starts:
            del spoken[quote_starts.pop() :]
            spoken.append("\n")
    # the lines outside quotes and code blocks; an unclosed block extends to the end (CommonMark 0.31 §4.5)
    lines, fence = list[str](), ""
    for line in "".join(spoken).split("\n"):
        mark = _FENCE.match(line)
        if fence:
            fence = "" if mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]) else fence
        elif mark:
            fence = mark[1]
        elif not line.lstrip().startswith(">"):
            lines.append(line)
    text = "\n".join(lines)
    for pattern, replacement in _REPLACEMENTS:
        text = pattern.sub(replacement, text)
    return text.strip()
