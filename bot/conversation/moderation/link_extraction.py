"""Links with their labels, from what a moderator replies in Markdown and from the HTML of forum posts. Pure."""

import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from bot.knowledge.models import Link
from bot.linkcheck.ssrf import is_public
from bot.messages import TopicPost
from bot.text import word_lists
from bot.text.html import links as html_links

LONGEST_REPLY = 4_000  # characters: a draft is shown in full
_LONGEST_LABEL = 80  # characters; longer text before an address is a sentence
_MARKDOWN = re.compile(r"!?\[([^\[\]]*+)\]\(\s*+<?([^()\s<>]*+(?:\([^()\s]*+\)[^()\s<>]*+)*)>?[^()]*+\)")
_BARE = re.compile(r"<?(https?://[^\s<>]+|mailto:[^\s<>]+)>?", re.IGNORECASE)
_BEHIND = ".,;:!?»\"'…"
_LEAD = re.compile(r"^[\s>*+–—-]+")
_TRAIL = re.compile(r"(?<![\s:→=>–—-])[\s:→=>–—-]++$")
_POINTING = word_lists.words("pointing_words")
_VERB = re.compile(  # verbs, which make a few words a sentence
    r"(?!chez|assez|rez|nez)\w{2,}ez|(?:c['’]|qu['’]|n['’]|s['’])?(?:est|sont|ont|faut|peut|peux|doit|suffit|"
    r"existe|dépend)|oui|non|yes|no|is|are|can|must|should|ask|please"
)
_CALL = re.compile(r"^\s*+@?([\w.'’ -]{2,40}?)(?::[\w.-]+\.\w+)?\s*+[,:]\s+")
_PASSED_OVER = {"aside.quote", "pre"}  # not the author's words; the aside of a onebox is
_NO_RESOURCE = {"mention", "mention-group", "hashtag", "hashtag-cooked", "lightbox", "attachment", "anchor"}

Links = Mapping[str, str]
"""Labels by address."""


@dataclass(frozen=True, slots=True)
class ParsedReply:
    text: str
    links: Links


def links_of_posts(url: str, posts: Sequence[TopicPost]) -> Links:
    """Return the links of posts, in order. `url`: of their topic.

    The label is the first that is a text rather than an address, else the address without scheme and query.
    """
    links: dict[str, str] = {}
    for link in (link for post in posts for link in html_links(post.html, _PASSED_OVER)):
        with suppress(ValueError):  # `http://[` is no address
            address = urljoin(url, link.address)
            is_resource = link.address and not link.classes & _NO_RESOURCE
            if is_resource and urlsplit(address).scheme in ("http", "https", "mailto") and address != url:
                parts = urlsplit(address)
                short = (parts.netloc.removeprefix("www.") + parts.path).rstrip("/") or address
                labels = (links.get(address, ""), " ".join(link.text.split()))
                texts = (label for label in labels if label and label != short and not label.startswith("http"))
                links[address] = next(texts, short)
    return links


def parse_reply(text: str, people: Collection[str] = ()) -> ParsedReply:
    """Split a reply into text and links. `people`: the askers; a name of theirs at its start is cut off."""
    links: dict[str, str] = {}
    call, names = _CALL.match(text), {name.casefold().lstrip("@") for name in people}
    if call and call[1].casefold().strip() in names:
        text = text[call.end() :]
    lines = []
    for written in text[:LONGEST_REPLY].strip().splitlines():
        count = len(links)
        line = rest = _MARKDOWN.sub(lambda link: _add(links, link[2], link[1]) or link[1], written)
        for match in _BARE.finditer(line):
            before, behind = line[: match.start()], line[match.end() :].strip(f" {_BEHIND})")
            if _add(links, match[1].rstrip(_BEHIND), _unmarked(before)) is not None and not behind:
                rest = before.rstrip(" :→\u00a0") if _is_sentence(_unmarked(before)) else ""
        left = _unmarked(rest)
        is_link_only = len(links) > count and (left in links.values() or _only_points(left))
        if not is_link_only:
            lines.append(rest.rstrip())
    return ParsedReply(re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip(), links)


def _unmarked(line: str) -> str:
    """Remove a list marker at the start, and arrows or colons at the end."""
    return _TRAIL.sub("", _LEAD.sub("", line))


def _add(links: dict[str, str], url: str, label: str) -> str | None:
    """Add a link and return its label; None if it may not be given."""
    with suppress(ValueError):  # the host is a name
        host = urlsplit(url).hostname or ""
        if host == "localhost" or not is_public(host):
            return None  # it is in somebody's own network
    try:
        link = Link(title=_name_of(url) if _is_sentence(label) or _only_points(label) else label, url=url)
    except ValueError:  # also of pydantic
        return None
    return links.setdefault(link.url, link.title)


def _is_sentence(text: str) -> bool:
    """Whether the words before an address are a statement rather than its name."""
    if len(text) > _LONGEST_LABEL:
        return True
    found = re.findall(r"[\w'’]+", text.casefold())
    has_verb = any(_VERB.fullmatch(word) for word in found) or bool(re.search(r"[;.!?]\s", text))
    return has_verb and len(found) > 2 and not _only_points(text)


def _only_points(text: str) -> bool:
    return _POINTING.issuperset(re.findall(r"[\w'’]+", text.casefold()))


def _name_of(url: str) -> str:
    """Return a label for an address: its host, and the last part of its path."""
    parts = urlsplit(url)
    if parts.scheme == "mailto":
        return parts.path
    last = next((part for part in reversed(parts.path.split("/")) if part), "")
    host = (parts.hostname or "").removeprefix("www.")
    return f"{host} : {last[:40]}" if last else host
