"""What people said before the bot came, as a network's export or its forum holds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from bot.messages.incoming import Message

UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
"""`sent` of a message whose date is missing or makes no sense."""

Skipped = Literal["notice", "robot", "undecryptable", "deleted", "private", "empty", "unreadable"]
"""Why something that was said there is not among the messages. `robot`: the bot itself, or one that it ignores."""


@dataclass(frozen=True, slots=True)
class Past:
    """`messages`: in their newest words, oldest first. `skipped`: how many are left out, by reason."""

    messages: Sequence[Message]
    skipped: Mapping[Skipped, int]
