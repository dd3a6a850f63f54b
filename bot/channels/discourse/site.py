"""The forum and the bot's account there; ids of its rooms and events."""

import re
import unicodedata

from bot.channels.discourse.settings import DiscourseSettings

_GROUP = "group/"
_TOPIC = re.compile(r"topic/(\d+)\Z")
_CATEGORY = re.compile(r"category/([^/]+)\Z")
_POST = re.compile(r"(\d+)/(\d+)(?:/|\Z)")


class Site(DiscourseSettings):
    """Settings with the `name` of the channel's instance. `url` includes the folder of a subfolder install."""

    name: str = "discourse"

    def is_us(self, username: str) -> bool:
        return folded(username) == folded(self.username)

    def link(self, topic: int, number: int = 1) -> str:
        """Return the address `/t/-/<topic>/<post number>`: `-` stands for any slug (`config/routes.rb`)."""
        return f"{self.url}/t/-/{topic}/{number}"


def folded(username: str) -> str:
    """Normalise a name as `User.normalize_username` (`app/models/user.rb`).

    `casefold` would merge 'Groß' and 'Gross', two people.
    """
    return unicodedata.normalize("NFC", username).lower()


def room(topic: int) -> str:
    return f"topic/{topic}"


def topic_of(room: str) -> int | None:
    match = _TOPIC.match(room)
    return int(match[1]) if match else None


def category(slug: str) -> str:
    """Return the room in which the bot opens topics."""
    return f"category/{slug}"


def category_of(room: str) -> str | None:
    match = _CATEGORY.match(room)
    return match[1] if match else None


def group(name: str) -> str:
    """Return the room of those who read the private messages to a group."""
    return f"{_GROUP}{name}"


def is_group(room: str) -> bool:
    return room.startswith(_GROUP)


def event_id(topic: int, number: int) -> str:
    """Return the id of a post, which is also the prefix of the ids of its edits and its deletion."""
    return f"{topic}/{number}"


def external_id(transaction: str) -> str:
    """Return the id by which a topic that an attempt opened is found again."""
    return f"concierge-{transaction}"


def position_of(event: str) -> tuple[int, int] | None:
    """Return topic and post number; None for a post that waits for approval, and for ids of no post."""
    match = _POST.match(event)
    return (int(match[1]), int(match[2])) if match else None
