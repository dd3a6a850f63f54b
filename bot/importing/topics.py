"""Topics of a forum as rows. Pure."""

from __future__ import annotations

from typing import Any

from bot.conversation.moderation.extraction import fields_from_topic
from bot.importing import ImportedRow
from bot.messages import WholeTopic


def row_of_topic(topic: WholeTopic) -> ImportedRow | None:
    """Return a topic as a row; None if nobody wrote there, or not everybody may read it."""
    if topic.private or not topic.posts:
        return None
    fields: dict[str, Any] = fields_from_topic(topic.title, topic.url, topic.posts)
    links = "\n".join(f"- [{link['title']}]({link['url']})" for link in fields["links"])
    number = topic.url.rpartition("/")[2]
    return ImportedRow(
        int(number) if number.isdecimal() else 0,
        fields["questions"],
        title=topic.title,
        links=links,
        contacts=", ".join(fields["contacts"]),
        source=str(fields["source"]),
    )
