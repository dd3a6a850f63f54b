"""Whether a message is for the bot, and what is left of it without the call: name, mention or command prefix. Pure.

Each message is parsed once, where the conversation gets it; everything after that reads the `Utterance`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.messages import Message
from bot.reading.calls import cut_call
from bot.text.folding import fold

if TYPE_CHECKING:  # a text is read without a store
    from bot.store import Purpose

DISCUSSED: Set[Purpose] = {"asked", "asked_more", "draft", "note", "relayed", "phrasings"}
"""Posts that moderators discuss among themselves: a reply to one does not address the bot."""
_DECORATION = str.maketrans("", "", "\ufe0e\ufe0f🏻🏼🏽🏾🏿")  # variation selectors and skin tones
_AFTER_NAME = 40  # characters after a name that are folded with it: folding may change a text's length


@dataclass(frozen=True, slots=True)
class Utterance:
    """A message with what addresses the bot in it cut off.

    `text` has no vocative; `called`: there was one. `command` stands behind the prefix, None without a prefix;
    `names_bot`: the bot's name stood between them ('!concierge aide').
    """

    message: Message
    text: str = field(repr=False)
    called: bool = False
    command: str | None = field(default=None, repr=False)
    names_bot: bool = False

    @property
    def is_addressed(self) -> bool:
        """By a call, a mention or a direct room; `is_for_bot` counts replies and follow-ups as well."""
        return self.called or self.message.direct or self.message.mentions_bot


def is_for_bot(utterance: Utterance, replied_to: Purpose | None, is_follow_up: bool) -> bool:
    """Whether a message speaks to the bot: by itself, by being a reply to one of its posts, or as a follow-up.

    `replied_to`: the purpose of that post. A reply to the bot that mentions a person shows them its post; clients
    mention the bot in each reply to it.
    """
    message = utterance.message
    if replied_to and message.mentions_others and not (utterance.called or message.direct):
        return False
    is_reply = replied_to is not None and replied_to not in DISCUSSED
    return utterance.is_addressed or is_reply or is_follow_up


def parse(message: Message, names: Sequence[str], prefix: str) -> Utterance:
    text, called = cut_call(message.text, names, message.mentions_bot)
    command = text.strip()
    if not command.startswith(prefix):
        return Utterance(message, text, called)
    command = command.removeprefix(prefix)
    for name in names:
        if re.match(rf"{re.escape(fold(name))}(\s|$)", fold(command[: len(name) + _AFTER_NAME])):
            return Utterance(message, text, called, without_words(command, len(name.split())), names_bot=True)
    return Utterance(message, text, called, command)


def without_words(text: str, count: int) -> str:
    """The text without its first words; the lines below them keep their indentation, which may count."""
    return re.sub(rf"\A(?:\s*\S+){{{count}}}[^\S\n]*\n?", "", text)


def plain_sign(text: str) -> str:
    """An emoji in its plain form."""
    return text.translate(_DECORATION)
