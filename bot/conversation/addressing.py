"""How a message addresses the bot: by name, mention, direct room or command prefix. Pure.

Each message is parsed once, where the conversation gets it; everything after that reads the `Utterance`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.matching.text import bare, fold
from bot.messages import Message

_GREETING = re.compile(r"(?:bonjour|bonsoir|salut|coucou|hello|hi|hey|good (?:morning|evening)|dear all)\b[\s,!]*")
_COMPOUND = re.compile(r"\s+(?:d[eu]s?\b|d['’]|en\b|of\b)")  # 'concierge de tiers-lieu': the word of the field
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
        """By itself; a reply to one of the bot's posts may address it as well."""
        return self.called or self.message.direct or self.message.mentions_bot


def parse(message: Message, names: Sequence[str], prefix: str) -> Utterance:
    text, called = cut_vocative(message.text, names, message.mentions_bot)
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


def cut_vocative(text: str, names: Sequence[str], mentioned: bool) -> tuple[str, bool]:
    """The text after a vocative at its start, and whether there was one.

    `name :` is always a vocative, `name,` only where the bot is `mentioned`: its name is a word of the field. `@name`,
    a full user id and the text of a pill need no punctuation. A greeting may come first.
    """
    start = _after_greeting(text)
    for name in sorted(names, key=len, reverse=True):
        rest = _cut_name(text[start:], name, mentioned)
        if rest is not None:
            return rest, True
    return text, False


def _after_greeting(text: str) -> int:
    lead = len(text) - len(text.lstrip())
    greeting = _GREETING.match(_same_length(text[lead : lead + 40]))
    return lead + (greeting.end() if greeting else 0)


def _cut_name(text: str, name: str, mentioned: bool) -> str | None:
    at, name = "@" if text.startswith("@") else "", _same_length(name).lstrip("@")
    if not name or _same_length(text[: len(at + name)]) != at + name:
        return None
    return _cut_sign(text[len(at + name) :], bool(at) or ":" in name, mentioned)


def _cut_sign(rest: str, is_user_id: bool, mentioned: bool) -> str | None:
    sign = re.match(r"\s*([:,]|[!?.;–—-]+(?=\s|$)|$)\s*", rest)
    if sign and (sign[1] == ":" or is_user_id or (mentioned and sign[1] in (",", ""))):
        return rest[sign.end() :]
    is_call = is_user_id or (mentioned and not _COMPOUND.match(rest))  # nothing follows a pill
    return rest.lstrip() if is_call and rest[:1].isspace() else None


def _same_length(text: str) -> str:
    """Folded for comparison, character by character: positions stay the same."""
    return "".join(c.lower() if c.isascii() else bare(c.lower())[:1] or c for c in text)
