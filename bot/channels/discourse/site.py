"""Which forum, who the bot is there and what concerns it: the settings that the channel needs."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

CHANNEL = "discourse"
HELD = "held/"
"""Begins the id of a post that waits for a moderator."""

_TOPIC = re.compile(r"topic/(\d+)\Z")
_CATEGORY = re.compile(r"category/([^/]+)\Z")
_POST = re.compile(r"(\d+)/(\d+)(?:/|\Z)")


@dataclass(frozen=True, slots=True)
class Site:
    url: str  # with the folder, where the forum stands in one
    username: str  # the bot's own
    categories: tuple[str, ...] = ()  # slugs: where new topics are overheard
    moderators_group: str | None = None
    ignore: tuple[str, ...] = ()  # other bots
    direct: bool = False  # answers private messages
    poll: float = 60.0  # seconds between two looks
    pace: float = 1.0  # requests a second in the long run

    def is_us(self, username: str) -> bool:
        return folded(username) == folded(self.username)

    def ignores(self, username: str) -> bool:
        return folded(username) in map(folded, self.ignore)

    def link(self, topic: int, number: int = 1) -> str:
        """Works with any slug."""
        return f"{self.url.rstrip('/')}/t/-/{topic}/{number}"


def folded(username: str) -> str:
    """As a forum compares names: 'Groß' and 'Gross' may be two people there, which `casefold` would take for one."""
    return unicodedata.normalize("NFC", username).lower()


def room(topic: int) -> str:
    return f"topic/{topic}"


def topic_of(room: str) -> int | None:
    found = _TOPIC.match(room)
    return int(found[1]) if found else None


def category(slug: str) -> str:
    """A place for topics of our own."""
    return f"category/{slug}"


def category_of(room: str) -> str | None:
    found = _CATEGORY.match(room)
    return found[1] if found else None


def event_id(topic: int, number: int) -> str:
    """Of a post. Its edits and its deletion begin in the same way."""
    return f"{topic}/{number}"


def place_of(event: str) -> tuple[int, int] | None:
    """Topic and post number; None for what is no post, or not yet."""
    found = _POST.match(event)
    return (int(found[1]), int(found[2])) if found else None
