"""Whether a message is for the bot, and its text without the call: name, mention or command prefix. Pure.

Each message is parsed once, on entering the conversation; everything after that reads the `Utterance`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.messages import Message
from bot.reading.calls import CALLS, MAY_CALL, MENTIONED, cut_call
from bot.reading.read import Reader
from bot.text.folding import fold

if TYPE_CHECKING:  # a text is read without a store
    from bot.store import Purpose

DISCUSSED: Set[Purpose] = {"asked", "asked_more", "draft", "note", "relayed", "phrasings"}
"""Posts that moderators discuss among themselves: a reply to one does not address the bot."""
REPLIES: Set[Purpose] = {"answer", "short", "suggest", "unknown", "told"}
"""Posts to a member about a question."""
_DECORATION = str.maketrans("", "", "\ufe0e\ufe0f🏻🏼🏽🏾🏿")  # variation selectors and skin tones
_AFTER_NAME = 40  # characters folded beyond a name's length: folding may change the length of a text


@dataclass(frozen=True, slots=True)
class Utterance:
    """A message without the parts that address the bot.

    `text`: without the bot's name; `called`: the name was there. `command`: the text after the prefix, None without a
    prefix; `names_bot`: the bot's name stood between them ('!concierge aide'). `aside`: of one that calls nobody for
    sure, the text without a name that perhaps does.
    """

    message: Message
    text: str = field(repr=False)
    called: bool = False
    command: str | None = field(default=None, repr=False)
    names_bot: bool = False
    aside: str = field(default="", repr=False)

    @property
    def is_addressed(self) -> bool:
        """Whether there is a call, a mention or a direct room; `is_for_bot` counts replies and follow-ups as well."""
        return self.called or self.message.direct or self.message.mentions_bot


def is_for_bot(utterance: Utterance, replied_to: Purpose | None, is_follow_up: bool) -> bool:
    """Whether a message is for the bot: it addresses the bot, replies to one of its posts, or is a follow-up.

    `replied_to`: the purpose of that post. A reply that mentions another person only shows them the post; clients
    mention the bot in each reply to it.
    """
    message = utterance.message
    if replied_to and message.mentions_others and not (utterance.called or message.direct):
        return False
    is_reply = replied_to is not None and replied_to not in DISCUSSED
    return utterance.is_addressed or is_reply or is_follow_up


def parse(message: Message, names: Sequence[str], prefix: str, reader: Reader) -> Utterance:
    text, called = cut_call(message.text, names, MENTIONED if message.mentions_bot else CALLS, reader)
    command = text.strip()
    if not command.startswith(prefix):
        aside, may_call = ("", False) if called else cut_call(text, names, MAY_CALL, reader)
        return Utterance(message, text, called, aside=aside if may_call else "")
    command = command.removeprefix(prefix)
    for name in names:
        if re.match(rf"{re.escape(fold(name))}(\s|$)", fold(command[: len(name) + _AFTER_NAME])):
            return Utterance(message, text, called, without_words(command, len(name.split())), names_bot=True)
    return Utterance(message, text, called, command)


def without_words(text: str, count: int) -> str:
    """Return the text without its first words; the lines below keep their indentation, which may be YAML."""
    return re.sub(rf"\A(?:\s*\S+){{{count}}}[^\S\n]*\n?", "", text)


def plain_sign(text: str) -> str:
    """Return an emoji without variation selectors and skin tones."""
    return text.translate(_DECORATION)
