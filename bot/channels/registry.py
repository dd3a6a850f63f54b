"""Table of the networks that the bot can join. Another one is a package with a `KIND`, and its row here."""

from typing import Any

from bot.channels.channel_kind import ChannelKind
from bot.channels.discourse import KIND as DISCOURSE
from bot.channels.matrix import KIND as MATRIX

CHANNELS: dict[str, ChannelKind[Any]] = {kind.name: kind for kind in (MATRIX, DISCOURSE)}
"""Networks by the names of their sections in the settings file, in the order in which they are built and examined."""
