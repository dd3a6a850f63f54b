"""What a moderator replied, taken apart: the text of an answer, and links with what they show. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import ValidationError

from bot.knowledge.models import Link

_MARKDOWN = re.compile(r"!?\[([^\[\]]*+)\]\(\s*+<?([^()\s<>]*+(?:\([^()\s]*+\)[^()\s<>]*+)*)>?[^()]*+\)")
_BARE = re.compile(r"<?(https?://[^\s<>]+|mailto:[^\s<>]+)>?", re.IGNORECASE)
_BEHIND = ".,;:!?»\"'…"
_LEAD = re.compile(r"^[\s>*+–—-]+")
_TRAIL = re.compile(r"(?<![\s:→=>–—-])[\s:→=>–—-]++$")
LONGEST = 4_000  # characters of a reply that are kept: an answer is short, and a draft is shown whole
_TITLE = 80  # characters before an address that are still a title and no sentence
_POINTING = frozenset(
    "a allez au aussi avec c'est cf chez click cliquez consultez de est et go here ici il is it la le les lien "
    "link lisez look là on oui peux pour pouvez regarde regarder regardez see site sur the this tout tu va "
    "vers voici voilà voir vois vous voyez à".split()
)
"""Words that only point to what follows: 'voyez avec https://…' says nothing of it."""
_CALL = re.compile(r"^\s*+@?([\w.'’ -]{2,40}?)(?::[\w.-]+\.\w+)?\s*+[,:]\s+")


@dataclass(frozen=True, slots=True)
class ParsedReply:
    text: str
    links: Sequence[tuple[str, str]]  # title and address


def parse_reply(text: str, called: Collection[str] = ()) -> ParsedReply:
    """`called`: the names of those who asked; one at the beginning only says whom it answers."""
    links: dict[str, str] = {}
    lines = [_line(line, links) for line in _uncalled(text, called)[:LONGEST].strip().splitlines()]
    said = re.sub(r"\n{3,}", "\n\n", "\n".join(line for line in lines if line is not None)).strip()
    return ParsedReply(said, tuple((title, url) for url, title in links.items()))


def _uncalled(text: str, called: Collection[str]) -> str:
    found = _CALL.match(text)
    known = {name.casefold().lstrip("@") for name in called}
    return text[found.end() :] if found and found[1].casefold().strip() in known else text


def _line(line: str, links: dict[str, str]) -> str | None:
    """The line without the addresses that became links; None: nothing else was in it."""
    had = len(links)
    line = _MARKDOWN.sub(lambda found: _keep(links, found[2], found[1]) or found[1], line)
    rest = line
    for found in _BARE.finditer(line):
        url = found[1].rstrip(_BEHIND)
        before, behind = line[: found.start()], line[found.end() :].strip(f" {_BEHIND})")
        if _keep(links, url, _unmarked(before)) is not None and not behind:
            rest = before.rstrip(" :→\u00a0") if len(_unmarked(before)) > _TITLE else ""
    left = _unmarked(rest)
    alone = len(links) > had and (left in links.values() or _only_points(left))
    return None if alone else rest.rstrip()


def _unmarked(line: str) -> str:
    """Without the marks of a list before it, and of what follows behind it."""
    return _TRAIL.sub("", _LEAD.sub("", line))


def _keep(links: dict[str, str], url: str, title: str) -> str | None:
    """The title under which it is kept; None: no link that may be given."""
    if not _leads_somewhere(url):
        return None
    try:
        link = Link(title=_named(url) if len(title) > _TITLE or _only_points(title) else title, url=url)
    except ValidationError:
        return None
    return links.setdefault(link.url, link.title)


def _only_points(text: str) -> bool:
    return _POINTING.issuperset(re.findall(r"[\w'’]+", text.casefold()))


def _leads_somewhere(url: str) -> bool:
    """Not to a machine in somebody's own network."""
    try:
        host = urlsplit(url).hostname or ""
        return host != "localhost" and ipaddress.ip_address(host).is_global
    except ValueError:
        return True


def _named(url: str) -> str:
    """An address as a title: its host, and the last piece of its path."""
    parts = urlsplit(url)
    if parts.scheme == "mailto":
        return parts.path
    last = next((piece for piece in reversed(parts.path.split("/")) if piece), "")
    host = (parts.hostname or "").removeprefix("www.")
    return f"{host} : {last[:40]}" if last else host
