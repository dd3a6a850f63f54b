"""From a topic of the forum to a draft of an entry: what was asked, every link that came, who answered. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from bot.matching.text import sentences

PHRASINGS = 6  # questions of the first post that are taken over
LONGEST = 200  # characters of one
NAMES = 10  # of those who answered

_OTHERS = {"aside.quote", "pre", "code"}  # what somebody else said, or nobody
_NO_RESOURCE = {"mention", "mention-group", "hashtag", "hashtag-cooked", "lightbox", "attachment", "anchor"}


@dataclass(frozen=True, slots=True)
class ForumPost:
    """A post: who wrote it, in plain text, and as HTML, where the forum has given links their titles."""

    author: str
    text: str = field(repr=False)
    html: str = field(repr=False)


def fields(title: str, url: str, posts: Sequence[ForumPost]) -> dict[str, object]:
    """Of an entry, but for its id; `url` is the topic's. The first post asks, the others answer.

    Where no reply has a link, those of the first post are taken.
    """
    first, *answers = posts
    found = links(url, answers) or links(url, [first])
    return {
        "title": title,
        "questions": [title, *(asked for asked in questions(first.text) if asked.casefold() != title.casefold())],
        "links": [{"title": name, "url": address} for address, name in found.items()],
        "contacts": list(dict.fromkeys(post.author for post in answers if post.author != first.author))[:NAMES],
        "source": f"fil du forum, {url}",
    }


def questions(text: str) -> list[str]:
    """What a post asks, sentence by sentence."""
    asked = [sentence for sentence in sentences(text) if "?" in sentence and len(sentence) <= LONGEST]
    return list(dict.fromkeys(asked))[:PHRASINGS]


def links(url: str, posts: Sequence[ForumPost]) -> dict[str, str]:
    """Address -> title, in the order in which they came; each once, by its best title."""
    found: dict[str, str] = {}
    for post in posts:
        for address, title in _Links.of(post.html):
            address = urljoin(url, address)
            if urlsplit(address).scheme in ("http", "https", "mailto") and address != url:
                found[address] = _better(address, found.get(address, ""), title)
    return found


def _better(address: str, known: str, title: str) -> str:
    """A text rather than an address, and the first one that was given."""
    given = [text for text in (known, title) if text and text != _bare(address) and not text.startswith("http")]
    return given[0] if given else _bare(address)


def _bare(address: str) -> str:
    """An address as a title: without what is before the host, and without what only machines read."""
    parts = urlsplit(address)
    return (parts.netloc.removeprefix("www.") + parts.path).rstrip("/") or address


class _Links(HTMLParser):
    """The links that somebody gives in a post; not those of a quote, of a name, of a picture."""

    def __init__(self) -> None:
        super().__init__()
        self._open: list[tuple[str, str]] = []  # tag and, for what is passed over, its name
        self._found: list[tuple[str, list[str]]] = []
        self._inside = False

    @classmethod
    def of(cls, html: str) -> Iterator[tuple[str, str]]:
        parser = cls()
        parser.feed(html)
        parser.close()
        return ((address, " ".join("".join(text).split())) for address, text in parser._found)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        kinds = set(given.get("class", "").split())
        if tag in ("aside", "pre", "code"):
            name = f"{tag}.quote" if "quote" in kinds else tag
            self._open.append((tag, name))
        elif tag == "a" and given.get("href") and not (kinds & _NO_RESOURCE or self._passed_over):
            self._found.append((given["href"], []))
            self._inside = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._inside = False
        elif self._open and self._open[-1][0] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._inside:
            self._found[-1][1].append(data)

    @property
    def _passed_over(self) -> bool:
        return any(name in _OTHERS for _, name in self._open)
