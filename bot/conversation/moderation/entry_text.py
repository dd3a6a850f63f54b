"""An entry as a moderator types it into the chat: as YAML, or just as lines. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.conversation.moderation.changes import fields_after
from bot.conversation.moderation.reply_parser import parse_reply
from bot.knowledge.entry_input import typed, typed_changes

_FENCE = re.compile(r"\s*+(`{3,}+|~{3,}+)[^\n`]*+\n")
_KEYS = (
    *("id", "title", "questions", "not_questions", "keywords", "answer", "links", "contacts", "see_also", "updated"),
    *("review_by", "source"),
)
_YAML = re.compile(rf"^[^\S\n]*+(?:-\s++)?(?:{'|'.join(_KEYS)})\s*+:", re.MULTILINE)
_ID = re.compile(r"^[^\S\n]*+(?:-\s++)?id\s*+:", re.MULTILINE)
_BULLET = re.compile(r"^\s*[-*•]\s+")


def unfenced(text: str) -> str:
    """Without the fence of a code block around it."""
    found = _FENCE.match(text)
    return text[found.end() :].rstrip().removesuffix(found[1]).rstrip() if found else text


def fields(text: str) -> dict[str, object]:
    """Those of an entry; raises Refused for YAML that cannot be read."""
    plain = unfenced(text)
    if not _YAML.search(plain):
        return _lines(plain.strip().splitlines())
    return fields_after(typed(plain)) if _ID.search(plain) else typed_changes(plain)


def changes(text: str) -> dict[str, object]:
    """Those that shall be other than before; none: there were none in the text. Raises Refused."""
    plain = unfenced(text)
    return typed_changes(plain) if _YAML.search(plain) else {}


def _lines(lines: Sequence[str]) -> dict[str, object]:
    """The first line is the title; lines with a question mark at their end are ways of asking, the rest answers."""
    title, *rest = lines or [""]
    asks = [line.rstrip().endswith("?") for line in rest]
    questions = [_BULLET.sub("", line).strip() for line, asked in zip(rest, asks, strict=True) if asked]
    answer = parse_reply("\n".join(line for line, asked in zip(rest, asks, strict=True) if not asked))
    links = [{"title": name, "url": url} for name, url in answer.links]
    asked = questions or ([title.strip()] if title.strip() else [])
    given = {"title": title.strip(), "questions": asked, "answer": answer.text, "links": links}
    return {name: value for name, value in given.items() if value}
