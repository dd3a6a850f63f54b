"""Whom a post names, from its HTML as the forum made it. Pure.

The forum knows names from code, addresses and text that only looks alike. What a post quotes calls nobody.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from urllib.parse import unquote

from bot.channels.discourse.site import folded

_TAG = re.compile(r"<(/?)([a-z]++)([^<>]*+)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(?<![a-z-])([a-z-]++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)')""", re.IGNORECASE)
_OTHERS = {"aside", "blockquote", "pre", "code"}  # what is said by somebody else, or to nobody
_MENTIONS = {"mention", "mention-group"}


def mentions(cooked: str) -> set[str]:
    """Names of users and groups, folded."""
    return {name for name in map(_name, _links(cooked)) if name}


def _links(cooked: str) -> Iterator[str]:
    """The attributes of the links that stand in nothing of others."""
    inside: list[str] = []
    opened = Counter[str]()  # the same without their order: thousands may stand in each other
    for closing, name, attributes in _TAG.findall(cooked):
        tag = name.lower()
        if tag in _OTHERS and not closing:
            inside.append(tag)
            opened[tag] += 1
        elif tag in _OTHERS and opened[tag]:
            while (left := inside.pop()) != tag:
                opened[left] -= 1
            opened[tag] -= 1
        elif tag == "a" and not closing and not inside:
            yield attributes


def _name(attributes: str) -> str | None:
    given = {name.lower(): unescape(one or other) for name, one, other in _ATTRIBUTE.findall(attributes)}
    if not _MENTIONS & set(given.get("class", "").split()):
        return None
    return folded(unquote(given.get("href", "").rstrip("/").rpartition("/")[2])) or None
