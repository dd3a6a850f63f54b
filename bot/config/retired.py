"""Keys of earlier versions: each is accepted with a warning, and still holds where another key took its place."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from bot.channels.registry import CHANNELS
from bot.knowledge.yaml.lines import quote
from bot.knowledge.yaml.problems import Document, Position, Problem, Tree

Old = dict[str, Tree]  # a section as it was written

_YES_OR_NO = TypeAdapter(bool)


@dataclass(frozen=True, slots=True)
class RetiredKeys:
    """Keys of a section that are no longer settings. `successor`: the key that took their place, if there is one.

    `convert` returns the successor's value, or None if the default means the same; it is not called if the section has
    the successor already, unless that one only got another meaning (`means_else`).
    """

    section: str
    keys: tuple[str, ...]
    successor: str = ""
    convert: Callable[[Old], Tree | None] = lambda old: None
    means_else: bool = False


def _encoder(old: Old) -> Tree | None:
    try:
        return None if _YES_OR_NO.validate_python(old["semantic"]) else "false"
    except ValidationError:
        return old["semantic"]


def _address(old: Old) -> Tree:
    host = str(old.get("host", "127.0.0.1"))
    return f"{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{old.get('port', 8080)}"


def _questions(old: Old) -> Tree | None:
    """The same rate, for ten minutes."""
    try:
        questions, minutes = int(str(old.get("questions", 30))), float(str(old["minutes"]))
        rate = math.ceil(questions * 10 / minutes)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    return None if rate == questions else str(rate)


RETIRED = (
    RetiredKeys("matching", ("semantic",), "encoder", _encoder),
    RetiredKeys("web", ("host", "port"), "address", _address),
    RetiredKeys("digest", ("day", "at"), "when", lambda old: f"{old.get('day', 'monday')} {old.get('at', '09:00')}"),
    RetiredKeys("flood", ("minutes",), "questions", _questions, means_else=True),
    RetiredKeys("answers", ("suggest",)),
    *(RetiredKeys(kind.name, kind.retired) for kind in CHANNELS.values()),
)


def renew(document: Document) -> Iterator[Problem]:
    """Replace the retired keys in a document, in place, and yield warnings about them."""
    for retired in RETIRED:
        section = document.data.get(retired.section) if isinstance(document.data, dict) else None
        if not isinstance(section, dict) or not (written := [key for key in retired.keys if key in section]):
            continue
        is_given = retired.successor in section and not retired.means_else
        value = None if is_given else retired.convert(section)
        if value is None:  # no line means the same: say of each key why it is no longer needed
            for key in written:
                sentence = "setting_unneeded" if retired.successor else f"setting_unneeded_{key}"
                line = document.line(retired.section, key)
                yield Problem(document.file, line, sentence, {"key": f"{retired.section}.{key}"}, warning=True)
        else:
            line = document.line(retired.section, written[0])
            section[retired.successor] = value
            document.position(retired.section).inner[retired.successor] = Position(line, {})
            new = value if isinstance(value, str) and value.isalnum() else quote(str(value))
            keys = ", ".join(f"{retired.section}.{key}" for key in written)
            values = {"key": keys, "new": f"{retired.successor}: {new}"}
            yield Problem(document.file, line, "setting_renamed", values, warning=True)
        for key in written:
            del section[key]
