"""Links to users in a message's HTML: how clients write a mention that can be clicked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import unquote

_USER = re.compile(r"(?:https?://matrix\.to/#/|matrix:u/)(@?[^?/]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pill:
    user: str
    text: str  # what is read in its place
    before: str  # the visible text before it


def pills(html: str) -> list[Pill]:
    """All of them, in order; what a reply quotes (<mx-reply>) is left out."""
    if "<a" not in html.lower():
        return []
    page = _Page()
    page.feed(html)
    page.close()
    return page.found


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Pill] = []
        self._text = ""
        self._quoted = False
        self._open: tuple[str, int] | None = None  # user, and where its text begins

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "mx-reply":
            self._quoted = True
        elif tag == "a" and not self._quoted and (user := _user(dict(attrs).get("href") or "")):
            self._open = user, len(self._text)

    def handle_endtag(self, tag: str) -> None:
        if tag == "mx-reply":
            self._quoted = False
        elif tag == "a" and self._open:
            user, start = self._open
            self.found.append(Pill(user, self._text[start:], self._text[:start]))
            self._open = None

    def handle_data(self, data: str) -> None:
        if not self._quoted:
            self._text += data


def _user(href: str) -> str | None:
    match = _USER.match(href)
    user = unquote(match[1]) if match else ""
    user = f"@{user}" if href.lower().startswith("matrix:u/") else user
    return user if user.startswith("@") and ":" in user else None
