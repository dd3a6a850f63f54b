"""Posts as the forum gives them, made for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.channels.discourse.models import DiscoursePost
from bot.channels.discourse.site import Site

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
SITE = Site(url="https://forum.example/f", username="concierge", categories=("formations",), ignore=("Autobot",))


def called(name: str = "concierge") -> str:
    """The HTML of a post that mentions somebody."""
    return f'<p><a class="mention" href="/f/u/{name}">@{name}</a> bonjour</p>'


def a_post(id: int = 101, topic: int = 45, number: int = 2, **more: Any) -> DiscoursePost:
    fields = {
        "id": id,
        "topic_id": topic,
        "post_number": number,
        "topic_title": "Se former à la facilitation",
        "category_id": 5,
        "user_id": 7,
        "username": "ana",
        "raw": "Où trouver une formation ?",
        "cooked": "<p>Où trouver une formation ?</p>",
        "created_at": NOW.isoformat(),
        "post_type": 1,
    }
    return DiscoursePost.model_validate(fields | more)
